"""From a slip to a subscription: the contact that opens the link first, and then writes or taps, hears about the case."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple, cast

from django.db import transaction
from django.db.models import Q

from telal.cases.models import Case
from telal.messaging.models import Contact, Message
from telal.messaging.outbox import cancel
from telal.notices.consents import (
    Trouble,
    find_invitation,
    let_announcing_end,
    open_invitations,
    trouble_with,
    withdraw_all,
)
from telal.notices.models import Consent, Invitation, LinkTrouble, Subscription


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


def came_by_link(contact_ids: Collection[int], now: datetime) -> set[int]:
    """Those for whom there is something to bind or to explain when they write: few, and nobody twice."""
    opened = open_invitations(contact_ids, now).values_list("opened_by_id", flat=True)
    troubled = LinkTrouble.objects.filter(contact__in=contact_ids).values_list("contact_id", flat=True)
    return {*opened, *troubled}


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


def unsubscribe(contact_ids: Collection[int], now: datetime) -> None:
    """STOP: the consents behind these contacts' subscriptions are withdrawn, and what was waiting to leave does not."""
    with transaction.atomic():
        let_announcing_end()
        cancel(Message.objects.filter(contact__in=contact_ids), "unsubscribed", now)
        _withdraw(Q(subscriptions__contact__in=contact_ids))
        Invitation.objects.filter(opened_by__in=contact_ids, used_at=None, ended_at=None).update(ended_at=now)


def unsubscribe_from(pairs: Collection[tuple[int, int]]) -> None:
    """The same for single cases: (contact, case). What else these contacts follow goes on."""
    with transaction.atomic():
        _withdraw(
            reduce(
                or_, (Q(subscriptions__contact=contact, subscriptions__case=case) for contact, case in pairs)
            )
        )


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
        # The case stands still while we look: what has happened so far is told at once, what comes after by the announcer.
        case = Case.objects.select_for_update(no_key=True).get(pk=invitation.consent.case_id)
        if not Invitation.objects.filter(pk=invitation.pk, used_at=None, ended_at=None).update(used_at=now):
            return None
        if not contact.language_chosen and contact.language != invitation.consent.language:
            Contact.objects.filter(pk=contact.pk).update(language=invitation.consent.language)
            contact.language = invitation.consent.language
        _, is_new = Subscription.objects.get_or_create(
            case=case,
            contact=contact,
            ended_at=None,
            defaults={"consent": invitation.consent, "created_at": now, "told_through": case.events_count},
        )
    return case if is_new else None


def _withdraw(through: Q) -> None:
    live = Consent.objects.filter(through, subscriptions__ended_at=None)
    withdraw_all(set(live.values_list("pk", flat=True)), recorded_by="stranka", medium="chat")


def _already_theirs(contact: Contact, invitation: Invitation) -> bool:
    """The same person following their old link again wants the chat, not an explanation."""
    return Subscription.objects.filter(
        case=invitation.consent.case_id, contact=contact, ended_at=None
    ).exists()
