"""Phone numbers and texts at rest, in real installations: nobody reads them from the disk, and keys change while all goes on."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from telal.cases.models import Applicant
from telal.config.database import database
from telal.messaging.models import Message
from telal.notices.models import Consent
from telal.sealing import rotation
from telal.sealing.keyring import new_key
from tests.database import new_postgres_database
from tests.house import House, eventually

NUMBER = b"61123456"


def on_disk(house: House) -> bytes:
    """Everything the database keeps: the bytes of SQLite's files, or what pg_dump would write."""
    address = house.environment.get("TELAL_DATABASE_URL")
    if address is None:
        return b"".join(file.read_bytes() for file in house.home.glob("telal.sqlite3*"))
    return tables(address)


def tables(address: str) -> bytes:
    dump = b""
    with psycopg.connect(address) as opened:
        names = opened.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            with opened.cursor().copy(f'COPY "{name}" TO STDOUT') as lines:
                dump += b"".join(bytes(line) for line in lines)
    return dump


def opened(house: House) -> Any:
    """The database, past Telal. Commits at the end of a ``with``."""
    address = house.environment.get("TELAL_DATABASE_URL")
    return psycopg.connect(address) if address else sqlite3.connect(house.home / "telal.sqlite3", timeout=20)


def heads(house: House) -> set[str]:
    """The keys that messages are sealed with."""
    with opened(house) as database:
        return {
            row[0] for row in database.execute("SELECT DISTINCT substr(text, 1, 16) FROM messaging_message")
        }


def restart(house: House) -> None:
    for name in house.commands:
        assert house.stop(name) == 0
    for name in house.commands:
        house.start(name)
    house.is_open()


def refused(house: House, **environment: str) -> str:
    """What a process says that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "telal.cli", "serve"],
        env={**house.environment, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    return done.stderr


def test_a_stolen_disk_tells_neither_the_number_nor_what_was_said(house):
    phone = house.bound("r1", "06-23-101/26")
    phone.say("Zanima me moj povjerljivi predmet, tel. 061 123 456")
    phone.hears_all(3)
    assert house.change("r1", "1", "awaiting_other_body", waiting_for="KJKP Vodovod").status == 201
    phone.hears("KJKP Vodovod")
    disk = on_disk(house)
    assert b"06-23-101/26" in disk  # it is the right place, and the number of the case lies open
    assert NUMBER not in disk
    assert b"povjerljivi" not in disk
    said = {line for text in phone.heard() for line in text.splitlines() if len(line) > 20}
    assert len(said) > 5
    assert [line for line in said if line.encode() in disk] == []


def test_a_message_changed_on_the_disk_is_not_sent_and_holds_up_nobody(house):
    phone = house.bound("r3", "06-23-103/26")
    house.fault(kind="http", status=429, receiver=phone.id, times=1)
    house.change("r3", "1", "in_progress")
    eventually(lambda: not house.sends()[-1]["accepted"], "a try that has to be repeated")
    with opened(house) as database:
        database.execute("UPDATE messaging_message SET text = text || 'AAAA' WHERE due_at IS NOT NULL")
    house.change("r3", "2", "decided", outcome="granted")
    phone.hears("usvojen")
    told = [event["messages"] for event in house.api("GET", "/cases/r3").body["timeline"]]
    assert [(message["state"], message["error"]) for message in told[1]] == [("failed", "unreadable")]
    with opened(house) as database:
        database.execute(
            "UPDATE messaging_message SET text = substr(text, 1, length(text) - 4) WHERE text LIKE '%AAAA'"
        )


def test_keys_change_while_all_goes_on(house):
    phone = house.bound("r2", "06-23-102/26")
    heard_before = len(phone.heard())
    house.environment["TELAL_DATA_KEYS"] = house.telal("keys", "new").strip()
    restart(house)

    def change() -> None:
        for n in range(20):
            house.change("r2", str(n), "awaiting_other_body", waiting_for=f"Institucija {n:02}")

    dms = threading.Thread(target=change)
    dms.start()
    assert "messaging_message.text" in house.telal("keys", "rotate")
    dms.join()
    texts = phone.hears_all(heard_before + 20)[heard_before:]
    assert [f"Institucija {n:02}" in text for n, text in enumerate(texts)] == [True] * 20
    assert len(heads(house)) == 1
    assert "is not at hand" in refused(house, TELAL_DATA_KEYS=new_key())


# ── The upgrade of a database in which all lies open ─────────────────────────────────────────────────────────────────

OPEN = [
    ("cases", "0004_reduced_cases"),
    ("messaging", "0004_keys_without_people"),
    ("notices", "0001_initial"),
]
SEALED = [("cases", "0006_sealed_notes"), ("messaging", "0006_seal"), ("notices", "0002_sealed")]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    """A database of our own instead of the one that other tests share."""
    url = f"sqlite:///{tmp_path}/telal.sqlite3" if request.param == "sqlite" else new_postgres_database()
    shared, its_settings = connections["default"], connections.settings["default"]
    connections.settings["default"] = {**its_settings, **database(url, tmp_path)}
    connections["default"] = connections.create_connection("default")
    with django_db_blocker.unblock():
        yield
        connection.close()
    connections["default"], connections.settings["default"] = shared, its_settings


def migrate(targets: list[tuple[str, str]]) -> Any:
    return MigrationExecutor(connection).migrate(targets).apps


def fill(apps: Any) -> None:
    """A citizen whose case, consent and messages were written before anything was sealed."""
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    ana = apps.get_model("cases", "Applicant").objects.create(name="Ana", phone="+38761123456")
    apps.get_model("cases", "Applicant").objects.create(name="Bez broja", phone="")
    case = apps.get_model("cases", "Case").objects.create(
        ref="1", number="1/26", number_key="1/26", kind="administrative", subject="Nadogradnja", applicant=ana,
        received_on=now.date(), status="received", changed_at=now,
    )  # fmt: skip
    apps.get_model("cases", "CaseEvent").objects.create(
        case=case, no=1, status="received", note="Zvala je kuma", occurred_at=now, recorded_at=now, source="counter",
        expected=True, is_news=True,
    )  # fmt: skip
    apps.get_model("notices", "Consent").objects.create(
        case=case,
        person="Ana",
        phone="+38761123456",
        given_at=now,
        recorded_by="Amra",
        medium="paper",
        text_version="1",
    )
    contact = apps.get_model("messaging", "Contact").objects.create(
        channel="viber", address="ana==", name="Ana na moru"
    )
    messages = apps.get_model("messaging", "Message")
    messages.objects.bulk_create(
        messages(contact=contact, lane=1, text=f"Poruka {n}", created_at=now) for n in range(2500)
    )
    apps.get_model("messaging", "Inbound").objects.create(
        channel="viber",
        key="1",
        kind="message",
        at=now,
        body='{"text": "Gdje je moj predmet?"}',
        received_at=now,
    )


def open_words() -> list[list[str]]:
    """What can be read without a key in the columns of the tables that there are by now."""
    found = []
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for column in rotation.sealed_columns():
            if column.table not in tables:
                continue
            cursor.execute(
                f"SELECT {column.name} FROM {column.table} WHERE {column.name} NOT LIKE 'sealed:%'"
            )
            found.append(sorted({row[0] for row in cursor.fetchall()} - {""}))
    return found


def test_an_upgrade_seals_what_lay_open_and_the_way_back_opens_it(empty_database):
    before = migrate(OPEN)
    fill(before)
    lay_open = open_words()
    assert sum(map(len, lay_open)) == 2506
    migrate(SEALED)
    assert open_words() == [[] for _ in lay_open]
    applicants = Applicant.objects
    rows = applicants.values_list("name", "phone", "phone_hash")
    assert {(name, phone, bool(hash_)) for name, phone, hash_ in rows} == {
        ("Ana", "+38761123456", True),
        ("Bez broja", "", False),
    }
    # The tables are older than the models of today: only these columns are asked for.
    ana = applicants.values_list("phone_hash", flat=True).get(name="Ana")
    assert Consent.objects.values_list("phone_hash", flat=True).get() == ana
    assert Message.objects.values_list("text", flat=True).get(pk=1) == "Poruka 0"
    migrate(OPEN)
    assert open_words() == lay_open
