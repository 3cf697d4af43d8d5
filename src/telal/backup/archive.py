"""The file of a backup: a tar with a manifest, the database and, where asked for, the secret key."""

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from telal.backup import Trouble

FORMAT = 1
_MANIFEST, _CHECKSUM, _DATABASE, _KEY = "manifest.json", "manifest.sha256", "database", "secret_key"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in the file, so that it can be judged before anything is touched.

    ``made_at`` is ISO 8601 in UTC; ``tool`` the version of what dumped it; ``migrations`` are ``app.name``; ``rows`` counts by
    table; ``key_check`` tells one secret key from another and nothing of it; ``sha256`` and ``size`` (bytes) are the database's.
    """

    telal: str
    made_at: str
    engine: str
    tool: int
    migrations: list[str]
    rows: dict[str, int]
    key_check: str
    holds_key: bool
    sha256: str
    size: int
    format: int = FORMAT


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A private folder on the same disk, gone afterwards. Whatever cannot be written there is Trouble."""
    try:
        with tempfile.TemporaryDirectory(prefix=".telal-", dir=path.absolute().parent) as name:
            yield Path(name)
    except OSError as error:
        raise Trouble(f"Cannot write beside {path} ({error.strerror}).") from None


def write(path: Path, manifest: Manifest, database: Path, key: str | None) -> None:
    """All of it or nothing: the file is there when it is whole and on disk. Readable by its owner alone."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    database.chmod(0o600)
    made = database.with_name("backup.tar")
    with open(made, "xb", opener=_private) as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            _add(tar, _MANIFEST, text)
            _add(tar, _CHECKSUM, hashlib.sha256(text).hexdigest().encode())
            if key is not None:
                _add(tar, _KEY, key.encode())
            tar.add(database, _DATABASE)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    _sync_folder(path)


def read_manifest(path: Path) -> Manifest:
    """Raises Trouble for what is no backup, or a damaged one."""
    text, checksum = _content(path, _MANIFEST), _content(path, _CHECKSUM)
    if hashlib.sha256(text).hexdigest().encode() != checksum:
        raise Trouble(f"{path} is damaged: its manifest is not as it was written.")
    fields: Mapping[str, object] = json.loads(text)
    if fields["format"] != FORMAT:
        raise Trouble(
            f"{path} was made by another release of Telal ({fields['telal']}): restore it with that one."
        )
    return Manifest(**fields)  # type: ignore[arg-type]


def extract(path: Path, manifest: Manifest, into: Path) -> None:
    """Take the database out, readable by its owner alone. Raises Trouble when it is not what the manifest says."""
    hashed = hashlib.sha256()
    with _opened(path) as tar, open(into, "xb", opener=_private) as file:
        member = _member(tar, _DATABASE, path)
        while piece := member.read(_PIECE):
            hashed.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    if (hashed.hexdigest(), size) != (manifest.sha256, manifest.size):
        raise Trouble(f"{path} is damaged: the database in it is not as it was written.")


def read_key(path: Path) -> str:
    """The secret key in a backup that holds it."""
    return _content(path, _KEY).decode()


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that its owner alone may read."""
    made = path.with_name(f".{path.name}.new")
    made.unlink(missing_ok=True)
    with open(made, "x", opener=_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    _sync_folder(path)


def _content(path: Path, name: str) -> bytes:
    with _opened(path) as tar:
        return _member(tar, name, path).read()


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except tarfile.TarError:
        raise Trouble(f"{path} is not a backup of Telal, or is damaged.") from None
    except OSError as error:
        raise Trouble(f"{path} cannot be read ({error.strerror}).") from None


def _member(tar: tarfile.TarFile, name: str, path: Path) -> IO[bytes]:
    try:
        member = tar.extractfile(name)
    except KeyError:
        member = None
    if member is None:
        raise Trouble(f"{path} is not a backup of Telal: there is no {name} in it.")
    return member


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, BytesIO(content))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
