"""New keys for old: everything is sealed anew with the newest key, while all goes on."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, transaction

from telal.sealing.fields import SealedTextField
from telal.sealing.keyring import ID_LENGTH, SEALED, Unreadable
from telal.sealing.models import KnownKey
from telal.sealing.seals import keys

BATCH = 200
# Rows that somebody else holds are passed over, and looked at again after this time.
PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class Column:
    """Where sealed values are kept, how many have been sealed anew, and which rows could not be opened and why."""

    table: str
    name: str
    resealed: int = 0
    unreadable: dict[int, Unreadable] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.table}.{self.name}"


def sealed_columns() -> list[Column]:
    return [
        Column(model._meta.db_table, str(column.column))
        for model in apps.get_models()
        for column in model._meta.local_fields
        if isinstance(column, SealedTextField)
    ]


def rotate() -> Iterator[Column]:
    """Seal anew whatever is not under the newest key, column by column; then forget the keys that nothing is sealed with.

    May be interrupted and begun again, and runs beside everything else: a few rows at a time are locked, and nobody is waited for.
    """
    for column in sealed_columns():
        last = 0
        while (last := _reseal_after(last, column)) or _is_left(column):
            if not last:
                time.sleep(PAUSE_SECONDS)
        yield column
    _forget_unused()


def usage() -> Counter[str]:
    """How many values are sealed with each key, by its id. Reads all of them."""
    count: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for column in sealed_columns():
            cursor.execute(
                f"""
                SELECT substr({column.name}, %s, %s), count(*) FROM {column.table} WHERE {column.name} <> '' GROUP BY 1
                """,  # noqa: S608  (names come from our models)
                [len(SEALED) + 1, ID_LENGTH],
            )
            count.update(dict(cursor.fetchall()))
    return count


def _reseal_after(last: int, column: Column) -> int:
    """One batch of the rows after ``last``. Returns the last of them, 0 when there is none."""
    # Passing over what is locked, we never wait for another transaction while it may be waiting for us.
    locked = "FOR NO KEY UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id, {column.name} FROM {column.table} WHERE id > %s AND {_is_old(column)} ORDER BY id LIMIT {BATCH} {locked}
            """,  # noqa: S608
            [last, keys().head],
        )
        rows = cursor.fetchall()
        cursor.executemany(
            f"UPDATE {column.table} SET {column.name} = %s WHERE id = %s",  # noqa: S608
            [(anew, id_) for id_, sealed in rows if (anew := _anew(id_, sealed, column))],
        )
    return int(rows[-1][0]) if rows else 0


def _anew(id_: int, sealed: str, column: Column) -> str:
    """The same value under the newest key; empty, and noted, where it cannot be opened."""
    try:
        anew = keys().seal(keys().unseal(sealed, column.place), column.place)
    except Unreadable as error:
        column.unreadable[id_] = error
        return ""
    column.resealed += 1
    return anew


def _is_left(column: Column) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {column.table} WHERE {_is_old(column)}",  # noqa: S608
            [keys().head],
        )
        left: int = cursor.fetchone()[0]
    return left > len(column.unreadable)


def _is_old(column: Column) -> str:
    return f"{column.name} <> '' AND substr({column.name}, 1, {len(keys().head)}) <> %s"


def _forget_unused() -> None:
    KnownKey.objects.exclude(pk__in=[keys().newest, *usage()]).delete()
