"""Sealing with the keys of this installation."""

from functools import cache

import structlog
from django.conf import settings

from telal.sealing.keyring import Damaged, Keyring, NotSealed

log = structlog.get_logger(__name__)


@cache
def keys() -> Keyring:
    """The keys in TELAL_DATA_KEYS, and last the one made from TELAL_SECRET_KEY."""
    return Keyring(settings.TELAL_DATA_KEYS)


def seal(text: str, place: str) -> str:
    """The text as it is kept in ``place`` (``table.column``)."""
    return keys().seal(text, place)


def unseal(sealed: str, place: str) -> str:
    """The text behind what is kept in ``place``. Raises NotSealed, KeyMissing or Damaged."""
    return keys().unseal(sealed, place)


def legible(sealed: str, place: str) -> str | None:
    """The same for whoever has others to serve: None where somebody has changed it on the disk. Raises KeyMissing."""
    try:
        return unseal(sealed, place)
    except (Damaged, NotSealed):
        return None


def legible_or_alarm(sealed: str, place: str, alarm: str, **whose: int) -> str:
    """The same for whoever goes on without it: empty, and the log says ``alarm`` with our ids of ``whose`` it is."""
    text = legible(sealed, place)
    if text is None:
        log.critical(alarm, **whose)
    return text or ""
