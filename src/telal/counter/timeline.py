"""The timeline of a case as the screen shows it: under each event, to whom it was told and how far the message got."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telal.cases.models import Case, CaseEvent, Untold, taken_back_by
from telal.counter import words
from telal.counter.templatetags.counter import seconds
from telal.messaging.models import MESSAGE_TEXT, Attempt, Message, State
from telal.notices.models import Notice
from telal.sealing.fields import as_kept
from telal.sealing.seals import legible

# A receipt that has not come after this time is hardly worth asking for every two seconds.
LIVELY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to send, in words."""

    at: datetime
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What came of an event for one citizen, or for all of them where there is nobody to tell."""

    words: str | Promise
    icon: str
    tone: str
    why: str | Promise = ""
    person: str = ""
    text: str = ""
    times: tuple[tuple[str, datetime], ...] = ()
    tries: tuple[Try, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline and what came of it. ``new_due_on``: the deadline, where this line made it another one."""

    event: CaseEvent
    tellings: tuple[Telling, ...]
    new_due_on: date | None = None

    @property
    def takes_back(self) -> bool:
        """Does it only say that the case is again what it was before the line below?"""
        return taken_back_by(self.event.key) is not None


PREPARING = Telling(gettext_lazy("priprema se"), "clock", "wait", is_open=True)
FORGOTTEN = Telling(gettext_lazy("poruka više nije sačuvana"), "minus", "calm")


def timeline(case: Case) -> list[Entry]:
    """The newest first."""
    notices = Notice.objects.select_related("message", "subscription__consent").defer("message__text")
    events = list(
        CaseEvent.objects.filter(case=case)
        .order_by("-no")
        .prefetch_related(Prefetch("notices", notices.order_by("id")))
    )
    due = [event.due_on for event in events]
    untold = dict(Untold.objects.filter(event__case=case).values_list("event_id", "not_before"))
    tries, texts = _tries(case), _texts(case)
    return [
        Entry(
            event,
            (_waiting(untold[event.pk]),) if event.pk in untold else tuple(_tellings(event, tries, texts)),
            event.due_on if event.due_on != before else None,
        )
        for event, before in zip_longest(events, due[1:])
    ]


def _waiting(until: datetime | None) -> Telling:
    """Held for as long as it may be taken back, and then in preparation."""
    if until is None or until <= timezone.now():
        return PREPARING
    return Telling(
        _("može se poništiti do %(time)s") % {"time": seconds(until)}, "clock", "wait", is_open=True
    )


def is_open(entries: list[Entry]) -> bool:
    """May something on the screen still change by itself?"""
    return any(telling.is_open for entry in entries for telling in entry.tellings)


def _tries(case: Case) -> dict[int, list[Try]]:
    """All attempts, by the id of their message."""
    tries: dict[int, list[Try]] = defaultdict(list)
    for attempt in Attempt.objects.filter(message__notice__event__case=case).order_by("id"):
        said = words.ATTEMPTS.get(attempt.outcome, attempt.outcome)
        tries[attempt.message_id].append(Try(attempt.started_at, said, words.error(attempt.code)))
    return tries


def _texts(case: Case) -> dict[int, str]:
    """What was said, by the id of its message; nothing where it cannot be read any more."""
    messages = Message.objects.filter(notice__event__case=case).annotate(sealed=as_kept("text"))
    return {id_: legible(sealed, MESSAGE_TEXT) or "" for id_, sealed in messages.values_list("pk", "sealed")}


def _tellings(
    event: CaseEvent, tries: Mapping[int, list[Try]], texts: Mapping[int, str]
) -> Iterator[Telling]:
    for notice in event.notices.all():
        person = notice.subscription.consent.person if notice.subscription else ""
        if notice.reason:
            yield Telling(_("nije poslano"), "minus", "calm", why=notice.get_reason_display(), person=person)
        elif notice.message:
            id_ = notice.message.pk
            yield _telling(notice.message, person, tries.get(id_, []), texts.get(id_, ""))
        else:
            yield FORGOTTEN


def _telling(message: Message, person: str, tries: Sequence[Try], text: str) -> Telling:
    state = State(message.state)
    said, icon, tone = words.MESSAGE_STATES[state]
    return Telling(
        said,
        icon,
        tone,
        why=_why(message, state),
        person=person,
        text=text,
        times=tuple(_times(message)),
        tries=tuple(tries),
        is_open=message.due_at is not None or _is_lively(message, state),
    )


def _why(message: Message, state: State) -> str:
    if state in (State.FAILED, State.CANCELLED):
        return words.error(message.error)
    if state == State.UNCERTAIN:
        return (
            _("Viber nije potvrdio prijem; možda je stiglo")
            if message.due_at is None
            else _("čeka se potvrda Vibera")
        )
    if state == State.QUEUED and message.error:
        return _("%(problem)s; pokušat će se ponovo") % {"problem": words.error(message.error)}
    return ""


def _times(message: Message) -> Iterator[tuple[str, datetime]]:
    steps = (
        (_("stavljeno u red"), message.created_at),
        (_("poslano"), message.sent_at),
        (_("isporučeno"), message.delivered_at),
        (_("viđeno"), message.seen_at),
        (_("završeno"), message.ended_at),
    )
    for step, at in steps:
        if at:
            yield step, at


def _is_lively(message: Message, state: State) -> bool:
    awaited = state in (State.SENT, State.DELIVERED) and message.sent_at
    return bool(awaited and timezone.now() - awaited < LIVELY)
