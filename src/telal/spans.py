"""The steps of a path as OpenTelemetry spans, when a collector is configured (``OTEL_EXPORTER_OTLP_ENDPOINT``).

Otherwise nothing of OpenTelemetry is loaded, and ``on`` is false: ask it before a span is put together. A span is told when its
step is over. Its trace is the id that the path has everywhere else (see ``tracing``); the ids of spans are made so that whoever
tells of a later step, in another process and perhaps days after, knows the id of the one before.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime
from threading import Thread
from typing import Literal

from django.conf import settings

Step = Literal["callback", "handle", "change", "announce", "send"]
Attribute = str | int | float | bool

# A collector that does not answer shall not hold up the end of the process. Seconds.
LAST_EXPORT = 2.0

on = False
_end: Callable[[str, int, int, int, int, int, dict[str, Attribute]], None]
_close: Callable[[], None] | None = None


def tell(
    step: Step,
    trace: str,
    began: datetime,
    ended: datetime | None = None,
    *,
    id_: int = 0,
    parent: int = 0,
    **attributes: Attribute,
) -> None:
    """A step is over (now, if not said). Attributes hold ids of ours and codes, never anything of a person."""
    if on and trace:
        end = time.time_ns() if ended is None else _nanoseconds(ended)
        _end(
            step,
            int(trace, 16),
            id_ or random.getrandbits(63) + 1,
            parent,
            _nanoseconds(began),
            end,
            attributes,
        )


def of_callback(trace: str) -> int:
    """The id of the span of the callback that began this trace."""
    return int(trace[16:], 16) or 1


def of_change(event_id: int) -> int:
    """The id of the span in which a line of the timeline was written."""
    return (1 << 60) | event_id


def of_announcement(message_id: int) -> int:
    """The id of the span in which this notice was queued."""
    return (2 << 60) | message_id


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1e6) * 1000


# ── OpenTelemetry ────────────────────────────────────────────────────────────────────────────────────────────────────


def configure() -> None:
    """Begin to export, if a collector is configured. Everything about it is set by OpenTelemetry's own variables."""
    global on, _end, _close
    if not settings.TELAL_TRACES:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import Decision
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

    provider = TracerProvider(shutdown_on_exit=False)
    processor = BatchSpanProcessor(OTLPSpanExporter())
    scope = InstrumentationScope("telal")
    sampled = TraceFlags(TraceFlags.SAMPLED)
    kinds = {"callback": SpanKind.SERVER, "send": SpanKind.CLIENT}

    def end(
        step: str, trace: int, id_: int, parent: int, began: int, ended: int, attributes: dict[str, Attribute]
    ) -> None:
        if provider.sampler.should_sample(None, trace, step).decision is not Decision.RECORD_AND_SAMPLE:
            return
        processor.on_end(
            ReadableSpan(
                step,
                context=SpanContext(trace, id_, False, sampled),
                parent=SpanContext(trace, parent, True, sampled) if parent else None,
                resource=provider.resource,
                attributes={f"telal.{name}": value for name, value in attributes.items()},
                kind=kinds.get(step, SpanKind.INTERNAL),
                instrumentation_scope=scope,
                start_time=began,
                end_time=ended,
            )
        )

    on, _end, _close = True, end, processor.shutdown


def close() -> None:
    """Export what is left."""
    if not _close:
        return
    closing = Thread(target=_close, daemon=True)
    closing.start()
    closing.join(LAST_EXPORT)
