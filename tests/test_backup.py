"""Fire: the machine is gone, and the backup goes onto an empty one. Every row is there, and the citizens notice nothing."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from telal.backup import postgresql
from tests.house import House, eventually


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql" and not list(postgresql._installed("pg_dump")):
        pytest.skip("there are no client programs of PostgreSQL (pg_dump) on this machine")
    return str(request.param)


def tables(house: House) -> dict[str, list[tuple]]:
    """Every row of every table."""
    names: Any
    if "TELAL_DATABASE_URL" in house.environment:
        with psycopg.connect(house.environment["TELAL_DATABASE_URL"]) as there:
            names = there.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            return {name: sorted(map(repr, there.execute(f'TABLE "{name}"'))) for (name,) in names}
    with closing(sqlite3.connect(house.home / "telal.sqlite3")) as there:
        names = there.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: sorted(map(repr, there.execute(f'SELECT * FROM "{name}"'))) for (name,) in names}


def without_log(tables: dict[str, list[str]]) -> dict[str, list[str]]:
    """The audit log goes on with every command: there it has the backup, here the restoring."""
    return {name: rows for name, rows in tables.items() if name not in ("staff_entry", "staff_tail")}


def refusal(house: House, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "telal.cli", *arguments], env=house.environment, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout
    return done.stderr


def test_from_an_empty_machine_the_story_goes_on(database: str, tmp_path: Path):
    busy, still = str(tmp_path / "busy.backup"), str(tmp_path / "still.backup")
    with House(database, restarts=False) as burnt:
        ivana = burnt.bound("i", "06-23-1847/26")
        changes = threading.Thread(target=_change_much, args=(burnt,))
        changes.start()
        said = burnt.telal("backup", busy)
        assert "The secret key is NOT in it" in said
        changes.join()
        ivana.hears("Institucija 49.")
        for name in burnt.commands:
            burnt.stop(name)
        burnt.telal("backup", still)
        before = tables(burnt)

    def restore(house: House) -> None:
        assert "every table has been counted" in house.telal("restore", still)
        assert without_log(tables(house)) == without_log(before)
        assert "The chain holds" in house.telal("audit", "verify")
        house.key = burnt.key

    with House(database, restarts=False, ground=restore) as new:
        ivana = new.phone("Ivana", id=ivana.id, subscribed=True)
        ivana.say("Moji predmeti")
        ivana.hears("06-23-1847/26")
        new.change("i", "next", "decided", outcome="granted")
        ivana.hears("usvojen")

        assert "stop" in refusal(new, "restore", busy, "--replace"), "nobody may be at work"
        for name in new.commands:
            new.stop(name)
        assert "--replace" in refusal(new, "restore", busy)
        assert len(tables(new)["cases_caseevent"]) == len(before["cases_caseevent"]) + 1
        new.telal("restore", busy, "--replace")
        assert len(tables(new)["cases_caseevent"]) <= len(before["cases_caseevent"])


def _change_much(house: House) -> None:
    for n in range(50):
        assert house.change("i", str(n), "awaiting_other_body", waiting_for=f"Institucija {n}.").status == 201
    eventually(lambda: len(house.accepted()) >= 51, "all are told", seconds=40)
