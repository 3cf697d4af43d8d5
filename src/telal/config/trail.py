"""``telal trace``: everything that is known of one path, for whoever is on call. Ids, codes and times; nothing about anybody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from telal.cases.models import CaseEvent
from telal.messaging.models import Attempt, Contact, Inbound, Lane, Message
from telal.notices.models import Notice

_LONGEST_NUMBER = 19


@dataclass(frozen=True, slots=True, order=True)
class Step:
    at: datetime
    what: str
    words: str

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S.%f}  {self.what:<10}  {self.words}"


def steps(trace: UUID) -> list[Step]:
    """What is known of this path, in the order in which it happened."""
    callbacks = Inbound.objects.filter(trace=trace)
    events = CaseEvent.objects.filter(trace=trace)
    notices = Notice.objects.filter(event__in=events)
    messages = Message.objects.filter(_of(callbacks, trace) | Q(notice__in=notices))
    return sorted(
        [
            *_received(callbacks),
            *_changed(events),
            *_announced(notices),
            *_queued(messages),
            *_tried(Attempt.objects.filter(message__in=messages)),
            *_ended(messages),
        ]
    )


def find(given: str) -> UUID | None:
    """The path of this id, or of the message with this number; None where there is none. Raises ValueError for what is neither."""
    if len(given) < _LONGEST_NUMBER:
        return Message.objects.filter(pk=int(given)).values_list("trace", flat=True).first()
    return UUID(given)


def _of(callbacks: QuerySet[Inbound], trace: UUID) -> Q:
    """The answers to these callbacks. Messages have no index by trace: they are found through whom they are for."""
    contacts = Contact.objects.filter(address__in=callbacks.exclude(address="").values("address"))
    return Q(contact__in=contacts, trace=trace)


def _received(callbacks: Iterable[Inbound]) -> Iterator[Step]:
    for callback in callbacks:
        yield Step(callback.received_at, "received", f"callback {callback.pk}: {callback.kind}")
        if callback.handled_at:
            trouble = f", failed: {callback.error}" if callback.error else ""
            yield Step(callback.handled_at, "handled", f"callback {callback.pk}{trouble}")


def _changed(events: Iterable[CaseEvent]) -> Iterator[Step]:
    for event in events:
        words = f"case {event.case_id}, event {event.pk}: {event.status}, from {event.source}"
        yield Step(event.recorded_at, "changed", words)


def _announced(notices: Iterable[Notice]) -> Iterator[Step]:
    for notice in notices:
        words = (
            f"message {notice.message_id}"
            if notice.message_id
            else f"nobody told: {notice.reason or 'message dropped'}"
        )
        yield Step(notice.created_at, "announced", f"event {notice.event_id}: {words}")


def _queued(messages: Iterable[Message]) -> Iterator[Step]:
    for message in messages:
        lane = Lane(message.lane).name.lower()
        yield Step(
            message.created_at, "queued", f"message {message.pk}: {lane} to contact {message.contact_id}"
        )


def _tried(attempts: Iterable[Attempt]) -> Iterator[Step]:
    for attempt in attempts:
        took = (attempt.ended_at - attempt.started_at).total_seconds() * 1000
        words = " ".join(word for word in (attempt.outcome, attempt.code, f"after {took:.0f} ms") if word)
        yield Step(attempt.started_at, "tried", f"message {attempt.message_id}: {words}")


def _ended(messages: Iterable[Message]) -> Iterator[Step]:
    for message in messages:
        for what, at in (
            ("sent", message.sent_at),
            ("delivered", message.delivered_at),
            ("seen", message.seen_at),
            ("ended", message.ended_at),
            ("due", message.due_at),
        ):
            if at:
                words = f"message {message.pk}"
                yield Step(at, what, words if what not in ("ended", "due") else f"{words}: {_state(message)}")


def _state(message: Message) -> str:
    return f"{message.state} {message.error}".rstrip()
