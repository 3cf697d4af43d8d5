"""Keys of the API: made, recognised, revoked."""

import hashlib
import secrets
import time

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from telal.api.models import ApiKey

_PREFIX = "telal_"
_LONGEST_NAME = 100
# So long a key that was recognised is taken for valid without asking again. Seconds.
REMEMBERED = 2.0

# By their hashes: the valid keys that were used lately, and until when they need no question.
_remembered: dict[str, tuple[ApiKey, float]] = {}


class NameTaken(ValueError):
    """A valid key of this name exists: revoke it first, or choose another name."""


def create(name: str) -> str:
    """A new key for the system called ``name``: shown once, only its hash is kept.

    Raises NameTaken, and ValueError for a name that is empty or longer than 100 characters.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"Name the key with 1 to {_LONGEST_NAME} printable characters.")
    key = _PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            ApiKey.objects.create(name=name, key_hash=_hash(key))
    except IntegrityError as error:
        raise NameTaken(
            f"There is a valid key called {name}: revoke it first, or choose another name."
        ) from error
    return key


def revoke(name: str) -> int:
    """End the key of this name, here at once and in every other process within ``REMEMBERED`` seconds.

    Returns how many were ended: 1 or 0.
    """
    live = ApiKey.objects.filter(name=" ".join(name.split()), revoked_at=None)
    revoked = live.update(revoked_at=timezone.now())
    _remembered.clear()
    return revoked


def recognise(key: str) -> ApiKey | None:
    """The valid key behind these characters. Looked up by hash, so time tells nothing about it; its use is noted once a day."""
    key_hash = _hash(key)
    holder, until = _remembered.get(key_hash, (None, 0.0))
    return holder if time.monotonic() < until else _ask(key_hash)


def _ask(key_hash: str) -> ApiKey | None:
    asked_at = time.monotonic()
    holder = ApiKey.objects.filter(key_hash=key_hash, revoked_at=None).first()
    if holder is None:
        return None
    today = timezone.localdate()
    if holder.last_used_on != today:
        unnoted = Q(last_used_on=None) | Q(last_used_on__lt=today)
        ApiKey.objects.filter(unnoted, pk=holder.pk).update(last_used_on=today)
    _remembered[key_hash] = holder, asked_at + REMEMBERED
    return holder


def _hash(key: str) -> str:
    """A key has 256 random bits: a fast hash is enough to make a stolen table useless."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
