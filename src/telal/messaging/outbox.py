"""Owing somebody a message, and no longer owing it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from telal import sql
from telal.messaging.channel import Button
from telal.messaging.models import MESSAGE_TEXT, Lane, Message, State
from telal.sealing.seals import seal


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a message is owed: the trace of what came in, and when it did. Our promise counts from there."""

    trace: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """Something to say to a contact."""

    contact_id: int
    lane: Lane
    text: str
    buttons: Sequence[Button]
    cause: Cause


def owe(owed: Sequence[Owed], now: datetime) -> list[int]:
    """Queue messages in this order: each leaves as soon as its contact's line allows. Returns their ids, in the same order."""
    return sql.insert(Message, [_row(one) for one in owed], created_at=now, due_at=now)


def _row(one: Owed) -> dict[str, object]:
    """A message as it is stored."""
    return {
        "contact_id": one.contact_id,
        "lane": one.lane.value,
        "text": seal(one.text, MESSAGE_TEXT),
        "buttons": one.buttons,
        "caused_at": one.cause.at,
        "trace": one.cause.trace and one.cause.trace.hex,
    }


def cancel(messages: QuerySet[Message], reason: str, now: datetime) -> int:
    """Take back those that have not left yet. What is being sent just now is beyond recall; it is not tried again."""
    open_ = messages.filter(due_at__isnull=False)
    return open_.update(state=State.CANCELLED, due_at=None, ended_at=now, error=reason)


def cancel_open(contact_id: int, reason: str, now: datetime) -> int:
    """Take back all that is owed to a contact, answers and notices alike."""
    return cancel(Message.objects.filter(contact_id=contact_id), reason, now)


@dataclass(frozen=True, slots=True)
class Echo:
    """A contact wrote, and the platform returned our reference with it: the id of a message of ours, or nonsense."""

    contact_id: int
    reference: str
    at: datetime


def prove_arrival(echoes: Iterable[Echo]) -> None:
    """The citizens answered messages that carry our reference: so these had arrived, whatever we had feared."""
    rows = [
        {"id": int(echo.reference), "contact_id": echo.contact_id, "at": echo.at}
        for echo in echoes
        if echo.reference.isascii() and echo.reference.isdecimal() and len(echo.reference) <= 18
    ]
    if not rows:
        return
    columns = {"id": "bigint", "contact_id": "bigint", "at": "timestamptz"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE messaging_message SET state = 'delivered', due_at = NULL, delivered_at = r.at, ended_at = NULL
            FROM {sql.rows_as("r", **columns)}
            WHERE messaging_message.id = r.id AND messaging_message.contact_id = r.contact_id
                AND state IN ('uncertain', 'queued') AND started_at IS NOT NULL
            """,  # noqa: S608  (built from constants)
            [sql.as_parameter(rows)],
        )
