"""From consents to subscriptions, and the end of them. By the link of a slip: the contact that opens it first, and then writes or
taps, hears about the case. The other two ways are in ``proofs`` and ``pins``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import NamedTuple, cast

import prometheus_client
from django.db import transaction
from django.db.models import Q, QuerySet, Value

from telal import sql
from telal.cases.models import Case
from telal.messaging.models import Contact, Message
from telal.messaging.outbox import cancel
from telal.notices.consents import (
    Trouble,
    await_chats,
    find_invitation,
    let_announcing_end,
    open_invitations,
    trouble_with,
    withdraw_all,
)
from telal.notices.models import (
    Consent,
    Doubt,
    Invitation,
    LinkTrouble,
    PhoneRequest,
    ProvenPhone,
    Subscription,
    Unbound,
    Way,
)

_bindings = prometheus_client.Counter(
    "telal_bindings", "Chats that were connected to a case, by the way in which they proved it.", ["way"]
)


def open_link(contact: Contact, token: str, now: datetime) -> Trouble | None:
    """The contact came through this link. It is theirs from now on; returns why not, or None.

    Nothing is told yet: who merely opens a chat has not shown that they want it.
    """
    invitation = find_invitation(token)
    trouble = trouble_with(invitation, contact_id=contact.pk, now=now)
    if trouble or invitation is None:
        return None if invitation and _already_theirs(contact, invitation) else trouble
    mine = Invitation.objects.filter(pk=invitation.pk, opened_by=None).update(
        opened_by=contact, opened_at=now
    )
    return None if mine or invitation.opened_by_id == contact.pk else "used"


def bind_opened(contact: Contact, now: datetime) -> list[Case]:
    """The contact has written or tapped: subscribe it to the cases of the links it opened. Returns the newly connected cases."""
    return [
        case
        for invitation in open_invitations([contact.pk], now)
        if (case := _bind(contact, invitation, now))
    ]


class Noted(NamedTuple):
    """Contacts for whom there is something to bind or to explain when they write, and those asked whether it is still them."""

    by_link: set[int]
    doubted: set[int]


def noted_of(contact_ids: Collection[int], now: datetime) -> Noted:
    """Few, and nobody twice: one statement for everybody who has just written."""
    opened = open_invitations(contact_ids, now).order_by().values_list("opened_by_id", _BY_LINK)
    troubled = LinkTrouble.objects.filter(contact__in=contact_ids).values_list("contact_id", _BY_LINK)
    doubted = Doubt.objects.filter(contact__in=contact_ids).values_list("contact_id", _DOUBTED)
    noted = Noted(set(), set())
    for contact_id, which in opened.union(troubled, doubted):
        noted[which].add(contact_id)
    return noted


_BY_LINK, _DOUBTED = Value(0), Value(1)


def keep_trouble(contact: Contact, reason: Trouble) -> None:
    """Remember why a link did not work, to say so when the contact first writes."""
    LinkTrouble.objects.update_or_create(contact=contact, defaults={"reason": reason})


def take_trouble(contact: Contact) -> list[Trouble]:
    """What is to be explained, once."""
    troubles = LinkTrouble.objects.filter(contact=contact)
    reasons = [cast(Trouble, reason) for reason in troubles.values_list("reason", flat=True)]
    if reasons:
        troubles.delete()
    return reasons


class Connected(NamedTuple):
    """A contact hears of this case from now on."""

    contact_id: int
    case: Case


def connect(wanted: Sequence[tuple[int, Consent]], way: Way, now: datetime) -> list[Connected]:
    """Subscribe contacts (by their ids) to the cases of these consents, in a few statements. Returns the new subscriptions.

    A consent that was withdrawn, and a case whose data is over, connect nobody.
    """
    if not wanted:
        return []
    with transaction.atomic():
        # The cases stand still while we look: what has happened so far is told at once, what comes after by the announcer.
        locked = Case.objects.select_for_update(no_key=True).filter(pk__in={one.case_id for _, one in wanted})
        cases = {case.pk: case for case in locked.filter(reduced_at=None).order_by("pk")}
        standing = _standing({consent.pk for _, consent in wanted})
        known = set(
            _live(cases, {contact_id for contact_id, _ in wanted}).values_list("contact_id", "case_id")
        )
        new: dict[tuple[int, int], int] = {}
        for contact_id, consent in wanted:
            pair = (contact_id, consent.case_id)
            if consent.pk in standing and consent.case_id in cases and pair not in known:
                new.setdefault(pair, consent.pk)
        rows = [
            {
                "contact_id": contact_id,
                "case_id": case_id,
                "consent_id": consent_id,
                "told_through": cases[case_id].events_count,
            }
            for (contact_id, case_id), consent_id in new.items()
        ]
        sql.insert(Subscription, rows, way=way.value, created_at=now)
        Unbound.objects.filter(consent__in=standing).delete()
        transaction.on_commit(partial(_bindings.labels(way.value).inc, len(rows)))
    return [Connected(contact_id, cases[case_id]) for contact_id, case_id in new]


def _standing(consent_ids: Collection[int]) -> set[int]:
    """Those of these consents that stand; a withdrawal waits for us, or we see it."""
    list(Consent.objects.select_for_update().filter(pk__in=consent_ids).order_by("pk").values_list("pk"))
    return set(Consent.objects.filter(pk__in=consent_ids, withdrawal=None).values_list("pk", flat=True))


def _live(case_ids: Iterable[int], contact_ids: Iterable[int]) -> QuerySet[Subscription]:
    return Subscription.objects.filter(case__in=case_ids, contact__in=contact_ids, ended_at=None)


def unsubscribe(contact_ids: Collection[int], now: datetime) -> None:
    """STOP: these contacts hear of nothing any more, and the consents that were theirs to give are withdrawn."""
    with transaction.atomic():
        _leave(Q(contact__in=contact_ids), now)
        release(contact_ids, "unsubscribed", now)


def unsubscribe_from(pairs: Collection[tuple[int, int]], now: datetime) -> None:
    """The same for single cases: (contact, case). What else these contacts follow goes on."""
    with transaction.atomic():
        _leave(reduce(or_, (Q(contact=contact, case=case) for contact, case in pairs)), now)


def _leave(which: Q, now: datetime) -> None:
    let_announcing_end()
    leaving = list(
        Subscription.objects.filter(which, ended_at=None).values_list("pk", "contact_id", "consent_id")
    )
    over = given_up({(contact_id, consent_id) for _, contact_id, consent_id in leaving})
    ending = [id_ for id_, _, _ in leaving]
    Subscription.objects.filter(pk__in=ending).update(ended_at=now)
    cancel(Message.objects.filter(notice__subscription__in=ending), "unsubscribed", now)
    withdraw_all(over, recorded_by="stranka", medium="chat")


def given_up(leaving: Collection[tuple[int, int]]) -> set[int]:
    """Which consents end when these contacts leave them: (contact, consent). Those by which nobody else hears of the case, and
    those with a number that is proven to be the leaving contact's and nobody else's.
    """
    consent_ids = {consent_id for _, consent_id in leaving}
    live = Subscription.objects.filter(consent__in=consent_ids, ended_at=None)
    staying = {
        consent_id
        for contact_id, consent_id in live.values_list("contact_id", "consent_id")
        if (contact_id, consent_id) not in leaving
    }
    consents = Consent.objects.filter(pk__in=consent_ids).exclude(phone_hash="")
    numbers = dict(consents.values_list("pk", "phone_hash"))
    holders = _holders(numbers.values())
    own = {
        consent_id
        for contact_id, consent_id in leaving
        if holders[numbers.get(consent_id, "")] == {contact_id}
    }
    return (consent_ids - staying) | own


def _holders(numbers: Iterable[str]) -> dict[str, set[int]]:
    """Who has proven each of these numbers."""
    found: dict[str, set[int]] = defaultdict(set)
    proven = ProvenPhone.objects.filter(phone_hash__in=set(numbers))
    for number, contact_id in proven.values_list("phone_hash", "contact_id"):
        found[number].add(contact_id)
    return found


def theirs(contact: Contact) -> set[int]:
    """The consents that this contact alone stands for."""
    behind = Consent.objects.filter(Q(subscriptions__contact=contact) | Q(invitations__opened_by=contact))
    return given_up({(contact.pk, consent_id) for consent_id in behind.values_list("pk", flat=True)})


def release(contact_ids: Collection[int], why: str, now: datetime) -> None:
    """These contacts hear of nothing any more and have proven nothing; the consents stand, for others or for another day."""
    with transaction.atomic():
        let_announcing_end()
        live = Subscription.objects.filter(contact__in=contact_ids, ended_at=None)
        left = list(live.values_list("consent_id", flat=True))
        live.update(ended_at=now)
        await_chats(left, now)
        Invitation.objects.filter(opened_by__in=contact_ids, used_at=None, ended_at=None).update(ended_at=now)
        forget_proofs(contact_ids)
        cancel(Message.objects.filter(contact__in=contact_ids), why, now)


def forget_proofs(contact_ids: Collection[int]) -> None:
    """What these contacts have proven, were asked for, and were asked about."""
    for model in (PhoneRequest, ProvenPhone, Doubt):
        model._default_manager.filter(contact__in=contact_ids).delete()


def disconnect(subscription: Subscription, *, by: str, now: datetime) -> None:
    """A clerk takes a contact off a case: nobody else's subscription ends, and the consent stands.

    A number that had connected it connects it to no later case, until it is proven anew.
    """
    with transaction.atomic():
        let_announcing_end()
        Subscription.objects.filter(pk=subscription.pk, ended_at=None).update(ended_at=now, ended_by=by)
        await_chats([subscription.consent_id], now)
        cancel(Message.objects.filter(notice__subscription=subscription), "disconnected", now)
        if subscription.way == Way.PHONE:
            number = subscription.consent.phone_hash
            ProvenPhone.objects.filter(contact=subscription.contact_id, phone_hash=number).delete()


class OwnCase(NamedTuple):
    """A case as its citizen may name it: ``key`` is its canonical number, ``barcode`` the code on its label or empty."""

    contact_id: int
    case_id: int
    key: str
    barcode: str


def cases_of(contact_ids: Iterable[int]) -> dict[int, list[OwnCase]]:
    """The cases each of these contacts may ask about, and no others; the last changed first."""
    live = Subscription.objects.filter(contact__in=contact_ids, ended_at=None).order_by("-case__changed_at")
    cases: dict[int, list[OwnCase]] = defaultdict(list)
    for row in live.values_list("contact_id", "case_id", "case__number_key", "case__barcode"):
        cases[row[0]].append(OwnCase(*row))
    return cases


def _bind(contact: Contact, invitation: Invitation, now: datetime) -> Case | None:
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk, used_at=None, ended_at=None).update(used_at=now):
            return None
        speak(contact, invitation.consent.language)
        new = connect([(contact.pk, invitation.consent)], Way.LINK, now)
    return new[0].case if new else None


def speak(contact: Contact, language: str) -> None:
    """Write to the contact in the language that was chosen at the counter, unless they have chosen one themselves."""
    if not contact.language_chosen and contact.language != language:
        Contact.objects.filter(pk=contact.pk).update(language=language)
        contact.language = language


def _already_theirs(contact: Contact, invitation: Invitation) -> bool:
    """The same person following their old link again wants the chat, not an explanation."""
    return Subscription.objects.filter(
        case=invitation.consent.case_id, contact=contact, ended_at=None
    ).exists()
