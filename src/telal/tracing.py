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
from uuid import UUID

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?"
)

_followed: ContextVar[UUID | None] = ContextVar("followed", default=None)


def new() -> str:
    """A new id, 32 hexadecimal digits: 48 bits of time in milliseconds and 80 of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}"


def current() -> UUID:
    """The id that is being followed, or a new one where something begins."""
    return _followed.get() or UUID(new())


def from_traceparent(header: str) -> UUID | None:
    """The trace id in a ``traceparent`` header of somebody else's trace; None where there is no valid one."""
    found = _TRACEPARENT.fullmatch(header)
    return UUID(found[1]) if found else None


@contextmanager
def following(trace: UUID | None) -> Iterator[None]:
    """What is begun within belongs to this trace."""
    token = _followed.set(trace)
    try:
        yield
    finally:
        _followed.reset(token)
