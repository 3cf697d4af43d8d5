"""Change → message: every line of the timeline is told to whom it concerns, or the reason why not is written down."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from telal.cases.models import CaseEvent, Untold
from telal.cases.statuses import STATUSES
from telal.messaging import sql
from telal.messaging.channel import Button
from telal.messaging.models import Lane, Message, Pump
from telal.messaging.outbox import Cause, owe
from telal.notices.compose import notice
from telal.notices.facts import facts_of
from telal.notices.models import Consent, Notice, Reason, Subscription

LARGEST_BATCH = 200

Menu = Callable[[str], Sequence[Button]]


def announce(menu: Menu) -> int:
    """Deal with the next events, in their order. Returns how many there were.

    ``menu`` gives the keyboard that goes with every message, by language. One announcer works at a time, so that the
    messages to a person are queued in the order of the events.
    """
    with transaction.atomic():
        if not Pump.objects.select_for_update(skip_locked=True).filter(pk="announce").exists():
            return 0
        events = _next_events()
        if events:
            _save(list(_notices(events, menu, sql.database_now())))
            Untold.objects.filter(pk__in=[event.pk for event in events]).delete()
    return len(events)


def _next_events() -> list[CaseEvent]:
    waiting = Untold.objects.select_related("event__case").order_by("event_id")[:LARGEST_BATCH]
    return [untold.event for untold in waiting]


def _notices(events: Sequence[CaseEvent], menu: Menu, now: datetime) -> Iterator[Notice]:
    case_ids = {event.case_id for event in events}
    subscriptions: dict[int, list[Subscription]] = defaultdict(list)
    live = Subscription.objects.filter(case__in=case_ids, ended_at=None, consent__withdrawal=None)
    for subscription in live.select_related("contact").order_by("id"):
        subscriptions[subscription.case_id].append(subscription)
    consents: dict[int, list[bool]] = defaultdict(list)
    for case_id, is_withdrawn in Consent.objects.filter(case__in=case_ids).values_list(
        "case_id", "withdrawal__id"
    ):
        consents[case_id].append(is_withdrawn is not None)
    for event in events:
        if subscriptions[event.case_id]:
            for subscription in subscriptions[event.case_id]:
                yield _notice_to(subscription, event, menu, now)
        else:
            yield Notice(event=event, reason=_why_nobody(consents[event.case_id]), created_at=now)


def _notice_to(subscription: Subscription, event: CaseEvent, menu: Menu, now: datetime) -> Notice:
    reason = _why_not(subscription, event)
    message = None if reason else _message(subscription, event, menu, now)
    return Notice(event=event, subscription=subscription, message=message, reason=reason, created_at=now)


def _why_nobody(withdrawn: Sequence[bool]) -> Reason:
    if not withdrawn:
        return Reason.NO_CONSENT
    return Reason.WITHDRAWN if all(withdrawn) else Reason.NOT_BOUND


def _why_not(subscription: Subscription, event: CaseEvent) -> Reason | str:
    if not STATUSES[event.status].announced:
        return Reason.NOT_ANNOUNCED
    if event.no <= subscription.told_through:
        return Reason.IN_FIRST_STATUS
    if not event.is_news:
        return Reason.NO_NEWS
    return "" if subscription.contact.reachable else Reason.UNREACHABLE


def _message(subscription: Subscription, event: CaseEvent, menu: Menu, now: datetime) -> Message:
    contact = subscription.contact
    text = notice(facts_of(event.case, event), contact.language)
    return owe(
        contact.pk, Lane.NOTICE, text, menu(contact.language), now, Cause(event.trace, event.recorded_at)
    )


def _save(notices: Sequence[Notice]) -> None:
    # The messages first: a notice takes over the id of its message when it is saved.
    Message.objects.bulk_create(notice.message for notice in notices if notice.message is not None)
    Notice.objects.bulk_create(notices)
