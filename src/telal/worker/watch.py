"""What an onlooker sees: what is waiting and for how long, who works, and whether anything may leave.

Read from the database, so it is the same from every process. It costs the same however long the history is: every question goes to
an index of what is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from telal import sql
from telal.messaging.claims import FIRST_IN_LINE
from telal.messaging.lease import LEASE
from telal.messaging.models import Lane, State

LANES = {Lane.ANSWER: "answers", Lane.NOTICE: "notices", Lane.BULK: "bulk"}
OPEN = (State.QUEUED.value, State.SENDING.value, State.UNCERTAIN.value)
# Among so many at the head of a queue we look for the one that has waited longest.
LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Queue:
    """``oldest`` is how long the first that could be dealt with has been waiting; nothing, where none could."""

    length: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Sight:
    """How it stands. ``last_worked`` is how long ago a worker last gave a sign of life, None if none has ever, or all have left;
    ``stopped_because`` is by scope (see ``Stop``).
    """

    queues: Mapping[str, Queue]
    messages: Mapping[str, int]
    workers: int
    last_worked: timedelta | None
    stopped_because: Mapping[str, str]
    unreachable: int

    @property
    def longest_wait(self) -> timedelta:
        return max(queue.oldest for queue in self.queues.values())


def look() -> Sight:
    """Ask the database. Raises what it raises."""
    now = sql.database_now()
    workers, expires_at = _rows(
        "SELECT count(CASE WHEN expires_at > %s THEN 1 END), max(expires_at) FROM messaging_sender",
        sql.stamp(now),
    )[0]
    stopped = _rows("SELECT scope, because FROM messaging_stop WHERE ended_at IS NULL ORDER BY scope")
    unreachable = _rows("SELECT count(*) FROM messaging_contact WHERE unreachable_because <> ''")[0][0]
    return Sight(
        queues={"callbacks": _callbacks(now), "events": _events(now), **_outbox(now)},
        messages=dict.fromkeys(OPEN, 0)
        | dict(
            _rows("SELECT state, count(*) FROM messaging_message WHERE due_at IS NOT NULL GROUP BY state")
        ),
        workers=workers,
        last_worked=_since(sql.as_time(expires_at) - LEASE, now) if expires_at else None,
        stopped_because=dict(stopped),
        unreachable=unreachable,
    )


def _callbacks(now: datetime) -> Queue:
    return _queue(
        now, *_rows("SELECT count(*), min(received_at) FROM messaging_inbound WHERE handled_at IS NULL")[0]
    )


def _events(now: datetime) -> Queue:
    """What may still be taken back does not wait for us."""
    length, first = _rows(
        f"SELECT count(*), min(event_id) FROM cases_untold WHERE not_before IS NULL OR not_before <= {sql.clock()}"  # noqa: S608
    )[0]
    oldest = _rows("SELECT recorded_at FROM cases_caseevent WHERE id = %s", first or 0)
    return _queue(now, length, oldest[0][0] if oldest else None)


def _outbox(now: datetime) -> dict[str, Queue]:
    lengths = dict(
        _rows("SELECT lane, count(*) FROM messaging_message WHERE due_at IS NOT NULL GROUP BY lane")
    )
    return {name: _queue(now, lengths.get(lane, 0), _first_due(lane, now)) for lane, name in LANES.items()}


def _first_due(lane: int, now: datetime) -> Any:
    """Since when the oldest has been due that nothing holds: neither a pause nor an earlier message of the same contact."""
    return _rows(
        f"""
        SELECT min(m.due_at) FROM (
            SELECT id, contact_id, due_at FROM messaging_message
            WHERE due_at IS NOT NULL AND state = 'queued' AND lane = %s ORDER BY lane, id LIMIT %s
        ) m
        WHERE m.due_at <= %s AND m.id = {FIRST_IN_LINE}
        """,  # noqa: S608  (built from constants)
        lane, LOOKED_AT, sql.stamp(now),
    )[0][0]  # fmt: skip


def _queue(now: datetime, length: int, since: datetime | str | None) -> Queue:
    return Queue(length, _since(sql.as_time(since), now) if since else timedelta())


def _since(at: datetime, now: datetime) -> timedelta:
    """Clocks of several machines may differ a little: never less than nothing."""
    return max(timedelta(), now - at)


def _rows(statement: str, *parameters: sql.Value) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows
