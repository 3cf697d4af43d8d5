"""What Telal needs of a machine: a processor while nothing happens, memory after work, time to start."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import municipality
from bench.double import platform
from bench.load import run
from bench.place import Place, cores, end, processor_seconds, resident_megabytes, wait_for
from bench.report import Table
from bench.webhook import callbacks
from tests.house import ask, free_port

IDLE_SECONDS = 20
CALLBACKS, CHANGES = 5000, 500


def bench(rounds: int) -> Table:
    table = Table("footprint", "see each line")
    with (
        platform(cores()[1]) as api,
        Place("postgresql", api=api) as postgres,
        Place("sqlite", api=api) as sqlite,
    ):
        for database, place in (("SQLite", sqlite), ("PostgreSQL", postgres)):
            starts = [_start(place) for _ in range(rounds)]
            table.add(f"start of telal serve to ready, {database}, in s", starts)
            table.goal(f"start to ready, {database}, in s", starts, below=3)
        idle = [_idle(postgres)]
        table.add("idle telal worker, PostgreSQL, in % of a core", idle)
        table.goal("idle worker, in % of a core", idle, below=1)
        for database, place in (("SQLite", sqlite), ("PostgreSQL", postgres)):
            fresh, worked = _memory(place)
            table.add(f"memory of telal serve, {database}, ready, in MiB", [fresh])
            table.add(
                f"memory of telal serve, {database}, after work, in MiB", [worked],
                f"{CALLBACKS:,} callbacks, {CHANGES} changes by the API, all answered and told",
            )  # fmt: skip
            table.goal(f"memory after work, {database}, in MiB", [worked], below=200)
    return table


def _start(place: Place) -> float:
    with _serving(place) as (_, _, seconds):
        return seconds


@contextmanager
def _serving(place: Place) -> Iterator[tuple["subprocess.Popen[bytes]", int, float]]:
    """The process, its port, and how long it took to be ready."""
    port = free_port()
    process = place.start("serve", "--port", str(port))
    try:
        yield process, port, wait_for(f"http://127.0.0.1:{port}/health/ready")
    finally:
        end(process)


def _idle(place: Place) -> float:
    """Percent of a core that a worker uses while there is nothing to do."""
    process = place.start("worker")
    try:
        time.sleep(5)  # it has started, and has asked for its account
        before = processor_seconds(process.pid)
        time.sleep(IDLE_SECONDS)
        return (processor_seconds(process.pid) - before) / IDLE_SECONDS * 100
    finally:
        end(process)


def _memory(place: Place) -> tuple[float, float]:
    """Of one process that is web and worker: when it is ready, and after work."""
    refs = place.do(municipality.settle, "memory", [f"memory{n:016d}==" for n in range(CHANGES)])
    key = place.telal("apikey", "create", "memory").splitlines()[-1]
    with _serving(place) as (process, port, _):
        fresh = resident_megabytes(process.pid)
        result = run(port, callbacks(port, CALLBACKS), connections=16, seconds=60)
        assert result.answered == CALLBACKS
        for ref in refs:
            _change(port, key, ref)
        place.do(_wait_until_told)
        return fresh, resident_megabytes(process.pid)


def _change(port: int, key: str, ref: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": ref}
    url = f"http://127.0.0.1:{port}/api/v1/cases/{ref}/events"
    assert ask("POST", url, json.dumps({"status": "assigned"}).encode(), headers=headers).status == 201


def _wait_until_told() -> None:
    """Until every callback has been answered, every change told, and every message has left."""
    from telal.cases.models import Untold
    from telal.messaging.models import Inbound, Message

    end = time.monotonic() + 180
    waiting = (
        Inbound.objects.filter(handled_at=None),
        Untold.objects.all(),
        Message.objects.filter(due_at__isnull=False),
    )
    while any(rows.exists() for rows in waiting):
        assert time.monotonic() < end, "not everything was told"
        time.sleep(0.5)
