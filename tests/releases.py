"""Databases as earlier releases left them: recorded once with the release, and laid beneath the newest code by the tests.

With every release: ``python -m tests.releases 1.2.0`` on its commit writes ``tests/releases/1.2.0.json``, to be committed. The
stories in ``test_upgrade.py`` are then told on it, too.
"""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "releases"

# What a database is given by ``migrate`` itself.
_NOT_DATA = {
    "django_migrations", "django_content_type", "auth_permission", "auth_group_permissions", "django_session",
    "sqlite_sequence",
}  # fmt: skip
_TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?")

# Told to the release's own code, while nobody works: a change not announced, a question not answered, a message of last year.
_LEAVE_WORK = """
import django, json, sys
from datetime import timedelta
django.setup()
from django.utils import timezone
from telal.cases.models import Case, Change
from telal.messaging.models import Inbound, Message
Case.objects.get(ref="ivana").move_to(Change("ready_for_pickup"), source="counter", actor="amra")
now = timezone.now()
oldest = Message.objects.order_by("pk").values("pk")[:1]
Message.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).update(created_at=now - timedelta(days=300))
question = {"event": "message", "timestamp": int(now.timestamp() * 1000), "message_token": 5741311803571721999,
            "sender": {"id": sys.argv[1], "name": "Ivana"}, "message": {"type": "text", "text": "Moji predmeti"}}
Inbound.objects.create(channel="viber", key="recorded", kind="message", address=sys.argv[1], at=now, received_at=now,
                       body=json.dumps(question))
"""


def record(release: str) -> None:
    """Live some stories in this release, stop it in the middle of work, and write down its database."""
    from tests.house import House, eventually

    with House("sqlite") as house:
        ivana = house.bound("ivana", "06-23-1847/26")
        house.change("ivana", "1", "awaiting_other_body", waiting_for="KJKP Vodovod i kanalizacija")
        ivana.hears("Vodovod")
        ivana.read()
        mirza = house.bound(
            "mirza", "06-23-1848/26", "Mirza", applicant={"name": "Mirza Delić", "phone": "062 123 456"}
        )
        mirza.say("STOP")
        eventually(lambda: len(mirza.heard()) == 3, "the confirmation")
        petar = house.register(
            "petar", "06-23-1849/26", applicant={"name": "Petar Savić", "phone": "+43 664 1234567"}
        )
        house.telal(
            "user", "create", "amra", "--role", "counter", "--password-stdin", stdin="otvoreno-nebo\n"
        )
        house.fault(kind="http", status=500, receiver=ivana.id, times=1000)
        house.change("ivana", "2", "decided", outcome="granted")
        eventually(lambda: any(not send["accepted"] for send in house.sends()), "a try that fails")
        key = house.telal("apikey", "create", "pisarnica").splitlines()[-1]
        house.telal("apikey", "revoke", "dms")
        house.kill("serve")
        subprocess.run(
            [sys.executable, "-c", _LEAVE_WORK, ivana.id],
            env={**house.environment, "DJANGO_SETTINGS_MODULE": "telal.config.settings"},
            check=True,
        )
        facts = {"ivana": ivana.id, "mirza": mirza.id, "petar_link": petar["viber_link"], "key": key}
        written = {"release": release, "facts": facts, **_dump(house.home / "telal.sqlite3")}
    RECORDED.mkdir(exist_ok=True)
    text = json.dumps(written, ensure_ascii=False, indent=1)
    (RECORDED / f"{release}.json").write_text(f"{text}\n")


def _dump(path: Path) -> dict[str, Any]:
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    tables = [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    applied = database.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    rows = {
        table: [dict(row) for row in database.execute(f'SELECT * FROM "{table}"')]
        for table in tables
        if table not in _NOT_DATA
    }
    recorded_at = database.execute("SELECT max(created_at) FROM messaging_message").fetchone()[0]
    return {
        "recorded_at": recorded_at,
        "migrations": dict(applied),
        "rows": {table: content for table, content in rows.items() if content},
    }


def lay(release: str) -> dict[str, str]:
    """Make the configured, empty database what the release had left a minute ago. Returns the facts that go with it."""
    import django

    django.setup()
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    recorded = json.loads((RECORDED / f"{release}.json").read_text())
    MigrationExecutor(connection).migrate(list(recorded["migrations"].items()))
    ago = datetime.now() - datetime.fromisoformat(recorded["recorded_at"])
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in recorded["rows"].items():
            cursor.execute(f'DELETE FROM "{table}"')
            _insert(cursor, table, list(_moved(rows, timedelta(days=ago.days))))
    return dict(recorded["facts"])


def _moved(rows: list[dict[str, Any]], by: timedelta) -> Iterator[dict[str, Any]]:
    """The rows as if they had been written lately: links have not expired, and texts are not over."""
    for row in rows:
        yield {column: _later(value, by) for column, value in row.items()}


def _later(value: Any, by: timedelta) -> Any:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return value
    if len(value) == 10:
        return str(date.fromisoformat(value) + by)
    return str(datetime.fromisoformat(value) + by)


def _insert(cursor: Any, table: str, rows: list[dict[str, Any]]) -> None:
    columns = ", ".join(f'"{column}"' for column in rows[0])
    if cursor.db.vendor == "sqlite":
        places = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(
            f'INSERT INTO "{table}" ({columns}) VALUES ({places})', [list(row.values()) for row in rows]
        )
        return
    lists = [{column: _as_json(value) for column, value in row.items()} for row in rows]
    cursor.execute(
        f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::"{table}", %s)',
        [json.dumps(lists)],
    )
    if "id" in rows[0] and isinstance(rows[0]["id"], int):
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), {max(row['id'] for row in rows)})"
        )


def _as_json(value: Any) -> Any:
    """SQLite keeps a list as its JSON text."""
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else value


if __name__ == "__main__":
    if sys.argv[1] == "lay":
        print(json.dumps(lay(sys.argv[2])))
    else:
        record(sys.argv[1])
