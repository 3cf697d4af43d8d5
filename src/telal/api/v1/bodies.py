"""Reading what was sent: its size, its media type, its encoding, its JSON."""

import hashlib
from typing import Any, cast

import orjson
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest
from ninja.parser import Parser

from telal.api.v1.problems import Problem

LARGEST_BODY = 1 << 20
LARGEST_BATCH = 16 << 20
_BOM = b"\xef\xbb\xbf"


class StrictParser(Parser):
    """The JSON body of one request."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return cast(dict[str, Any], parse(read(request, "application/json", LARGEST_BODY)))


def accept_chunks(request: HttpRequest) -> None:
    """Let a body without a Content-Length be read (.NET and Java send such), which WSGI forbids and our server provides."""
    environ = getattr(request, "environ", {})
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked" and not environ.get("CONTENT_LENGTH"):
        request._stream = LimitedStream(environ["wsgi.input"], LARGEST_BATCH + 1)  # type: ignore[assignment]


def read(request: HttpRequest, media_type: str, largest: int) -> bytes:
    """The body. Raises Problem 413 or 415."""
    if request.content_type != media_type:
        raise Problem(415, f"The body must be {media_type}: say so in the Content-Type header.")
    try:
        body = request.body
    except RequestDataTooBig:
        body = None
    if body is None or len(body) > largest:
        raise Problem(413, f"The body is larger than {largest >> 20} MiB: send it in parts.")
    return body.removeprefix(_BOM)


def parse(body: bytes, what: str = "body") -> Any:
    """The JSON value. Raises Problem 400, which says where the ``what`` is broken."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Problem(
            400,
            f"The {what} is not UTF-8: byte {error.start + 1} does not fit. Send the text as UTF-8 (not windows-1250).",
        ) from None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(
            400, f"The {what} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical JSON of an event: the order of its fields does not matter."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
