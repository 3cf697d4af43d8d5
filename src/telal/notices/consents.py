"""Consent at the counter, the slip that follows from it, and taking it back."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from telal.cases.models import Case
from telal.messaging.account import chat_link
from telal.messaging.models import Message, Pump
from telal.messaging.outbox import cancel
from telal.notices.consent_text import current_version, text_hash
from telal.notices.models import Consent, GivenAs, Invitation, NewConsent, Subscription, Unbound, Withdrawal
from telal.sealing.known_keys import keyed_hash

PIN_DIGITS = 6
# So many people may follow a case by slips of their own: each PIN is compared with so many.
MOST_SLIPS = 5


@dataclass(frozen=True, slots=True)
class Slip:
    """What the citizen takes home. Shown once: only hashes of ``token`` and ``pin`` are kept."""

    consent: Consent
    token: str
    pin: str
    expires_at: datetime

    @property
    def case(self) -> Case:
        return self.consent.case

    @property
    def url(self) -> str:
        """The page behind the QR code: paper outlives a channel, so it leads to us and not to Viber."""
        return f"{settings.TELAL_PUBLIC_URL}/f/{self.token}"

    @property
    def chat_link(self) -> str:
        """Opens the chat with the token in hand; empty while the chat's address is not known."""
        return chat_link(self.token)


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs. ``phone`` is E.164 and their own."""

    name: str
    phone: str
    given_as: str = GivenAs.APPLICANT


def record_consent(
    case: Case,
    *,
    recorded_by: str,
    medium: str,
    given_at: datetime | None = None,
    text_version: str = "",
    language: str = "bs",
    signatory: Signatory | None = None,
) -> Consent:
    """Write down that the applicant, or who represents them (``signatory``), agreed. Whoever has proven the number on it is
    connected by the listener, a moment later.

    ``text_version`` is the statement they signed: the current one by default.
    """
    version = text_version or current_version()
    signed_by = signatory or Signatory(case.applicant.name, case.applicant.phone)
    consent = Consent.objects.create(
        case=case,
        person=signed_by.name,
        given_as=signed_by.given_as,
        phone=signed_by.phone,
        language=language,
        given_at=given_at or timezone.now(),
        recorded_by=recorded_by,
        medium=medium,
        text_version=version,
        text_hash=text_hash(version),
    )
    Unbound.objects.create(consent=consent, since=timezone.now())
    if consent.phone:
        NewConsent.objects.create(consent=consent)
    return consent


def invite(consent: Consent) -> Slip:
    """A new token and PIN for this consent; those given before end. Those of others who follow the case stay good."""
    now = timezone.now()
    token = secrets.token_urlsafe(24)
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    expires_at = now + timedelta(days=settings.TELAL_INVITATION_DAYS)
    with transaction.atomic():
        Invitation.objects.filter(consent=consent, used_at=None, ended_at=None).update(ended_at=now)
        # Whoever has just got another slip is given time again.
        Unbound.objects.filter(consent=consent).update(since=now, dropped_at=None, dropped_by="")
        Invitation.objects.create(
            consent=consent,
            token_hash=token_hash(token),
            pin_hash=_pin_hash(token_hash(token), pin),
            created_at=now,
            expires_at=expires_at,
        )
    return Slip(consent, token, pin, expires_at)


def with_pin(slips: QuerySet[Invitation], pin: str) -> tuple[Invitation | None, Invitation | None]:
    """The newest of these slips, and the one with this PIN. Of each consent only its last slip counts.

    However many there are, and if there are none, it takes as long.
    """
    last_of_each: dict[int, Invitation] = {}
    for slip in slips.order_by("-pk")[:_LOOKED_AT]:
        last_of_each.setdefault(slip.consent_id, slip)
    candidates = [*last_of_each.values()][:MOST_SLIPS]
    padding = [_NO_SLIP] * (MOST_SLIPS - len(candidates))
    right = [slip for slip in (*candidates, *padding) if _has_pin(slip, pin) and slip is not _NO_SLIP]
    return (candidates[0] if candidates else None), (right[0] if right else None)


def _has_pin(slip: Invitation, pin: str) -> bool:
    return secrets.compare_digest(slip.pin_hash, _pin_hash(slip.token_hash, pin))


# Earlier slips of the same people are passed over.
_LOOKED_AT = 10 * MOST_SLIPS


# Of no PIN: it stands in where there is none to compare with.
_NO_SLIP = Invitation(token_hash="-" * 64, pin_hash="-" * 64)


def withdraw(consent: Consent, *, recorded_by: str, medium: str) -> None:
    """The consent is taken back: from now on nobody is told by it, and what was waiting to leave does not."""
    withdraw_all([consent.pk], recorded_by=recorded_by, medium=medium)


def withdraw_all(consent_ids: Collection[int], *, recorded_by: str, medium: str) -> None:
    """The same for many, in as many statements."""
    now = timezone.now()
    taken_back = [
        Withdrawal(consent_id=id_, withdrawn_at=now, recorded_by=recorded_by, medium=medium)
        for id_ in consent_ids
    ]
    with transaction.atomic():
        let_announcing_end()
        Withdrawal.objects.bulk_create(taken_back, ignore_conflicts=True)
        Unbound.objects.filter(consent__in=consent_ids).delete()
        Invitation.objects.filter(consent__in=consent_ids, used_at=None, ended_at=None).update(ended_at=now)
        Subscription.objects.filter(consent__in=consent_ids, ended_at=None).update(ended_at=now)
        cancel(Message.objects.filter(notice__subscription__consent__in=consent_ids), "withdrawn", now)


def await_chats(consent_ids: Collection[int], now: datetime) -> None:
    """Those of these consents that stand and that nobody hears by any more wait for a chat again."""
    left = Consent.objects.filter(pk__in=consent_ids, withdrawal=None)
    left = left.exclude(subscriptions__in=Subscription.objects.filter(consent__in=consent_ids, ended_at=None))
    Unbound.objects.bulk_create(
        [Unbound(consent_id=pk, since=now) for pk in left.values_list("pk", flat=True)], ignore_conflicts=True
    )


def let_announcing_end() -> None:
    """What is being announced just now is there to be taken back; and nothing more is, until this transaction is over."""
    Pump.objects.select_for_update().filter(pk="announce").exists()


def live_consents(case: Case) -> QuerySet[Consent]:
    """Consents that stand, the newest first."""
    return Consent.objects.filter(case=case, withdrawal=None).order_by("-id")


def own_consents(case: Case) -> QuerySet[Consent]:
    """Those of the applicant, and not of who represents them."""
    return live_consents(case).filter(given_as=GivenAs.APPLICANT)


def signed_before(name: str, phone: str) -> Consent | None:
    """Today's statement, on paper, that the person of this name has signed with this number and not taken back.

    It speaks of all their cases: for another one nothing need be signed.
    """
    signed = Consent.objects.filter(
        person=" ".join(name.split()), phone_hash=keyed_hash(phone), withdrawal=None
    )
    on_paper = signed.filter(given_as=GivenAs.APPLICANT, medium="paper", text_version=current_version())
    return on_paper.order_by("-given_at").first() if phone else None


def find_invitation(token: str) -> Invitation | None:
    return Invitation.objects.select_related("consent__case").filter(token_hash=token_hash(token)).first()


Trouble = Literal["unknown", "used", "expired"]


def trouble_with(
    invitation: Invitation | None, *, contact_id: int | None = None, now: datetime
) -> Trouble | None:
    """Why a link cannot be used (by this contact), or None when it can."""
    if invitation is None:
        return "unknown"
    if invitation.used_at or (invitation.opened_by_id and invitation.opened_by_id != contact_id):
        return "used"
    if invitation.ended_at or invitation.expires_at <= now:
        return "expired"
    return None


def token_hash(token: str) -> str:
    """Tokens have 192 random bits: a fast hash is enough to make a stolen table useless."""
    return hashlib.sha256(token.encode()).hexdigest()


def _pin_hash(salt: str, pin: str) -> str:
    """Keyed, for a PIN has few digits: without TELAL_SECRET_KEY a stolen table cannot be searched."""
    return salted_hmac(salt, pin, algorithm="sha256").hexdigest()


def open_invitations(contact_ids: Collection[int], now: datetime) -> QuerySet[Invitation]:
    """Links that these contacts have opened and not used yet."""
    usable = Q(used_at=None, ended_at=None, expires_at__gt=now, consent__withdrawal=None)
    return (
        Invitation.objects.filter(usable, opened_by__in=contact_ids)
        .select_related("consent__case")
        .order_by("id")
    )
