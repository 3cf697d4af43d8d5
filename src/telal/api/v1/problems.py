"""Errors as RFC 9457 problem documents: what is wrong, where, and what to do. They never repeat a value that was sent."""

import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any

import orjson
import structlog
from django.http import HttpResponse

from telal.sql import OUT_OF_REACH

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: the anchor on the page of the API that explains it, and its title."""

    anchor: str
    title: str
    remedy: str


KINDS = {
    400: Kind("unreadable", "The request cannot be read", "Correct the request: the same again fails again."),
    401: Kind("no-valid-key", "No valid API key", "Send Authorization: Bearer and a key from `telal apikey create NAME`."),
    404: Kind("not-found", "Not found", "Check the address. A case must be created with PUT before anything else."),
    405: Kind("method-not-allowed", "Method not allowed here", "Use one of the methods in the Allow header."),
    409: Kind("conflict", "In conflict with what is recorded", "Read the case and decide: the same again fails again."),
    410: Kind("gone", "No longer kept", "Leave it: a case that was closed long ago is not sent again."),
    413: Kind("too-large", "Too large", "Send it in smaller parts."),
    415: Kind("wrong-media-type", "Wrong media type", "Set the Content-Type header to what the body is."),
    422: Kind("invalid", "A field is not as it should be", "Correct the fields listed in errors: nothing was changed."),
    500: Kind("our-fault", "Something went wrong on our side", "Repeat it later, which does no harm; then look in the log."),
    503: Kind("not-now", "Not just now", "Repeat it in a while: the database is away, full or busy. What was done stays done."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldError:
    """``field`` is a path in the body, such as ``consent.given_at``."""

    field: str
    detail: str


@dataclass(eq=False)
class Problem(Exception):
    """Why a request cannot be fulfilled. ``status`` is one of KINDS; ``detail`` is for the person who wrote the client."""

    status: int
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        kind = KINDS[self.status]
        document: dict[str, Any] = {
            "type": f"/api/v1/docs#{kind.anchor}",
            "title": kind.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [asdict(error) for error in self.errors]
        return document

    def response(self) -> HttpResponse:
        response = HttpResponse(
            orjson.dumps(self.document()), status=self.status, content_type=MEDIA_TYPE, headers=self.headers
        )
        # Django would log the path, and with it the case.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


def invalid(errors: Iterable[Mapping[str, Any]], *, skip: int = 0) -> Problem:
    """A 422 from pydantic's errors; ``skip`` is the number of leading parts of each location that are not the sender's."""
    found = [FieldError(_path(error["loc"][skip:]), _sentence(error)) for error in errors]
    return Problem(422, " ".join(f"{each.field}: {each.detail}" for each in found[:3]), found)


def _path(location: Sequence[str | int]) -> str:
    return ".".join(str(part)[:100] for part in location) or "body"


_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "string_type": "Give a text, in quotation marks.",
    "string_unicode": "The text is not valid Unicode.",
    "string_too_long": "The text is too long: at most {max_length} characters.",
    "string_too_short": "The text must not be empty.",
    "bool_type": "Give true or false, without quotation marks.",
    "literal_error": "Use one of: {expected}.",
    "model_type": "Give a JSON object.",
    "model_attributes_type": "Give a JSON object.",
    "dict_type": "Give a JSON object.",
}


def _sentence(error: Mapping[str, Any]) -> str:
    sentence = _SENTENCES.get(error["type"])
    return sentence.format(**error.get("ctx", {})) if sentence else str(error["msg"])


def our_fault(error: Exception) -> Problem:
    """A 500, or a 503 where only the database is out of reach.

    The log says where it happened; not with what, because errors of the database quote values.
    """
    if isinstance(error, OUT_OF_REACH):
        log.error("database_out_of_reach", error=type(error).__name__)
        return Problem(
            503, "The database is out of reach just now. Send the same again.", headers={"Retry-After": "5"}
        )
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    log.error("an API request failed", error=type(error).__name__, where=where)
    return Problem(
        500, "Something went wrong on our side, and the log says where. Sending it again does no harm."
    )
