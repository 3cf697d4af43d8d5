"""Where the database is, and how soon either side notices that the other has gone without a word.

A machine whose cable is pulled sends no farewell: without limits of our own, the kernel waits a quarter of an hour for an answer,
and the database keeps a dead machine's locks for two.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db.backends.base.base import BaseDatabaseWrapper

# We give a silent database up. Seconds, but for the last one: ms without an answer of the other kernel.
_OUR_PATIENCE: dict[str, Any] = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}
# The database gives a silent machine of ours up: its locks go to the others after 5 seconds.
_ITS_PATIENCE = {
    "idle_in_transaction_session_timeout": "5s",
    "client_connection_check_interval": "2s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5s",
}


def database(url: str, home: Path) -> dict[str, object]:
    """A Django database from ``postgresql://…`` as libpq reads it, or ``sqlite:///path``; without a URL, SQLite in ``home``.

    Raises ValueError with a sentence that does not repeat the URL, for it holds a password.
    """
    scheme = urlsplit(url).scheme
    if not url:
        return _sqlite(home / "telal.sqlite3")
    if scheme == "sqlite":
        return _sqlite(Path(unquote(urlsplit(url).path)))
    if scheme in ("postgresql", "postgres"):
        return _postgres(url)
    raise ValueError("begin it with postgresql:// or sqlite:///, or leave it out for SQLite in TELAL_HOME")


def settle(connection: BaseDatabaseWrapper) -> None:
    """Have the database lose patience with the dead, too. Kept there for our user, so that a pooler in between changes nothing."""
    if connection.vendor != "postgresql":
        return
    import psycopg.sql  # here, and below: SQLite does without

    setting = psycopg.sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} SET {} = {}")
    with connection.cursor() as cursor:
        # A pooler may know the database by another name.
        cursor.execute("SELECT current_database()")
        here = psycopg.sql.Identifier(cursor.fetchone()[0])
        for name, value in _ITS_PATIENCE.items():
            cursor.execute(setting.format(here, psycopg.sql.Identifier(name), psycopg.sql.Literal(value)))


def _postgres(url: str) -> dict[str, object]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        raise ValueError(
            "PostgreSQL does not understand it; write postgresql://user:password@host:port/name?option=value, "
            "and %-encode what is not a letter or a digit in the password"
        ) from None
    place = {name: str(given.pop(name, "")) for name in ("dbname", "user", "password", "host", "port")}
    if "," in place["host"]:
        # Of several servers, the one that is not a standby: after a fail-over that is another one.
        given.setdefault("target_session_attrs", "read-write")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": place["dbname"],
        "USER": place["user"],
        "PASSWORD": place["password"],
        "HOST": place["host"],
        "PORT": place["port"],
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # No server-side cursors or prepared statements: a pooler in transaction mode may stand in between.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"prepare_threshold": None, **_OUR_PATIENCE, **given},
    }


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Writers queue at BEGIN instead of failing at their first write.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # What is deleted or sealed anew does not lie on in the pages that it left.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON",
        },
    }
