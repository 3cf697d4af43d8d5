"""Owing somebody a message, and no longer owing it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from telal.messaging.channel import Button
from telal.messaging.models import Lane, Message, State


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a message is owed: the trace of what came in, and when it did. Our promise counts from there."""

    trace: UUID | None
    at: datetime


def owe(
    contact_id: int, lane: Lane, text: str, buttons: Sequence[Button], now: datetime, cause: Cause
) -> Message:
    """A message ready to be saved: it leaves as soon as its contact's line allows."""
    keys = [asdict(button) for button in buttons]
    return Message(
        contact_id=contact_id,
        lane=lane,
        text=text,
        buttons=keys,
        created_at=now,
        due_at=now,
        caused_at=cause.at,
        trace=cause.trace,
    )


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
