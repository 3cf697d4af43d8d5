"""PostgreSQL: dumped by pg_dump from one moment's view, and restored in one transaction with its own proof."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from telal.backup import Trouble

ENGINE = "postgresql"
_INSTALLED = "/usr/lib/postgresql"


def dump(into: Path) -> tuple[int, dict[str, int]]:
    """Dump the database as it is at this moment; others go on writing. Returns the version of pg_dump, and each table's rows."""
    pg_dump = _program("pg_dump", _server())
    with transaction.atomic(), connection.cursor() as cursor:
        # The dump and the counts see the same moment.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # pg_dump may take longer than the database's patience with us.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        options = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={into}",
        ]
        _run([str(pg_dump), *options, f"--dbname={_address()}"])
        return _version(pg_dump), _rows()


def is_empty() -> bool:
    return not connection.introspection.table_names()


def restore(dumped: Path, rows: Mapping[str, int], made_by: int) -> None:
    """Everything that is there gives way to the dump, in one transaction that also counts the rows; or nothing changes."""
    _make_sure_nobody_is_connected()
    before, after, wanted = "\n".join(_clear()), _proof(rows), max(_server(), made_by)
    pg_restore, psql = _program("pg_restore", wanted), _program("psql", wanted)
    connection.close()
    script = [
        str(psql),
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        f"--dbname={_address()}",
    ]
    restoring = [str(pg_restore), "--no-owner", "--no-privileges", "--file=-", str(dumped)]
    with subprocess.Popen(  # noqa: S603
        script, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment()
    ) as taking:
        assert taking.stdin
        assert taking.stderr
        try:
            taking.stdin.write(before.encode())
            taking.stdin.flush()
            _run(restoring, stdout=taking.stdin.fileno())
            taking.stdin.write(after.encode())
            taking.stdin.close()
        except (Trouble, OSError) as trouble:
            # Before it comes to the end of what it reads, and so to COMMIT.
            taking.kill()
            said = taking.stderr.read().decode(errors="replace")
            raise Trouble(_first_error(said) or str(trouble)) from None
        said = taking.stderr.read().decode(errors="replace")
    if taking.returncode:
        raise Trouble(_first_error(said) or "The database did not take it.")


# ── The programs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _program(name: str, wanted: int) -> Path:
    """The oldest that is not older than ``wanted``: an older one refuses, a newer one may write what the server does not know."""
    found = sorted((version, path) for path in _installed(name) if (version := _version(path)))
    if not found:
        raise Trouble(f"There is no {name} here: install the client programs of PostgreSQL {wanted}.")
    for version, path in found:
        if version >= wanted:
            return path
    raise Trouble(
        f"PostgreSQL {wanted} is needed, and the newest {name} here is {found[-1][0]}: "
        f"install the client programs of PostgreSQL {wanted}."
    )


def _server() -> int:
    """Its major version, and so the least of the programs'."""
    connection.ensure_connection()
    version: int = connection.pg_version // 10_000  # type: ignore[attr-defined]
    return version


def _installed(name: str) -> Iterator[Path]:
    # On Debian the one on the PATH is a wrapper around these.
    yield from Path(_INSTALLED).glob(f"*/bin/{name}")
    if found := shutil.which(name):
        yield Path(found)


def _version(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    number = re.search(r"\) (\d+)", said.stdout)
    return int(number[1]) if number else 0


def _run(command: list[str], stdout: int | None = None) -> None:
    done = subprocess.run(command, env=_environment(), stdout=stdout, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise Trouble(_first_error(done.stderr.decode(errors="replace")) or f"{command[0]} failed.")


def _first_error(said: str) -> str:
    """The line that says what is wrong. Lines after it may quote rows, and so people."""
    return next((line.strip() for line in said.splitlines() if "error:" in line.lower()), "")


def _address() -> str:
    """Where the database is, without the password: other users of the machine can see what a program is called with."""
    database = connection.settings_dict
    options: dict[str, Any] = {
        name: value for name, value in database["OPTIONS"].items() if name != "prepare_threshold"
    }
    parts = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    options |= {name: database[part] for name, part in parts.items() if database[part]}
    return make_conninfo(**options)


def _environment() -> dict[str, str]:
    password = connection.settings_dict["PASSWORD"]
    return {**os.environ, **({"PGPASSWORD": password} if password else {})}


# ── What goes before the dump, and what proves it ────────────────────────────────────────────────────────────────────


def _make_sure_nobody_is_connected() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        (others,) = cursor.fetchone()
    if others:
        raise Trouble(
            f"There are {others} other connections to this database: stop every process of Telal first."
        )


def _clear() -> Iterator[str]:
    """Drop all tables and functions of ours. What extensions brought stays."""
    yield "SET lock_timeout = '10s';"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('DROP TABLE %I.%I CASCADE;', schemaname, tablename) FROM pg_tables WHERE schemaname = current_schema()"
            " UNION ALL SELECT format('DROP FUNCTION %s CASCADE;', oid::regprocedure) FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
            " AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
        )
        yield from (statement for (statement,) in cursor.fetchall())
    yield ""


def _proof(rows: Mapping[str, int]) -> str:
    """Raises an error, and so takes everything back, when a table has not the rows that were counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
    checks = (
        f'IF (SELECT count(*) FROM "{schema}"."{table}") <> {count} THEN RAISE EXCEPTION \'rows are missing in {table}\'; END IF;'  # noqa: S608
        for table, count in rows.items()
    )
    return "\n".join(["", "DO $proof$ BEGIN", *checks, "END $proof$;", ""])


def _rows() -> dict[str, int]:
    counted = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608
            counted[table] = cursor.fetchone()[0]
    return counted
