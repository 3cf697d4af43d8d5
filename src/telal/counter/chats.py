"""The chats that hear of a case: who they are, how they have shown it, and taking one off."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from telal.counter.access import may
from telal.messaging.models import CONTACT_NAME
from telal.notices.binding import disconnect
from telal.notices.models import Consent, Doubt, ProvenPhone, Subscription, Way
from telal.sealing.fields import as_kept
from telal.sealing.seals import legible


@dataclass(frozen=True, slots=True)
class Chat:
    """``name`` is what they call themselves in Viber, and proves nothing. ``doubt`` is why we asked if it is still them."""

    subscription: Subscription
    name: str
    heard_at: datetime | None
    is_reachable: bool
    doubt: str
    shares_number: bool


def chats_of(consents: Iterable[Consent]) -> dict[int, list[Chat]]:
    """Who hears of a case now, by the id of the consent; in two queries."""
    numbers = {consent.pk: consent.phone_hash for consent in consents if consent.phone_hash}
    proven = ProvenPhone.objects.filter(phone_hash__in=numbers.values())
    holders = Counter(proven.values_list("phone_hash", flat=True))
    live = Subscription.objects.filter(consent__in=[consent.pk for consent in consents], ended_at=None)
    rows = live.select_related("contact__doubt").defer("contact__name").order_by("id")
    found: dict[int, list[Chat]] = defaultdict(list)
    for subscription in rows.annotate(sealed=as_kept("contact__name")):
        contact = subscription.contact
        doubt: Doubt | None = getattr(contact, "doubt", None)
        found[subscription.consent_id].append(
            Chat(
                subscription,
                legible(subscription.sealed, CONTACT_NAME) or "" if subscription.sealed else "",
                contact.heard_at,
                contact.reachable,
                doubt.get_because_display() if doubt else "",
                subscription.way == Way.PHONE and holders[numbers.get(subscription.consent_id, "")] > 1,
            )
        )
    return found


@require_POST
@may("consents.record", of=Subscription, case="case")
def take_off(request: HttpRequest, pk: int) -> HttpResponse:
    """This chat hears no more of this case; twice is as once."""
    subscription = get_object_or_404(Subscription.objects.select_related("consent"), pk=pk)
    disconnect(subscription, by=request.user.get_username(), now=timezone.now())
    return redirect("counter:case", subscription.case_id)
