"""How long until Viber has it: changes from the DMS and questions from citizens at the same time, at a steady pace.

Real processes, ``telal web`` and ``telal worker``, share two cores with PostgreSQL, the double of Viber and whoever asks.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from bench import municipality
from bench.double import came
from bench.load import Sent, Stream, pace
from bench.place import Place, cores, end, processor_seconds, run_anywhere, wait_for
from bench.report import Table
from bench.webhook import said, signed
from tests.house import free_port

CHANGES_A_SECOND, QUESTIONS_A_SECOND = 100, 200
# The first seconds warm up.
SECONDS, WARM_UP = 15, 3
# Each of them asks several times in a round.
ASKING = 1000

CHANGES, QUESTIONS = "status change by the API → handed to Viber", "question → answer handed to Viber"

_serial = count(1)


@dataclass(frozen=True)
class House:
    """What runs, and how to reach it."""

    port: int
    key: str
    pids: dict[str, int]
    place: Place

    def busy(self) -> dict[str, float]:
        """Seconds of a processor that each has used so far."""
        ours = {name: processor_seconds(pid) for name, pid in self.pids.items()}
        return ours | {"PostgreSQL": sum(map(processor_seconds, self.place.database_processes()))}


@dataclass(frozen=True)
class Round:
    """Milliseconds each took, sorted; and the share of a core that each process needs to keep pace."""

    changes: list[float]
    questions: list[float]
    shares: dict[str, float]


def bench(place: Place, api: str, rounds: int) -> Table:
    with opened(place) as house:
        measured = [measure(place, house, api) for _ in range(rounds)]
    table = Table(
        f"latency: {CHANGES_A_SECOND} changes and {QUESTIONS_A_SECOND} questions a second for {SECONDS} s",
        "ms",
    )
    shares = ", ".join(f"{name} {share:.2f}" for name, share in measured[-1].shares.items())
    for name, of_rounds, limit in (
        (CHANGES, [one.changes for one in measured], 1000),
        (QUESTIONS, [one.questions for one in measured], 200),
    ):
        table.add(f"{name}, p50", [percentile(of_round, 0.5) for of_round in of_rounds])
        table.add(f"{name}, p99", [percentile(of_round, 0.99) for of_round in of_rounds])
        table.goal(f"{name}, p99 in ms", [percentile(of_round, 0.99) for of_round in of_rounds], below=limit)
    needed = [sum(one.shares.values()) for one in measured]
    table.add("cores needed to keep pace", needed, shares)
    return table


@contextmanager
def opened(place: Place) -> Iterator[House]:
    """Web and worker, while we measure: they and we on both cores."""
    run_anywhere()
    port = free_port()
    key = place.telal("apikey", "create", f"dms {port}").splitlines()[-1]
    running = {"worker": place.start("worker"), "web": place.start("web", "--port", str(port))}
    try:
        wait_for(f"http://127.0.0.1:{port}/health/ready")
        yield House(port, key, {name: process.pid for name, process in running.items()}, place)
    finally:
        for process in running.values():
            end(process)
        os.sched_setaffinity(0, {cores()[1]})


def measure(place: Place, house: House, api: str) -> Round:
    """One round, with people and cases of its own."""
    name = f"latency{next(_serial)}"
    told = [f"{name}told{n:012d}==" for n in range(CHANGES_A_SECOND * (SECONDS + WARM_UP))]
    asking = [f"{name}asks{n:012d}==" for n in range(ASKING)]
    refs = place.do(municipality.settle, f"{name}t", told)
    place.do(municipality.settle, f"{name}a", asking)
    place.do(municipality.tidy)
    asked = [asking[n % ASKING] for n in range(QUESTIONS_A_SECOND * (SECONDS + WARM_UP))]
    questions = [_question(house, n, address) for n, address in enumerate(asked)]
    changes = [_change(house, ref) for ref in refs]
    came(api)
    before = house.busy()
    sent = pace(
        Stream(house.port, changes, CHANGES_A_SECOND),
        Stream(house.port, questions, QUESTIONS_A_SECOND),
    )
    arrived = arrivals(api, len(told) + len(asked))
    shares = {name: (busy - before[name]) / (SECONDS + WARM_UP) for name, busy in house.busy().items()}
    return Round(times(told, sent[0], arrived), times(asked, sent[1], arrived), shares)


def _change(house: House, ref: str) -> bytes:
    body = json.dumps({"status": "assigned"}).encode()
    head = (
        f"POST /api/v1/cases/{ref}/events HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {house.key}\r\nIdempotency-Key: {ref}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _question(house: House, n: int, address: str) -> bytes:
    token = 6_000_000_000_000_000_000 + next(_serial) * 1_000_000 + n
    return signed(f"127.0.0.1:{house.port}", said(address, token, "Dobar dan, dokle je stigao moj predmet?"))


def arrivals(api: str, expected: int) -> dict[str, list[float]]:
    """When each person's messages came to Viber, once all have."""
    arrived: dict[str, list[float]] = defaultdict(list)
    give_up = time.monotonic() + 600
    while sum(map(len, arrived.values())) < expected:
        assert time.monotonic() < give_up, "not everything arrived"
        time.sleep(0.5)
        for at, receiver in came(api):
            arrived[receiver].append(at)
    return arrived


def times(people: Sequence[str], sent: Sequence[Sent], arrived: dict[str, list[float]]) -> list[float]:
    """Milliseconds from when each was due, after the warm-up. A person's come in the order in which they were caused."""
    assert all(one.good for one in sent), "not everything was accepted"
    after = sent[0].due + WARM_UP
    waiting = {person: iter(of_person) for person, of_person in arrived.items()}
    pairs = [(one.due, next(waiting[person])) for person, one in zip(people, sent, strict=True)]
    return sorted((came_at - due) * 1000 for due, came_at in pairs if due >= after)


def percentile(times: Sequence[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]
