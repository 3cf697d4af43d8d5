"""Owing somebody a message, and no longer owing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from telal.messaging import sql
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
    """Take back those that have not left yet. What is being sent just now is beyond recall."""
    waiting = messages.filter(due_at__isnull=False, state__in=(State.QUEUED, State.UNCERTAIN))
    return waiting.update(state=State.CANCELLED, due_at=None, ended_at=now, error=reason)


def cancel_open(contact_id: int, reason: str, now: datetime) -> int:
    """Take back all that is owed to a contact, answers and notices alike."""
    return cancel(Message.objects.filter(contact_id=contact_id), reason, now)


def prove_arrival(contact_id: int, reference: str, at: datetime) -> None:
    """The citizen answered a message that carries our reference: so it had arrived, whatever we had feared."""
    if not reference.isascii() or not reference.isdecimal() or len(reference) > 18:
        return
    doubted = Message.objects.filter(
        pk=int(reference), contact_id=contact_id, state__in=(State.UNCERTAIN, State.QUEUED)
    )
    doubted.filter(started_at__isnull=False).update(
        state=State.DELIVERED, due_at=None, delivered_at=at, ended_at=None
    )
