"""A number proven once opens all cases whose consent names it, those to come as well.

The proof: a button in the contact's own chat, with a one-time token that comes back together with the number. A contact that
somebody forwards carries no token of ours; a token is good once, for half an hour, and for the contact it was made for.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from telal import sql
from telal.cases.models import Case
from telal.messaging.models import Contact
from telal.notices import doubts
from telal.notices.binding import Connected, connect, speak
from telal.notices.models import Consent, Doubt, NewConsent, PhoneRequest, ProvenPhone, Way
from telal.sealing.known_keys import keyed_hash

REQUEST_LASTS = timedelta(minutes=30)
LARGEST_BATCH = 200
# Recognised in a text, too: a device that cannot share a number sends the token alone.
TOKEN_BEGINS = "broj:"  # noqa: S105  (no secret)

_NEWEST_ONLY = """(contact_id) DO UPDATE SET
    token_hash = excluded.token_hash, moves = excluded.moves, expires_at = excluded.expires_at
"""


def ask(moves: Mapping[int, bool], now: datetime) -> dict[int, str]:
    """A one-time token for the button of each of these contacts, by its id; ``moves`` says whether their number has changed."""
    # 18 bytes are 24 characters.
    tokens = {contact_id: f"{TOKEN_BEGINS}{secrets.token_urlsafe(18)}" for contact_id in moves}
    rows = [
        {"contact_id": contact_id, "token_hash": _hash(token), "moves": moves[contact_id]}
        for contact_id, token in tokens.items()
    ]
    sql.upsert(PhoneRequest, rows, _NEWEST_ONLY, expires_at=now + REQUEST_LASTS)
    return tokens


def take(contact: Contact, token: str, now: datetime) -> PhoneRequest | None:
    """Use this contact's token up. None for one that is not theirs, is too old, or was used before."""
    request = PhoneRequest.objects.filter(
        contact=contact, token_hash=_hash(token), expires_at__gt=now
    ).first()
    if request is None or not PhoneRequest.objects.filter(pk=request.pk).delete()[0]:
        return None
    return request


def prove(contact: Contact, phone: str, now: datetime, *, moves: bool = False) -> list[Case]:
    """This number (E.164) is the contact's: it is connected to all cases whose consent names it. Returns the new ones.

    ``moves``: the contact's earlier numbers are theirs no longer. Whoever else has proven the number is asked whether it is still
    them; a shared number stays shared.
    """
    number = keyed_hash(phone)
    with transaction.atomic():
        if moves:
            ProvenPhone.objects.filter(contact=contact).exclude(phone_hash=number).delete()
        _, is_new = ProvenPhone.objects.update_or_create(
            contact=contact, phone_hash=number, defaults={"phone": phone, "proven_at": now}
        )
        doubts.settle(contact)
        if is_new:
            others = Contact.objects.filter(proven_phones__phone_hash=number).exclude(pk=contact.pk)
            doubts.ask(others, Doubt.Because.SHARED, now)
        consents = list(_standing().filter(phone_hash=number))
        new = connect([(contact.pk, consent) for consent in consents], Way.PHONE, now)
        if new:
            speak(contact, consents[0].language)
    return [one.case for one in new]


def next_new_consents() -> list[int]:
    """Ids of consents that have just been recorded."""
    return list(NewConsent.objects.order_by("pk").values_list("pk", flat=True)[:LARGEST_BATCH])


def connect_holders(consent_ids: Sequence[int], now: datetime) -> list[Connected]:
    """Connect those who have proven the number of these new consents. Returns who is to be told how which case stands.

    Who has been silent for long is asked first whether it is still them.
    """
    consents = _by_number(_standing().filter(pk__in=consent_ids))
    holders = ProvenPhone.objects.filter(phone_hash__in=consents).order_by("pk")
    wanted = [
        (contact_id, consent)
        for contact_id, number in holders.values_list("contact_id", "phone_hash")
        for consent in consents[number]
    ]
    new = connect(wanted, Way.PHONE, now)
    NewConsent.objects.filter(pk__in=consent_ids).delete()
    contact_ids = {one.contact_id for one in new}
    doubts.ask(doubts.silent(Contact.objects.filter(pk__in=contact_ids), now), Doubt.Because.SILENCE, now)
    doubted = doubts.among(contact_ids)
    return [one for one in new if one.contact_id not in doubted]


def _standing() -> QuerySet[Consent]:
    """Consents that stand, the newest first, without their numbers: one that was damaged on the disk holds up nobody."""
    return Consent.objects.filter(withdrawal=None).defer("phone").order_by("-pk")


def _by_number(consents: Iterable[Consent]) -> dict[str, list[Consent]]:
    found: dict[str, list[Consent]] = defaultdict(list)
    for consent in consents:
        if consent.phone_hash:
            found[consent.phone_hash].append(consent)
    return found


def _hash(token: str) -> str:
    """Tokens have 144 random bits: a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
