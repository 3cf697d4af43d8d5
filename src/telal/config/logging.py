"""Logs: one line an event, as text for people or JSON for machines. No token, number, name or text of a person gets in.

A line is written for each step of each message, so it has to be cheap: our own lines are made in one go and do not pass through
the standard library, which costs several times as much (docs/performance.md). What libraries say comes in the same form.
"""

import atexit
import logging
import sys
import threading
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson
import structlog
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest
from structlog.typing import EventDict, WrappedLogger

# How long a line of the ordinary course may wait for others, and how many bytes of them may.
GATHER = 0.1
_LARGEST_GATHERING = 1 << 18

log = structlog.get_logger(__name__)


class Lines:
    """Lines on their way to a file. Those that tell steps are written together, a warning at once with all before it.

    Each write lets another thread have the interpreter; one a line would cost more than all else that is done for it. Where the
    disk is full, lines wait in memory as far as they fit, and then are lost; whoever said them goes on.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting = threading.Event()
        self._moment = threading.Event()
        threading.Thread(target=self._write_now_and_then, name="log", daemon=True).start()
        atexit.register(self._flush)

    def info(self, line: bytes) -> None:
        with suppress(OSError):
            self._file.write(line + b"\n")
        if not self._waiting.is_set():
            self._waiting.set()

    def critical(self, line: bytes) -> None:
        with suppress(OSError):
            self._file.write(line + b"\n")
        self._flush()

    debug = info
    warning = error = critical

    def _write_now_and_then(self) -> None:
        while self._waiting.wait():
            # Never set. A sleep asks a clock, and a clock that is turned may refuse it.
            self._moment.wait(GATHER)
            self._waiting.clear()
            self._flush()

    def _flush(self) -> None:
        with suppress(OSError):  # it is tried again with the next line
            self._file.flush()


def configure(*, steps: bool) -> None:
    """Send our own lines and the libraries' warnings to standard error, in the form that TELAL_LOG asks for.

    ``steps`` asks for the steps of each message, too: a command at a terminal says by itself what it has done.
    """
    lines = Lines(open(2, "wb", _LARGEST_GATHERING, closefd=False))  # noqa: SIM115  (open as long as the process)
    line = _as_json if settings.TELAL_LOG == "json" else _as_text
    structlog.configure(
        processors=[_places_only, line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if steps else logging.WARNING),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Foreign(line))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # Django's own lines quote the path (a slip's token) and the Host of every scanner: what matters of them we say ourselves.
    for noisy in ("django.request", "django.security"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    got_request_exception.connect(_say_request_failed, dispatch_uid="telal")


def _as_json(_: WrappedLogger, level: str, line: EventDict) -> bytes:
    return orjson.dumps(
        {"timestamp": datetime.now(UTC), "level": _level(level), **line}, default=str, option=orjson.OPT_UTC_Z
    )


def _as_text(_: WrappedLogger, level: str, line: EventDict) -> bytes:
    event, exception = line.pop("event"), line.pop("exception", "")
    facts = " ".join([f"{name}={value!r}" for name, value in line.items()])
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    text = f"{at} {_level(level):8} {event:24} {facts}".rstrip()
    return (f"{text}\n{exception}" if exception else text).encode(errors="replace")


def _level(method: str) -> str:
    return "error" if method == "exception" else method


class _Foreign(logging.Formatter):
    """What a library says, as a line of ours."""

    def __init__(self, line: Any) -> None:
        super().__init__()
        self._line = line

    def format(self, record: logging.LogRecord) -> str:
        said: EventDict = {
            "event": record.getMessage(),
            "logger": record.name,
            "exc_info": record.exc_info,
        }
        line: bytes = self._line(None, record.levelname.lower(), _places_only(None, "", said))
        return line.decode()


def _places_only(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Of an exception, its kind and the places in the code: its message may quote a person's data."""
    given = line.pop("exc_info", None)
    if not given:
        return line
    error = (
        given[1]
        if isinstance(given, tuple)
        else given
        if isinstance(given, BaseException)
        else sys.exc_info()[1]
    )
    if error is not None:
        places = "".join(traceback.format_tb(error.__traceback__))
        line["exception"] = f"{places}{type(error).__module__}.{type(error).__qualname__}"
    return line


def _say_request_failed(request: HttpRequest | None = None, **_: object) -> None:
    page = request.resolver_match.view_name if request and request.resolver_match else ""
    log.error("request_failed", page=page, exc_info=True)
