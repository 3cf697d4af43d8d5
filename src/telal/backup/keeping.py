"""``telal backup`` and ``telal restore``: what is done, in which order, and what is said about it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import salted_hmac

from telal.backup import Trouble, archive, postgresql, sqlite
from telal.backup.archive import Manifest
from telal.sealing import known_keys
from telal.sealing.keyring import Unreadable


def back_up(path: Path, *, with_key: bool) -> Iterator[str]:
    """Write the database to a file, while it is in use. Yields what to tell; raises Trouble."""
    if with_key and settings.TELAL_KEPT_KEY is None:
        raise Trouble(
            "The secret key is not kept in TELAL_HOME but given in the environment: keep that with your secrets."
        )
    with archive.beside(path) as folder:
        manifest = _dump(folder / "database", with_key=with_key)
        archive.write(path, manifest, folder / "database", settings.SECRET_KEY if with_key else None)
    yield f"{_rows(manifest)} are in {path} ({manifest.size >> 10} KiB)."
    if with_key:
        yield "The secret key is in it, too: whoever has the file can read everything. Encrypt it."
    else:
        yield f"The secret key is NOT in it: keep {_where_the_key_is()} elsewhere, for without it nothing sealed can be read."
        yield "The file holds personal data: encrypt it, and delete it by the rules of the municipality."


def restore(path: Path, *, replace: bool) -> Iterator[str]:
    """Put a backup in the place of the database. Yields what to tell; raises Trouble, and then nothing has changed."""
    manifest = archive.read_manifest(path)
    engine = _engine()
    if manifest.engine != engine.ENGINE:
        raise Trouble(
            f"This is a backup of {manifest.engine}, and TELAL_DATABASE_URL is one of {engine.ENGINE}."
        )
    if unknown := sorted(set(manifest.migrations) - _known_migrations()):
        raise Trouble(
            f"The backup was made by a newer release (Telal {manifest.telal}; {unknown[0]}): restore it with that one."
        )
    if not engine.is_empty() and not replace:
        raise Trouble(
            "The database is not empty. To lose what is in it and put the backup in its place, say --replace."
        )
    with archive.beside(_database_file(path)) as folder:
        archive.extract(path, manifest, folder / "database")
        engine.restore(folder / "database", manifest.rows, manifest.tool)
    yield f"{_rows(manifest)} are back, as they were at {manifest.made_at}; every table has been counted."
    yield from _restore_key(path, manifest)
    if set(manifest.migrations) != _known_migrations():
        yield f"They are of an older release (Telal {manifest.telal}): run telal migrate."
    yield "What was erased, withdrawn or stopped since then counts again: repeat it before you start (docs/operations.md)."


def _dump(into: Path, *, with_key: bool) -> Manifest:
    engine = _engine()
    tool, rows = engine.dump(into)
    return Manifest(
        telal=version("telal"),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=engine.ENGINE,
        tool=tool,
        migrations=sorted(".".join(name) for name in MigrationRecorder(connection).applied_migrations()),
        rows=rows,
        key_check=_key_check(settings.SECRET_KEY),
        holds_key=with_key,
        sha256=archive.digest(into),
        size=into.stat().st_size,
    )


def _restore_key(path: Path, manifest: Manifest) -> Iterator[str]:
    if manifest.key_check == _key_check(settings.SECRET_KEY):
        yield from _missing_keys()
    elif manifest.holds_key and settings.TELAL_KEPT_KEY:
        archive.write_private(settings.TELAL_KEPT_KEY, archive.read_key(path))
        yield f"The secret key of the backup is now in {settings.TELAL_KEPT_KEY}."
    else:
        yield f"It was made with another secret key: give that one back ({_where_the_key_is()}) before you start."


def _missing_keys() -> Iterator[str]:
    if known_keys.table_exists(connection):
        try:
            known_keys.know(connection)
        except Unreadable as unreadable:
            yield str(unreadable)


def _engine() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def _known_migrations() -> set[str]:
    return {".".join(name) for name in MigrationLoader(None).disk_migrations}


def _database_file(path: Path) -> Path:
    """What the copy must be on one disk with, to take its place in one step."""
    return path if connection.vendor == "postgresql" else Path(connection.settings_dict["NAME"])


def _where_the_key_is() -> str:
    return str(settings.TELAL_KEPT_KEY or "TELAL_SECRET_KEY")


def _key_check(key: str) -> str:
    """Tells keys apart. Keys are long and random, so it cannot be searched."""
    return salted_hmac("telal.backup", "key", secret=key, algorithm="sha256").hexdigest()[:16]


def _rows(manifest: Manifest) -> str:
    return f"{sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables"
