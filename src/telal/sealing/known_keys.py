"""The keys that the database is sealed with, and the look-up key that each of them guards."""

import secrets
from functools import cache

from django.db import connection as default_connection
from django.db.backends.base.base import BaseDatabaseWrapper

from telal.sealing import keyring
from telal.sealing.keyring import KEY_BYTES, Damaged
from telal.sealing.models import KnownKey
from telal.sealing.seals import keys

_PLACE = "sealing_knownkey.look_up_key"


def keyed_hash(text: str) -> str:
    """What a text is looked up by. The same on every machine and under every key; empty for an empty text."""
    return keyring.keyed_hash(text, _look_up_key()) if text else ""


@cache
def _look_up_key() -> bytes:
    return know(default_connection)


def know(connection: BaseDatabaseWrapper) -> bytes:
    """Make sure that every key the database is sealed with is at hand, and that it knows our newest. Returns the look-up key.

    Raises KeyMissing, or Damaged where a key opens something else than the others do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, look_up_key FROM sealing_knownkey")
        kept = dict(cursor.fetchall())
        secret_ones = {keys().unseal(sealed, _PLACE) for sealed in kept.values()} or {
            secrets.token_hex(KEY_BYTES)
        }
        if len(secret_ones) > 1:
            raise Damaged(_PLACE)
        (look_up_key,) = secret_ones
        if keys().newest not in kept:
            cursor.execute(
                "INSERT INTO sealing_knownkey (id, look_up_key) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                [keys().newest, keys().seal(look_up_key, _PLACE)],
            )
    return bytes.fromhex(look_up_key)


def table_exists(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        return KnownKey._meta.db_table in connection.introspection.table_names(cursor)
