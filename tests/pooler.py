"""PgBouncer in transaction mode, as docs/operations.md has it, before a PostgreSQL of the tests."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.postgres import free_port

SERVER_CONNECTIONS = 4
DOCUMENTED = (Path(__file__).parent.parent / "docs/operations.md").read_text()


def why_not() -> str:
    """Why no pooler can be started here; empty when one can."""
    return "" if shutil.which("pgbouncer") else "pgbouncer is missing"


class Pooler:
    """``with Pooler(address) as pooler: …``; at ``pooler.address`` it is the same database."""

    def __init__(self, database: str) -> None:
        there = conninfo_to_dict(database)
        self._folder = tempfile.TemporaryDirectory(prefix="telal-pooler-")
        self._port = free_port()
        self.address = f"postgresql://{there['user']}@127.0.0.1:{self._port}/{there['dbname']}"
        self._settings = Path(self._folder.name) / "pgbouncer.ini"
        self._settings.write_text(f"""
[databases]
* = host={there["host"]} port={there.get("port", 5432)} user={there["user"]}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self._port}
unix_socket_dir =
auth_type = any
admin_users = {there["user"]}
{_documented_settings()}
default_pool_size = {SERVER_CONNECTIONS}
""")

    def __enter__(self) -> "Pooler":
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if as_postgres:
            shutil.chown(self._folder.name, "postgres")
        with (self._settings.parent / "log").open("w") as log:
            command = [*as_postgres, "pgbouncer", str(self._settings)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self

    def connections(self) -> tuple[int, int]:
        """How many it keeps to its clients, and how many to the database."""
        console = f"{self.address.rpartition('/')[0]}/pgbouncer"
        with psycopg.connect(console, autocommit=True, cursor_factory=psycopg.ClientCursor) as asked:
            clients = asked.execute("SHOW CLIENTS").fetchall()
            servers = asked.execute("SHOW SERVERS").fetchall()
        return len(clients) - 1, len(servers)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()


def _documented_settings() -> str:
    """What the documentation tells people to write."""
    return DOCUMENTED.partition("[pgbouncer]\n")[2].partition("```")[0]
