"""Change → message: every line of the timeline is told to whom it concerns, or the reason why not is written down."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import structlog
from django.db import transaction
from django.db.models import Q

from telal import spans, sql
from telal.cases.models import CaseEvent, Untold
from telal.cases.statuses import STATUSES
from telal.messaging.channel import Button
from telal.messaging.models import Contact, Lane, Pump
from telal.messaging.outbox import Cause, Owed, owe
from telal.notices import doubts
from telal.notices.compose import meaning_keys, notice
from telal.notices.facts import Line, lines
from telal.notices.models import Consent, Doubt, Notice, Reason, Subscription, Way

# Enough to share the cost of a transaction, and so few that a question does not wait for them.
LARGEST_BATCH = 250

Menu = Callable[[str], Sequence[Button]]

log = structlog.get_logger(__name__)


class _Subscriber(NamedTuple):
    case_id: int
    subscription_id: int
    told_through: int
    contact_id: int
    language: str
    reachable: bool
    discreet: bool
    heard_at: datetime | None
    doubt: str | None
    way: str

    def is_doubted(self, silent_since: datetime) -> bool:
        """Have they been asked whether it is still them, or must they be? A number changes hands sooner than a slip does."""
        is_silent = self.heard_at is None or self.heard_at < silent_since
        return self.doubt is not None or (self.way == Way.PHONE and is_silent)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An event dealt with, for one subscription: what is owed, or why nothing is. Nobody's when there is no subscription.

    ``to_ask`` is the contact to be asked first whether it is still them.
    """

    line: Line
    subscription_id: int | None = None
    owed: Owed | None = None
    reason: str = ""
    to_ask: int | None = None


def announce(menu: Menu) -> int:
    """Deal with the next events, in their order. Returns how many there were.

    ``menu`` gives the keyboard that goes with every message, by language. One announcer works at a time, so that the
    messages to a person are queued in the order of the events.
    """
    with transaction.atomic():
        if not Pump.objects.select_for_update(skip_locked=True).filter(pk="announce").exists():
            return 0
        news = _next_lines()
        if news:
            now = sql.database_now()
            verdicts = list(verdicts_on(news, menu, doubts.silent_since(now)))
            _save(verdicts, now)
            _ask_the_silent(verdicts, now)
            Untold.objects.filter(pk__in=[line.event_id for line in news]).delete()
    return len(news)


def _next_lines() -> list[Line]:
    untold = Untold.objects.filter(not_before=None)
    if Untold.objects.exclude(not_before=None).exists():
        now = sql.database_now()
        free = Untold.objects.filter(Q(not_before=None) | Q(not_before__lte=now))
        untold = free.exclude(pk__in=_held_back(now))
    waiting = untold.order_by("event_id").values("event_id")[:LARGEST_BATCH]
    return lines(CaseEvent.objects.filter(pk__in=waiting).order_by("id"))


def _held_back(now: datetime) -> set[int]:
    """The lines that may still be taken back, and what came after one for the same case, or for somebody who hears of it: the
    order stays.
    """
    held = Untold.objects.filter(not_before__gt=now).order_by("-event_id")
    first = dict(held.values_list("event__case", "event_id"))
    live, wave = Subscription.objects.filter(ended_at=None), dict(first)
    while wave:
        waits_for: dict[int, int] = {}
        for contact_id, case_id in live.filter(case__in=wave).values_list("contact", "case"):
            waits_for[contact_id] = min(wave[case_id], waits_for.get(contact_id, wave[case_id]))
        news = live.filter(contact__in=waits_for, case__events__untold__isnull=False)
        # Whoever waits for one of theirs, waits on.
        wave = {}
        for contact_id, case_id in news.values_list("contact", "case"):
            if case_id not in first or waits_for[contact_id] < first[case_id]:
                first[case_id] = wave[case_id] = waits_for[contact_id]
    of_these = Untold.objects.filter(event__case__in=first).values_list("event_id", "event__case")
    return {event_id for event_id, case_id in of_these if event_id >= first[case_id]}


def verdicts_on(news: Sequence[Line], menu: Menu, silent_since: datetime) -> Iterator[Verdict]:
    """For each line, in its order: who hears what of it, and who does not and why. Writes nothing."""
    subscribers = _subscribers({line.case_id for line in news})
    reasons = _why_nobody({line.case_id for line in news} - subscribers.keys())
    for line in news:
        if line.case_id in reasons:
            yield Verdict(line, reason=reasons[line.case_id])
        for subscriber in subscribers.get(line.case_id, ()):
            yield _verdict(line, subscriber, menu, silent_since)


def _verdict(line: Line, subscriber: _Subscriber, menu: Menu, silent_since: datetime) -> Verdict:
    reason = _why_not(line, subscriber, silent_since)
    if reason:
        to_ask = subscriber.contact_id if reason == Reason.UNCONFIRMED and not subscriber.doubt else None
        return Verdict(line, subscriber.subscription_id, reason=reason, to_ask=to_ask)
    language, discreet = subscriber.language, subscriber.discreet
    text = notice(line.facts, language, discreet=discreet)
    asked_back = () if discreet else meaning_keys(line.facts, language)
    buttons = (*(Button(words, says=words) for words in asked_back), *menu(language))
    cause = Cause(line.trace, line.free_since)
    owed = Owed(subscriber.contact_id, Lane.NOTICE, text, buttons, cause)
    return Verdict(line, subscriber.subscription_id, owed)


def _why_not(line: Line, subscriber: _Subscriber, silent_since: datetime) -> str:
    if not STATUSES[line.facts.status].announced:
        return Reason.NOT_ANNOUNCED
    if line.no <= subscriber.told_through:
        return Reason.IN_FIRST_STATUS
    if not line.is_news:
        return Reason.NO_NEWS
    if not subscriber.reachable:
        return Reason.UNREACHABLE
    return Reason.UNCONFIRMED if subscriber.is_doubted(silent_since) else ""


def _subscribers(case_ids: Iterable[int]) -> dict[int, list[_Subscriber]]:
    """Who hears of each case; a case of which nobody does is not among them."""
    live = Subscription.objects.filter(case__in=case_ids, ended_at=None, consent__withdrawal=None)
    found: dict[int, list[_Subscriber]] = defaultdict(list)
    of_contact = [
        f"contact__{name}" for name in ("language", "reachable", "discreet", "heard_at", "doubt__because")
    ]
    for row in live.order_by("id").values_list(
        "case_id", "id", "told_through", "contact_id", *of_contact, "way"
    ):
        found[row[0]].append(_Subscriber(*row))
    return found


def _why_nobody(case_ids: Iterable[int]) -> dict[int, Reason]:
    """Why nobody hears of these cases."""
    withdrawn: dict[int, list[bool]] = {case_id: [] for case_id in case_ids}
    consents = Consent.objects.filter(case__in=withdrawn)
    for case_id, withdrawal_id in consents.values_list("case_id", "withdrawal__id"):
        withdrawn[case_id].append(withdrawal_id is not None)
    return {case_id: _why_without(each) for case_id, each in withdrawn.items()}


def _why_without(withdrawn: Sequence[bool]) -> Reason:
    if not withdrawn:
        return Reason.NO_CONSENT
    return Reason.WITHDRAWN if all(withdrawn) else Reason.NOT_BOUND


def _ask_the_silent(verdicts: Sequence[Verdict], now: datetime) -> None:
    if to_ask := {verdict.to_ask for verdict in verdicts if verdict.to_ask}:
        doubts.ask(Contact.objects.filter(pk__in=to_ask), Doubt.Because.SILENCE, now)


def _save(verdicts: Sequence[Verdict], now: datetime) -> None:
    message_ids = iter(owe([verdict.owed for verdict in verdicts if verdict.owed], now))
    dealt_with = [(verdict, next(message_ids) if verdict.owed else None) for verdict in verdicts]
    rows = [
        {
            "event_id": verdict.line.event_id,
            "subscription_id": verdict.subscription_id,
            "message_id": message_id,
            "reason": verdict.reason,
        }
        for verdict, message_id in dealt_with
    ]
    sql.insert(Notice, rows, created_at=now)
    transaction.on_commit(partial(_tell, dealt_with, now))


def _tell(dealt_with: Sequence[tuple[Verdict, int | None]], began: datetime) -> None:
    """It is on disk who hears of what."""
    for verdict, message_id in dealt_with:
        line = verdict.line
        trace = line.trace.hex if line.trace else ""
        log.info(
            "event_announced",
            trace=trace,
            case_event=line.event_id,
            message=message_id,
            reason=str(verdict.reason),
        )
        if spans.on and message_id:
            spans.tell(
                "announce",
                trace,
                began,
                id_=spans.of_announcement(message_id),
                parent=spans.of_change(line.event_id),
                message=message_id,
            )
