"""Case number and PIN: whoever holds the slip, wherever they ask. How often one may be wrong is up to ``guessing``.

Nobody learns from an answer, nor from how long it takes, whether the number, the PIN or the moment was wrong: each costs the same
statements and the same hash, and a right PIN during a pause is as good as a wrong one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from telal.cases.numbers import Reference
from telal.notices.consents import with_pin
from telal.notices.guessing import ALARMING, DAY, HOUR, LIMITS, MINUTE, Wrong, held_until
from telal.notices.models import Consent, Guess, Invitation
from telal.sealing.known_keys import keyed_hash

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """``slip`` is the one with this PIN. ``held_until``: nobody has looked, and nobody will before."""

    slip: Invitation | None = None
    held_until: datetime | None = None


def consent_behind(reference: Reference, pin: str, contact_id: int, now: datetime) -> Consent | None:
    """The consent whose slip has this case number and this PIN, typed by a contact in the chat; None for every other reason.

    Several people may hold slips of one case.
    """
    keys = [key for key in reference.keys if not key.startswith("#")]
    barcodes = [key.removeprefix("#") for key in reference.keys if key.startswith("#")]
    valid = Q(ended_at=None, expires_at__gt=now, consent__withdrawal=None, consent__case__reduced_at=None)
    named = Q(consent__case__number_key__in=keys) | Q(consent__case__barcode__in=barcodes)
    slips = Invitation.objects.filter(valid, named).select_related("consent__case")
    # No number is unsealed: that would take time, too.
    slips = slips.defer("consent__phone", "consent__case__subject")
    # What does not exist is counted, too.
    number = keyed_hash(" ".join(reference.keys))
    newest, right = with_pin(slips, pin)
    target = f"slip {newest.pk}" if newest else number
    answer = judge(right, place="chat", guesser=_chat(contact_id), target=target, now=now)
    return answer.slip.consent if answer.slip else None


def judge(right: Invitation | None, *, place: str, guesser: str, target: str, now: datetime) -> Answer:
    """Does the PIN count? ``right`` is the slip that it is on. A wrong one is counted, and so is one that comes during a pause."""
    until = _held_until(place, guesser, target, now)
    held = until is not None and until > now
    if right and not held:
        return Answer(right)
    Guess.objects.create(place=place, guesser=guesser, target=target, held=held, at=now)
    transaction.on_commit(partial(log.warning, "pin_refused", place=place, held=held))
    return Answer(held_until=until if held else None)


def refused_lately() -> int:
    """How many were refused in the last hour, in the chat and at the counter."""
    return Guess.objects.filter(at__gt=timezone.now() - HOUR).count()


def guessed_lately() -> int:
    """The same, where it is more than slips of the finger; else nothing."""
    refused = refused_lately()
    return refused if refused > ALARMING else 0


def forget(contact_ids: Collection[int]) -> None:
    """That these contacts ever tried."""
    Guess.objects.filter(guesser__in=map(_chat, contact_ids)).delete()


def _chat(contact_id: int) -> str:
    return f"contact {contact_id}"


def _held_until(place: str, guesser: str, target: str, now: datetime) -> datetime | None:
    """In one statement, for all limits."""
    whose = {"guesser": Q(guesser=guesser), "target": Q(target=target), "place": Q()}
    limits = LIMITS[place]
    counted = {name: whose[name] & Q(at__gt=now - limit.within) for name, limit in limits.items()}
    wrong = Guess.objects.filter(place=place, held=False, at__gt=now - DAY).aggregate(
        **{f"{name}_many": Count("pk", filter=which) for name, which in counted.items()},
        **{f"{name}_last": Max("at", filter=which) for name, which in counted.items()},
    )
    return held_until(
        (limit, Wrong(wrong[f"{name}_many"], wrong[f"{name}_last"])) for name, limit in limits.items()
    )


def remaining(until: datetime, now: datetime) -> int:
    """How long still, in minutes begun."""
    return -((now - until) // MINUTE)
