"""SQLite: one file, copied while it is in use by SQLite's own means, and put back as a whole."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from django.db import connection

from telal.backup import Trouble

ENGINE = "sqlite"


def dump(into: Path) -> tuple[int, dict[str, int]]:
    """Copy the database as it is at this moment; others go on writing. Returns the version of SQLite, and each table's rows."""
    with closing(sqlite3.connect(_path())) as source, closing(sqlite3.connect(into)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        return sqlite3.sqlite_version_info[0], _rows(copy)


def is_empty() -> bool:
    if not _path().exists():
        return True
    with closing(sqlite3.connect(_path())) as database:
        return not _rows(database)


def restore(dumped: Path, rows: Mapping[str, int], _tool: int) -> None:
    """Take the place of the present database, if the copy is whole and nobody uses that one."""
    with closing(sqlite3.connect(dumped)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",) or _rows(copy) != rows:
            raise Trouble("The database in the backup is damaged.")
    connection.close()
    _make_sure_nobody_uses(_path())
    dumped.replace(_path())


def _path() -> Path:
    return Path(connection.settings_dict["NAME"])


def _make_sure_nobody_uses(path: Path) -> None:
    """Leaving the write-ahead log needs the file for oneself; and nothing of it may be left beside another file."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=0)) as database:
        try:
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise Trouble("Telal is running on this database: stop it first.") from None


def _rows(database: sqlite3.Connection) -> dict[str, int]:
    tables = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return {
        name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for (name,) in tables.fetchall()
    }
