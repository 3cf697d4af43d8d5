"""Keys of the API: made, recognised, revoked."""

import hashlib
import secrets

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from telal.api.models import ApiKey

_PREFIX = "telal_"
_LONGEST_NAME = 100


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
    """End the key of this name. Returns how many were ended: 1 or 0."""
    live = ApiKey.objects.filter(name=" ".join(name.split()), revoked_at=None)
    return live.update(revoked_at=timezone.now())


def recognise(key: str) -> ApiKey | None:
    """The valid key behind these characters. Looked up by hash, so time tells nothing about it; its use is noted once a day."""
    holder = ApiKey.objects.filter(key_hash=_hash(key), revoked_at=None).first()
    today = timezone.localdate()
    if holder and holder.last_used_on != today:
        unnoted = Q(last_used_on=None) | Q(last_used_on__lt=today)
        ApiKey.objects.filter(unnoted, pk=holder.pk).update(last_used_on=today)
    return holder


def _hash(key: str) -> str:
    """A key has 256 random bits: a fast hash is enough to make a stolen table useless."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
