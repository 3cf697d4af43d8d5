"""Question → answer: what people did in the chat, in the order in which it came in, each dealt with once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from telal import spans
from telal.cases.models import Case
from telal.conversation import bot
from telal.conversation.bot import CaseView, HistoryLine, Reply
from telal.conversation.understand import understand
from telal.messaging import receipts, sql
from telal.messaging.channel import Channel, Joined, Left, Opened, Person, Receipt, Said
from telal.messaging.models import INBOUND_BODY, Contact, Inbound, Lane, Pump
from telal.messaging.outbox import Cause, Owed, cancel_open, owe, prove_arrival
from telal.notices import binding, compose
from telal.notices.facts import facts_of
from telal.sealing.keyring import KeyMissing
from telal.sealing.seals import unseal

LARGEST_BATCH = 200

# A tap on *Počni*, or a question that the state of the newly connected case answers.
_ANSWERED_BY_THE_FIRST_WORDS = {"smalltalk.greet", "smalltalk.thanks", "status.mine", "unclear"}

log = structlog.get_logger(__name__)


def listen(channel: Channel) -> int:
    """Deal with the next callbacks. Returns how many there were.

    One listener works at a time, so that what a person said is answered in its order. A callback that cannot be dealt with is
    kept with its error and spoils no other.
    """
    with transaction.atomic():
        if not Pump.objects.select_for_update(skip_locked=True).filter(pk="listen").exists():
            return 0
        batch = _next_callbacks()
        if batch:
            _deal_with(channel, batch)
    return len(batch)


def _next_callbacks() -> list[tuple[Inbound, str]]:
    """Each with its body still sealed, and opened when its turn comes: a damaged one spoils no other."""
    waiting = Inbound.objects.filter(handled_at=None).order_by("id").defer("body")
    batch = waiting.annotate(sealed=Cast("body", TextField()))[:LARGEST_BATCH]
    return [(inbound, inbound.sealed) for inbound in batch]


def _deal_with(channel: Channel, batch: Sequence[tuple[Inbound, str]]) -> None:
    now = sql.database_now()
    done, arrived = [], []
    for inbound, sealed in batch:
        try:
            event = channel.decode(unseal(sealed, INBOUND_BODY))
            if isinstance(event, Receipt):
                arrived.append(event)
            elif event is not None:
                with transaction.atomic():
                    _HANDLERS[type(event)](
                        channel.name, event, Cause(inbound.trace, inbound.received_at), now
                    )
                transaction.on_commit(partial(_tell_handled, inbound, now))
            done.append(inbound.pk)
        except (OperationalError, InterfaceError, KeyMissing):
            raise  # not this callback's fault: the whole batch comes again
        except Exception as error:
            log.exception("callback_not_understood", inbound=inbound.pk, kind=inbound.kind)
            Inbound.objects.filter(pk=inbound.pk).update(handled_at=now, error=type(error).__name__)
    receipts.apply(channel.name, arrived, now)
    # What was said has been answered: the words themselves are not kept.
    Inbound.objects.filter(pk__in=done).update(handled_at=now, body="")


def _tell_handled(inbound: Inbound, began: datetime) -> None:
    """What follows from a callback is on disk."""
    trace = inbound.trace.hex if inbound.trace else ""
    log.info("callback_handled", trace=trace, inbound=inbound.pk, kind=inbound.kind)
    if spans.on and trace:
        spans.tell(
            "handle", trace, began, parent=spans.of_callback(trace), inbound=inbound.pk, kind=inbound.kind
        )


# ── One event each ───────────────────────────────────────────────────────────────────────────────────────────────────


def _opened(channel: str, event: Opened, cause: Cause, now: datetime) -> None:
    contact = _contact(channel, event.person)
    if not event.context:
        return
    trouble = binding.open_link(contact, event.context, now)
    if trouble:
        # They may not be written to yet; the explanation waits for their first word.
        binding.keep_trouble(contact, trouble)
    elif contact.reachable and event.subscribed:
        _say_bound(contact, binding.bind_opened(contact, now), cause, now)


def _joined(channel: str, event: Joined, cause: Cause, now: datetime) -> None:
    contact = _contact(channel, event.person)
    if _arrive(contact, event.at):
        _say_bound(contact, binding.bind_opened(contact, now), cause, now)


def _left(channel: str, event: Left, _: Cause, now: datetime) -> None:
    """Leaving holds at once, unless they have written since: callbacks may overtake each other."""
    contact = _contact(channel, Person(event.address))
    not_since = Q(presence_at=None) | Q(presence_at__lte=event.at)
    gone = Contact.objects.filter(not_since, pk=contact.pk)
    if gone.update(reachable=False, unreachable_because="left", presence_at=event.at):
        cancel_open(contact.pk, "left", now)


def _said(channel: str, event: Said, cause: Cause, now: datetime) -> None:
    contact = _contact(channel, event.person)
    reachable = _arrive(contact, event.at)
    Contact.objects.filter(Q(heard_at=None) | Q(heard_at__lt=event.at), pk=contact.pk).update(
        heard_at=event.at
    )
    prove_arrival(contact.pk, event.reference, event.at)
    if reachable:
        _answer(contact, event, cause, now)


_HANDLERS: dict[type, Callable[[str, Any, Cause, datetime], None]] = {
    Opened: _opened,
    Joined: _joined,
    Left: _left,
    Said: _said,
}


# ── The contact ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _contact(channel: str, person: Person) -> Contact:
    contact, is_new = Contact.objects.get_or_create(
        channel=channel, address=person.address, defaults={"name": person.name[:200]}
    )
    if not is_new and person.name and contact.name != person.name[:200]:
        Contact.objects.filter(pk=contact.pk).update(name=person.name[:200])
    return contact


def _arrive(contact: Contact, at: datetime) -> bool:
    """They may be written to, unless they have left since. Returns whether they may."""
    not_left_since = Contact.objects.filter(Q(presence_at=None) | Q(presence_at__lte=at), pk=contact.pk)
    if not_left_since.update(reachable=True, unreachable_because="", presence_at=at):
        contact.reachable = True
    return contact.reachable


# ── The answer ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _answer(contact: Contact, event: Said, cause: Cause, now: datetime) -> None:
    today = timezone.localdate(now)
    understood = understand(event.text, year=today.year)
    connected = [] if bot.wants_out(understood) else binding.bind_opened(contact, now)
    language = bot.answer_language(contact.language, understood.script)
    reply = bot.reply(
        understood,
        [_view(case) for case in binding.cases_of(contact)],
        language,
        today=today,
        said_kind=event.kind,
    )
    if reply.ends_subscriptions:
        binding.unsubscribe(contact, now)
    _say_bound(contact, connected, cause, now)
    explained = _explain_link(contact, language)
    for words in explained:
        _say(contact, words, cause, now)
    if not (connected or explained) or set(understood.intents) - _ANSWERED_BY_THE_FIRST_WORDS:
        _say(contact, reply, cause, now)


def _say_bound(contact: Contact, cases: Sequence[Case], cause: Cause, now: datetime) -> None:
    """The chat is connected: say so, and at once, in the same message, how the case stands."""
    welcome = bot.bound(contact.language)
    for case in cases:
        status = compose.status(facts_of(case, case.events.latest("no")), contact.language)
        _say(contact, replace(welcome, text=f"{welcome.text}\n\n{status}"), cause, now)


def _explain_link(contact: Contact, language: str) -> list[Reply]:
    return [bot.link_problem(reason, language) for reason in binding.take_trouble(contact)]


def _say(contact: Contact, reply: Reply, cause: Cause, now: datetime) -> None:
    owe([Owed(contact.pk, Lane.ANSWER, reply.text, reply.buttons, cause)], now)


def _view(case: Case) -> CaseView:
    newest_first = sorted(case.events.all(), key=lambda event: -event.no)
    lines = [
        HistoryLine(
            timezone.localdate(event.occurred_at),
            event.status,
            event.waiting_for,
            event.outcome,
            event.department,
        )
        for event in newest_first
        if event.is_news
    ]
    return CaseView(case.number_key, case.barcode, facts_of(case, newest_first[0]), lines)
