"""The step of a migration that seals what has lain open in a column until now."""

from collections.abc import Callable
from typing import Any

from django.db import migrations, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from telal.sealing.keyring import SEALED, keyed_hash
from telal.sealing.known_keys import know
from telal.sealing.seals import seal, unseal

BATCH = 1000

Rewritten = Callable[[str], list[str]]


def sealing(table: str, column: str, *, hash_column: str = "") -> migrations.RunPython:
    """Seals the column, and fills ``hash_column`` beside it; on the way back lays it open again.

    What is sealed already is left alone, so that an interrupted migration that is not atomic goes on where it was.
    """
    place = f"{table}.{column}"
    columns = [column, hash_column] if hash_column else [column]

    def close(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        look_up_key = know(editor.connection)

        def closed(text: str) -> list[str]:
            return [seal(text, place), keyed_hash(text, look_up_key)][: len(columns)]

        _rewrite(editor.connection, table, columns, "NOT LIKE", closed)

    def lay_open(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        _rewrite(editor.connection, table, columns[:1], "LIKE", lambda text: [unseal(text, place)])

    return migrations.RunPython(close, lay_open)


def _rewrite(
    connection: BaseDatabaseWrapper, table: str, columns: list[str], like: str, rewritten: Rewritten
) -> None:
    source, last = columns[0], 0
    assignments = ", ".join(f"{column} = %s" for column in columns)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"""
                SELECT id, {source} FROM {table} WHERE id > %s AND {source} <> '' AND {source} {like} %s
                ORDER BY id LIMIT {BATCH}
                """,  # noqa: S608  (names are constants of ours)
                [last, f"{SEALED}%"],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            with transaction.atomic(using=connection.alias):
                cursor.executemany(
                    f"UPDATE {table} SET {assignments} WHERE id = %s",  # noqa: S608
                    [[*rewritten(text), id_] for id_, text in rows],
                )
            last = rows[-1][0]
