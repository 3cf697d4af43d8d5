"""A house for long runs: a standby for its database, small disks, clocks that can be turned, as far as this machine allows."""

import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg

from tests import clock as clocks
from tests import disk as disks
from tests import postgres
from tests.clock import Clock
from tests.disk import Disk
from tests.house import House, eventually
from tests.postgres import Cluster

MEGABYTES = 768
# So that write-ahead logs leave room on a small disk, and a standby that was away still finds what it missed.
WAL = {"min_wal_size": "32MB", "max_wal_size": "96MB", "wal_keep_size": "96MB"}


class Pair(Cluster):
    """A PostgreSQL with a standby at which every commit waits to be, too. ``primary`` is whichever takes changes."""

    def __init__(self, clock: Clock | None, *, megabytes: int) -> None:
        self.primary, self.standby = (Cluster(clock=clock, **WAL) for _ in range(2))
        self._disks = {
            cluster: Disk(cluster.folder, megabytes=megabytes) for cluster in self._both() if megabytes
        }

    def __enter__(self) -> "Pair":
        for disk in self._disks.values():
            disk.__enter__()
        self.primary.__enter__()
        self.rejoin()
        return self

    def __exit__(self, *_: object) -> None:
        for cluster in self._both():
            with suppress(subprocess.CalledProcessError):
                cluster.stop("immediate")
        for disk in self._disks.values():
            disk.__exit__()
        for cluster in self._both():
            cluster.__exit__()

    def address(self, database: str = "postgres") -> str:
        hosts = ",".join(f"127.0.0.1:{cluster.port}" for cluster in self._both())
        return f"postgresql://postgres@{hosts}/{database}?target_session_attrs=read-write"

    def start(self) -> None:
        self.primary.start()

    def stop(self, mode: str = "fast") -> None:
        self.primary.stop(mode)

    def is_running(self) -> bool:
        return self.primary.is_running()

    def is_whole(self) -> bool:
        """Has the standby all that was acknowledged, and will it have all that is?"""
        asked = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"
        with suppress(psycopg.Error), psycopg.connect(self.primary.address(), autocommit=True) as server:
            return bool(server.execute(asked).fetchone()[0])
        return False

    def fail_over(self) -> None:
        """The primary loses power, and the standby goes on in its place, alone."""
        self.primary.stop("immediate")
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def rejoin(self) -> None:
        """Who is not the primary begins anew as its standby, until nothing can be lost with the primary."""
        subprocess.run(["rm", "-rf", str(self.standby.data)], check=True)
        self.standby.follow(self.primary)
        with psycopg.connect(self.primary.address(), autocommit=True) as server:
            server.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            server.execute("SELECT pg_reload_conf()")
        eventually(self.is_whole, "the standby has caught up", seconds=60)

    @property
    def disk(self) -> Disk | None:
        """On which the primary is."""
        return self._disks.get(self.primary)

    def _both(self) -> list[Cluster]:
        return [self.primary, self.standby]


class Rig(House):
    """``missing`` says what cannot be done on this machine, and why. ``clocks``: of the database, and of one machine beside it."""

    def __init__(self, database: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="telal-clocks-")
        place = Path(self._folder.name)
        place.chmod(0o755)
        (place / "database").mkdir()
        (place / "machine").mkdir()
        self.clocks = {name: Clock(place / name) for name in ("database", "machine")}
        self.missing = {
            what: why
            for what, why in (
                ("clock", clocks.why_not()),
                ("disk", disks.why_not()),
                ("pair", postgres.why_not() if database == "postgresql" else "SQLite has no standby"),
            )
            if why
        }
        self.pair: Pair | None = None
        self._megabytes = 0 if "disk" in self.missing else MEGABYTES
        super().__init__(
            database, webs=2, workers=2, megabytes=self._megabytes if database == "sqlite" else 0
        )
        if "clock" not in self.missing:
            going_by = {"serve": "database", "web2": "machine", "worker2": "machine"}
            for name in going_by.keys() & self.commands.keys():
                self.own_environment[name] = self.clocks[going_by[name]].environment

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._folder.cleanup()

    def small_disk(self) -> Disk | None:
        """On which the database is."""
        return self.pair.disk if self.pair else self.disk

    def _new_postgres_database(self) -> str:
        if "pair" in self.missing:
            return super()._new_postgres_database()
        clock = None if "clock" in self.missing else self.clocks["database"]
        self.cluster = self.pair = self._leave.enter_context(Pair(clock, megabytes=self._megabytes))
        return self.pair.new_database()
