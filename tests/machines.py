"""The installation on machines of its own: a database with its standby, two machines that tell citizens, and the world.

``first`` and ``second`` hold the database; ``north`` has ``web1`` and ``worker1``, ``south`` ``web2`` and ``worker2``; ``world``
has Viber and the proxy. Each is a network namespace: see tests/network.py.
"""

import subprocess
import sys
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import psycopg

from tests.clock import Clock
from tests.house import Answer, House, ask, eventually
from tests.network import Network
from tests.postgres import Cluster

PORT = 8000
PLACES = {
    "simulator": "world", "proxy": "world", "web1": "north", "worker1": "north", "web2": "south", "worker2": "south",
}  # fmt: skip
ANNOUNCING = """
import psycopg, sys, time
announcer = psycopg.connect(sys.argv[1])
announcer.execute("SELECT FROM messaging_pump WHERE name = 'announce' FOR UPDATE")
print("held", flush=True)
time.sleep(600)
"""


class Server(Cluster):
    """A PostgreSQL on a machine of the network."""

    def __init__(self, network: Network, machine: str, **settings: str) -> None:
        super().__init__(at=network.at(machine), listen_addresses="*", port="5432", fsync="off", **settings)
        self.host = network.address(machine, "inner")

    def start(self) -> None:
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\nhost all all samenet trust\nhost replication all samenet trust\n"
        )
        super().start()

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{self.host}:5432/{database}"


class Machines(House):
    """``with Machines() as machines: …``; the tests themselves are in reach of everybody."""

    tellers = ("north", "south")

    def __init__(self) -> None:
        super().__init__("postgresql", webs=2, workers=2)
        # In the south it may be any time; the database's clock is right.
        self.clock = Clock(self.home)
        self.own_environment |= dict.fromkeys(("web2", "worker2"), self.clock.environment)
        self.network = Network(["first", "second", "north", "south", "world"])
        world = self.network.address("world", "outer")
        self.simulator = f"http://{world}:{self.simulator_port}"
        self.simulator_options += ["--host", "0.0.0.0"]
        self.environment["TELAL_VIBER_API"] = f"{self.simulator}/pa"
        # Viber takes plain http on loopback only: to it, the proxy is there.
        self.environment["TELAL_PUBLIC_URL"] = f"http://127.0.0.1:{PORT}"
        self.url = f"http://{world}:{PORT}"
        for name in ("web1", "web2"):
            self.commands[name] = ["web", "--host", "0.0.0.0", "--port", str(PORT)]

    def web(self, machine: str) -> str:
        return f"http://{self.address(machine)}:{PORT}"

    def worker(self, machine: str) -> str:
        return next(name for name, place in PLACES.items() if place == machine and name.startswith("worker"))

    def address(self, machine: str) -> str:
        """As the world sees it."""
        return self.network.address(machine, "outer")

    def _build(self) -> None:
        self._leave.enter_context(self.network)
        self.first = Server(self.network, "first", synchronous_standby_names="*")
        self.second = Server(self.network, "second")
        self._leave.enter_context(self.first)
        self._leave.callback(self.second.__exit__)
        self.second.follow(self.first)
        self._spawn("proxy", ["-m", "tests.proxy", str(PORT), *map(self.web, self.tellers)])
        super()._build()

    def _new_postgres_database(self) -> str:
        return f"postgresql://postgres@{self.first.host},{self.second.host}/postgres"

    def is_open(self) -> None:
        for machine in (*self.tellers, "world"):
            eventually(lambda machine=machine: self.health(machine) == 200, f"{machine} opens", seconds=60)

    def health(self, machine: str) -> int:
        """What its web answers within 3 seconds; that of ``world`` is the proxy's choice."""
        try:
            return ask("GET", f"{self.web(machine)}/health/ready", timeout=3).status
        except OSError:
            return 0

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """As a DMS should: the same again until there is an answer."""

        def answer() -> Answer | None:
            with suppress(OSError, HTTPException):
                given = House.api(self, method, path, body, Host="127.0.0.1", **headers)
                return given if given.status < 500 else None
            return None

        given: Answer = eventually(answer, "the DMS has its answer", seconds=30)
        return given

    def hold_the_announcer(self, machine: str) -> None:
        """A process there is in the middle of what only one may do at a time, and stays there."""
        here = [*self.network.at(machine), sys.executable, "-c", ANNOUNCING]
        process = subprocess.Popen([*here, self.environment["TELAL_DATABASE_URL"]], stdout=subprocess.PIPE)
        self.processes["announcing"] = process
        assert process.stdout
        with process.stdout:
            assert process.stdout.readline() == b"held\n"

    def sessions(self, machine: str) -> int:
        """How many the database believes this machine has."""
        asked = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s::inet"
        with psycopg.connect(self.first.address()) as server:
            (number,) = server.execute(asked, [self.network.address(machine, "inner")]).fetchone()
        return int(number)

    def _at(self, name: str) -> list[str]:
        return self.network.at(PLACES[name])
