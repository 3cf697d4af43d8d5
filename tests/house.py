"""A whole installation as a user runs it: real processes, a real database, and the simulator for Viber."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests import pooler
from tests.database import new_postgres_database
from tests.disk import Disk
from tests.pooler import Pooler
from tests.postgres import Cluster, free_port, why_not

TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


def ask(
    method: str, url: str, body: Any = None, *, headers: dict[str, str] | None = None, timeout: float = 15
) -> Answer:
    """One HTTP request. ``body``: JSON, or bytes as they are."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **(headers or {})}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return Answer(response.status, _parsed(response.read()))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _parsed(error.read()))


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def eventually(condition: Callable[[], Any], what: str, *, seconds: float = 45) -> Any:
    """Wait until the condition is true and return what it returned; fail in words when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} seconds")


class House:
    """``with House("postgresql", webs=2, workers=2) as house: …``. SQLite is always one ``telal serve``.

    ``cluster`` is the PostgreSQL beneath it where that is the house's own, and may be restarted. ``ground`` is done to the empty
    database before it is migrated, with the simulator already there, and may bring the ``key`` of the DMS; ``restarts=False`` takes
    a database on a common PostgreSQL. The processes named in ``pooled`` reach it through a pooler, where
    there is one. With ``megabytes`` its home is a ``disk`` of that size.
    """

    def __init__(
        self,
        database: str,
        *,
        webs: int = 1,
        workers: int = 1,
        ground: Callable[["House"], None] = lambda _: None,
        restarts: bool = True,
        pooled: Sequence[str] = (),
        megabytes: int = 0,
    ) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="telal-house-", ignore_cleanup_errors=True)
        self.home = Path(self._home.name)
        self.simulator_port = free_port()
        self.simulator = f"http://127.0.0.1:{self.simulator_port}"
        self.simulator_options = ["--port", str(self.simulator_port)]
        self.ports = [free_port() for _ in range(webs if database == "postgresql" else 1)]
        self.url = f"http://127.0.0.1:{self.ports[0]}"
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("TELAL_", "DJANGO_"))
            },
            "TELAL_HOME": str(self.home),
            "TELAL_SECRET_KEY": "a house for tests",
            # Stories that are not about taking back need not wait for it.
            "TELAL_UNDO_SECONDS": "0",
            "TELAL_PUBLIC_URL": self.url,
            "TELAL_VIBER_TOKEN": TOKEN,
            "TELAL_VIBER_API": f"{self.simulator}/pa",
        }
        self.own_environment: dict[str, dict[str, str]] = {}
        self.commands = {"serve": ["serve", "--port", str(self.ports[0])]}
        self.database = database
        self.key = ""
        self._ground = ground
        self._restarts = restarts
        self._pooled = pooled
        self._leave = ExitStack()
        self.disk = Disk(self.home, megabytes=megabytes) if megabytes else None
        self.pooler: Pooler | None = None
        self.cluster: Cluster | None = None
        if self.database == "postgresql":
            self.commands = {f"web{n}": ["web", "--port", str(port)] for n, port in enumerate(self.ports, 1)}
            self.commands |= {f"worker{n}": ["worker"] for n in range(1, workers + 1)}
        self._requests: list[dict[str, Any]] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "House":
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self) -> None:
        if self.disk:
            self._leave.enter_context(self.disk)
        if self.database == "postgresql":
            self.environment["TELAL_DATABASE_URL"] = address = self._new_postgres_database()
            if self._pooled and not pooler.why_not():
                self.pooler = self._leave.enter_context(Pooler(address))
                for name in self._pooled:
                    self.own_environment[name] = {"TELAL_DATABASE_URL": self.pooler.address}
        self._spawn("simulator", ["-m", "telal.simulator", "--token", TOKEN, *self.simulator_options])
        self._ground(self)
        self.telal("migrate")
        for name in self.commands:
            self.start(name)
        self.is_open()
        self.telal("viber", "register")
        self.key = self.key or self.telal("apikey", "create", "dms").splitlines()[-1]

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        self._leave.close()
        self._home.cleanup()

    def _new_postgres_database(self) -> str:
        if why_not() or not self._restarts:
            return new_postgres_database()
        self.cluster = self._leave.enter_context(Cluster())
        return self.cluster.new_database()

    # ── Processes ──

    def telal(self, *arguments: str, stdin: str = "") -> str:
        """Run a command to its end and return what it printed."""
        command = [sys.executable, "-m", "telal.cli", *arguments]
        done = subprocess.run(
            command, env=self.environment, input=stdin, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str) -> None:
        self._spawn(name, ["-m", "telal.cli", *self.commands[name]])

    def is_open(self) -> None:
        """Wait until every web process answers."""
        for port in self.ports:
            eventually(lambda port=port: self._is_ready(port), "the house opens", seconds=60)

    def kill(self, name: str) -> None:
        """kill -9, and wait until it is dead."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def freeze(self, name: str, *, thaw: bool = False) -> None:
        """Take its processor away, as a machine that swaps or moves does; or give it back."""
        self.processes[name].send_signal(signal.SIGCONT if thaw else signal.SIGSTOP)

    def stop(self, name: str, *, seconds: float = 10) -> int:
        """Ask it to stop; returns its exit code."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(seconds)

    def revive(self) -> list[str]:
        """Start again what has ended by itself, as a service manager does; returns which that was."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        for name in ended:
            self.start(name)
        return ended

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text()

    def _spawn(self, name: str, arguments: list[str]) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*self._at(name), sys.executable, *arguments],
                env=self.environment | self.own_environment.get(name, {}),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def _at(self, name: str) -> list[str]:
        """What goes before the command of this process; nothing: here."""
        return []

    def _is_ready(self, port: int) -> bool:
        try:
            return ask("GET", f"http://127.0.0.1:{port}/health/ready").status == 200
        except OSError:
            return False

    # ── The DMS ──

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(
            method, f"{self.url}/api/v1{path}", body, headers={"Authorization": f"Bearer {self.key}", **named}
        )

    def register(self, ref: str, number: str, **fields: Any) -> dict[str, Any]:
        """A case with consent; returns the invitation."""
        body = {
            "number": number,
            "kind": "administrative",
            "subject": "Urbanistička saglasnost",
            "received_on": "2026-11-02",
            "department": "Služba za urbanizam",
            "officer": {"name": "Alma Destanović", "phone": "033 282 385", "room": "14"},
            "applicant": {"name": "Ivana Perić", "phone": "061 123 456"},
            "consent": {
                "given_at": "2026-11-02T09:00:00+01:00",
                "recorded_by": "Amra",
                "text_version": "2026-1",
            },
            **fields,
        }
        answer = self.api("PUT", f"/cases/{quote(ref, safe='')}", body)
        assert answer.status == 201, answer
        return answer.body["invitation"]

    def change(self, ref: str, key: str, status: str, **fields: Any) -> Answer:
        return self.api(
            "POST", f"/cases/{quote(ref, safe='')}/events", {"status": status, **fields}, Idempotency_Key=key
        )

    # ── The citizens ──

    def phone(self, name: str = "Ivana", **fields: Any) -> "Phone":
        answer = ask("POST", f"{self.simulator}/control/phones", {"name": name, **fields})
        assert answer.status == 200, answer
        return Phone(self, answer.body["id"])

    def bound(self, ref: str, number: str, name: str = "Ivana", **fields: Any) -> "Phone":
        """A case, and a phone that hears about it."""
        phone = self.phone(name)
        phone.open(self.register(ref, number, **fields)["viber_link"])
        phone.say("Počni")
        eventually(lambda: len(phone.heard()) == 2, "the first status")
        return phone

    def connect(self, letter: str, citizens: int) -> dict[str, "Phone"]:
        """So many citizens with a case each, all of them connected; by the reference of the case."""
        phones = {}
        before = len(self.accepted())
        for n in range(citizens):
            ref = f"{letter}{n}"
            invitation = self.register(ref, f"06-23-{n + 1}/26", applicant={"name": f"Stranka {n}"})
            phones[ref] = self.phone(f"Stranka {n}")
            phones[ref].open(invitation["viber_link"])
            phones[ref].say("Počni")
        # Each hears, in one message, that they are connected and how the case stands.
        eventually(lambda: len(self.accepted()) >= before + citizens, "all are connected", seconds=30)
        return phones

    def is_settled(self) -> bool:
        """Is nothing waiting to be answered, announced or sent?"""
        metrics = str(ask("GET", f"{self.url}/metrics").body).splitlines()
        waiting = [
            line for line in metrics if line.startswith(("telal_messages_open{", "telal_queue_length{"))
        ]
        return bool(waiting) and all(line.endswith(" 0.0") for line in waiting)

    def fault(self, **fault: Any) -> None:
        answer = ask("POST", f"{self.simulator}/control/faults", fault)
        assert answer.status == 200, answer

    def waiting(self) -> float:
        """How many callbacks and changes the house has taken and not dealt with yet."""
        metrics = str(ask("GET", f"{self.url}/metrics").body).splitlines()
        return sum(float(line.split()[-1]) for line in metrics if line.startswith("telal_queue_length{"))

    def sends(self) -> list[dict[str, Any]]:
        """Every send_message the simulator received, as it logged them."""
        after = self._requests[-1]["seq"] if self._requests else 0
        with urllib.request.urlopen(f"{self.simulator}/control/log?kind=request&after={after}") as log:
            self._requests += [json.loads(line) for line in log]
        return [request for request in self._requests if request["method"] == "send_message"]

    def accepted(self) -> list[dict[str, Any]]:
        return [request for request in self.sends() if request["accepted"]]


class Phone:
    """A citizen's phone in the simulator."""

    def __init__(self, house: House, id_: str) -> None:
        self.id = id_
        self._url = f"{house.simulator}/control/phones/{quote(id_, safe='')}"

    def open(self, link: str) -> None:
        self._do("open", link=link)

    def say(self, text: str) -> None:
        self._do("say", text=text)

    def press(self, button: str) -> None:
        self._do("press", button=button)

    def share(self, device: str = "") -> None:
        """Press the button that shares the phone's number."""
        self._do("share", device=device)

    def leave(self) -> None:
        self._do("leave")

    def come_back(self) -> None:
        self._do("return")

    def read(self) -> None:
        self._do("read")

    def button(self, asks: str) -> dict[str, Any] | None:
        """The key on the keyboard now shown that does this, by Viber's word for it."""
        keys = (self.state()["keyboard"] or {}).get("Buttons", [])
        return next((key for key in keys if key["ActionType"] == asks), None)

    def event(self, **fields: Any) -> None:
        self._do("event", **fields)

    def send(self, **message: Any) -> None:
        self._do("send", message=message)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = ask("GET", self._url).body
        return state

    def heard(self) -> list[str]:
        """The texts the municipality has sent, the oldest first."""
        return [line["message"]["text"] for line in self.state()["chat"] if not line["mine"]]

    def hears(self, words: str, *, seconds: float = 45) -> str:
        """Wait for a message with these words; returns its text."""
        found = eventually(
            lambda: [text for text in self.heard() if words in text], f"«{words}» arrives", seconds=seconds
        )
        return str(found[-1])

    def hears_all(self, number: int) -> list[str]:
        """Wait until this many messages have arrived; returns their texts."""
        return list(
            eventually(lambda: len(self.heard()) == number and self.heard(), f"{number} messages arrive")
        )

    def _do(self, action: str, **what: Any) -> None:
        answer = ask("POST", f"{self._url}/{action}", what)
        assert answer.status == 200, answer
