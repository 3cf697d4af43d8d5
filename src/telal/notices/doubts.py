"""*Is it still you?* Numbers change hands: who has been silent for long, or whose number somebody else has proven, is asked once.

Until they say yes, they are told nothing of any case; the question itself says nothing of one, either.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet

from telal.cases.models import Case
from telal.messaging.models import Contact, Lane
from telal.messaging.outbox import Cause, Owed, owe
from telal.notices.compose import still_you
from telal.notices.models import Doubt, Subscription


def silent_since(now: datetime) -> datetime:
    """Who wrote last before this moment has been silent for long."""
    return now - timedelta(days=settings.TELAL_RECONFIRM_DAYS)


def silent(contacts: QuerySet[Contact], now: datetime) -> QuerySet[Contact]:
    """Those of them who have been silent for long."""
    return contacts.filter(Q(heard_at=None) | Q(heard_at__lt=silent_since(now)))


def ask(contacts: Iterable[Contact], because: Doubt.Because, now: datetime) -> None:
    """Ask each of them, unless they have been asked already."""
    asked = {contact.pk: contact for contact in contacts}
    for contact_id in among(asked):
        del asked[contact_id]
    Doubt.objects.bulk_create(
        [Doubt(contact_id=contact_id, because=because, asked_at=now) for contact_id in asked],
        ignore_conflicts=True,  # another worker may ask at the same time
    )
    cause = Cause(None, now)
    owe(
        [
            Owed(contact.pk, Lane.NOTICE, *still_you(contact.language), cause)
            for contact in asked.values()
            if contact.reachable
        ],
        now,
    )


def among(contact_ids: Collection[int]) -> set[int]:
    """Those who have been asked and have not said yes."""
    return set(Doubt.objects.filter(contact__in=contact_ids).values_list("contact_id", flat=True))


def settle(contact: Contact) -> None:
    """They have said yes. What happened meanwhile is told as the present state, not line by line."""
    Doubt.objects.filter(contact=contact).delete()
    happened = Case.objects.filter(pk=OuterRef("case")).values("events_count")
    Subscription.objects.filter(contact=contact, ended_at=None).update(told_through=happened)
