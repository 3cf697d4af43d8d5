"""Logs: one line an event, as text for people or JSON for machines. No token, number, name or text of a person gets in."""

import logging
import sys
import traceback

import structlog
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest
from structlog.typing import EventDict, Processor, WrappedLogger

log = structlog.get_logger(__name__)


def configure() -> None:
    """Send our own and the libraries' warnings to standard error, in the form that TELAL_LOG asks for."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places_only,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.TELAL_LOG == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("telal").setLevel(logging.INFO)
    # Django's own lines quote the path (a slip's token) and the Host of every scanner: what matters of them we say ourselves.
    for noisy in ("django.request", "django.security"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    got_request_exception.connect(_say_request_failed, dispatch_uid="telal")


def _places_only(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Of an exception, its kind and the places in the code: its message may quote a person's data."""
    given = line.pop("exc_info", None)
    error = (
        given[1]
        if isinstance(given, tuple)
        else given
        if isinstance(given, BaseException)
        else sys.exc_info()[1]
        if given
        else None
    )
    if error is not None:
        places = "".join(traceback.format_tb(error.__traceback__))
        line["exception"] = f"{places}{type(error).__module__}.{type(error).__qualname__}"
    return line


def _say_request_failed(request: HttpRequest | None = None, **_: object) -> None:
    page = request.resolver_match.view_name if request and request.resolver_match else ""
    log.error("request_failed", page=page, exc_info=True)
