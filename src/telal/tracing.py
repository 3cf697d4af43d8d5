"""One id through the whole path: from what came in, over what was written down, to what was said to whom.

The id is a W3C trace id. It is born where something comes in and kept with it: ``Inbound``, ``CaseEvent``, ``Message``. It begins
with the time, as W3C allows, so that an index of ids grows at its end only, however old the table is.
"""

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who traces the request that we serve: the trace, and their span."""

    trace: UUID
    span: int


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def new() -> str:
    """A new id, 32 hexadecimal digits: 48 bits of time in milliseconds and 80 of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}"


def current() -> UUID:
    """The id of the caller's trace, or a new one where something begins."""
    caller = _caller.get()
    return caller.trace if caller else UUID(new())


def callers_span() -> int:
    """The id of the caller's span, or nought."""
    caller = _caller.get()
    return caller.span if caller else 0


def from_traceparent(header: str) -> Caller | None:
    """Who calls, by their ``traceparent`` header; None where there is no valid one."""
    found = _TRACEPARENT.fullmatch(header)
    return Caller(UUID(found[1]), int(found[2], 16)) if found else None


@contextmanager
def following(caller: Caller | None) -> Iterator[None]:
    """What is begun within belongs to the caller's trace."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)
