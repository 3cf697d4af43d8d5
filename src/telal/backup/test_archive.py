"""A backup is whole or is not one; what is damaged is noticed before anything is touched."""

import os
import stat

import pytest

from telal.backup import Trouble, archive
from telal.backup.archive import Manifest


@pytest.fixture
def written(tmp_path):
    """A backup of a database that says «dobar dan», and its manifest."""
    path = tmp_path / "telal.backup"
    with archive.beside(path) as folder:
        database = folder / "database"
        database.write_bytes(b"dobar dan")
        manifest = Manifest(
            telal="1.0", made_at="2026-11-22T09:00:00+00:00", engine="sqlite", tool=3, migrations=["cases.0001_initial"],
            rows={"cases_case": 1}, key_check="0", holds_key=True, sha256=archive.digest(database), size=9,
        )  # fmt: skip
        archive.write(path, manifest, database, "the key")
    return path, manifest


def back_up_nothing(path, manifest):
    with archive.beside(path) as folder:
        (folder / "database").write_bytes(b"")
        archive.write(path, manifest, folder / "database", None)


def test_what_was_put_in_comes_out(written, tmp_path):
    path, manifest = written
    assert archive.read_manifest(path) == manifest
    assert archive.read_key(path) == "the key"
    archive.extract(path, manifest, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"dobar dan"


def test_its_owner_alone_may_read_it_and_nothing_is_left_beside_it(written, tmp_path):
    path, _ = written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [path.name]


def test_a_changed_byte_is_noticed(written, tmp_path):
    path, manifest = written
    path.write_bytes(path.read_bytes().replace(b"dobar", b"losij"))
    with pytest.raises(Trouble, match="the database in it is not as it was written"):
        archive.extract(path, manifest, tmp_path / "out")


def test_a_changed_manifest_is_noticed(written):
    path, _ = written
    path.write_bytes(path.read_bytes().replace(b'"cases_case": 1', b'"cases_case": 9'))
    with pytest.raises(Trouble, match="its manifest"):
        archive.read_manifest(path)


@pytest.mark.parametrize("length", [0, 100, 3000])
def test_half_a_file_is_no_backup(written, length):
    path, _ = written
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Trouble, match="backup of Telal"):
        archive.read_manifest(path)


def test_a_write_that_fails_leaves_the_old_backup(written, monkeypatch):
    path, manifest = written
    before = path.read_bytes()

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.os, "fsync", no_space)
    with pytest.raises(Trouble, match="No space"):
        back_up_nothing(path, manifest)
    assert path.read_bytes() == before
