"""Questions → answers: how many a second one listener answers, and the whole installation; and how long one takes at a steady pace.

Every intent in several spellings, from people with several cases each, at different stages. Who names a case names their own.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.resources import files
from itertools import count, cycle, islice
from random import Random
from typing import NamedTuple

import psycopg

from bench import municipality
from bench.double import came
from bench.latency import House, arrivals, opened, percentile, times
from bench.load import Stream, pace, run
from bench.place import Place
from bench.report import Table
from bench.webhook import said, signature, signed
from telal.cases.numbers import find_references
from telal.messaging.channel import Callback

BACKLOG = 5000
PEOPLE, CASES_EACH, LEAVING = 1000, 3, 200
QUESTIONS_A_SECOND = 200
# The first seconds warm up.
SECONDS, WARM_UP = 15, 3

ANSWERED = "stored questions → composed answers, one listener on one core"
DRAINED = "the same, until Viber has all answers: one worker, all on both cores"
LATENCY = "question → answer handed to Viber"

_serial = count(1)
_token = count(6_500_000_000_000_000_000)


def bench(place: Place, api: str, rounds: int) -> Table:
    place.do(answer_all, f"warm{next(_serial)}b")
    rates = [place.do(answer_all, f"backlog{next(_serial)}b") for _ in range(rounds)]
    with opened(place) as house:
        drained = [drain(place, house, api) for _ in range(rounds + 1)][1:]
        latencies = [measure(place, house.port, api) for _ in range(rounds)]
    table = Table(
        f"conversation: {BACKLOG:,} stored questions; then {QUESTIONS_A_SECOND} a second for {SECONDS} s",
        "/s or ms",
    )
    table.add(ANSWERED, rates, "questions/s")
    costs = ", ".join(f"{name} {cost:.2f}" for name, cost in drained[-1][1].items())
    table.add(DRAINED, [rate for rate, _ in drained], f"questions/s; ms of a processor for each: {costs}")
    table.add(f"{LATENCY}, p50", [percentile(of_round, 0.5) for of_round in latencies], "ms")
    table.add(f"{LATENCY}, p99", [percentile(of_round, 0.99) for of_round in latencies], "ms")
    table.goal(f"{LATENCY}, p99 in ms", [percentile(of_round, 0.99) for of_round in latencies], below=200)
    return table


class Asker(NamedTuple):
    """Somebody, and the number of one of their cases."""

    address: str
    number: str


def questions() -> list[tuple[str, bool]]:
    """What people write, every intent as often; and whether it ends all that we may tell them."""
    of_intents: dict[str, list[str]] = {}
    for line in files("telal.conversation").joinpath("utterances.tsv").read_text("utf-8").splitlines():
        text, intents, _ = line.split("\t")
        of_intents.setdefault(intents, []).append(text)
    most = max(map(len, of_intents.values()))
    written = [
        (text, "notify.unsubscribe" in intents)
        for intents, texts in of_intents.items()
        for text in islice(cycle(texts), most)
    ]
    # Nobody is to ask the same again and again.
    Random(26).shuffle(written)
    return written


def asked(people: Sequence[Asker], number: int) -> list[tuple[str, bytes]]:
    """So many questions, each with the address of who asks it. Who ends everything does so once and asks nothing else."""
    staying, leaving = cycle(people[LEAVING:]), cycle(people[:LEAVING])
    whose = ((next(leaving if ends else staying), text) for text, ends in islice(cycle(questions()), number))
    return [
        (asker.address, said(asker.address, next(_token), _about(asker.number, text)))
        for asker, text in whose
    ]


def _about(number: str, text: str) -> str:
    """The question, with this number for any other."""
    for reference in find_references(text, year=date.today().year):
        text = text.replace(reference.written, number)
    return text


def settle(name: str) -> list[Asker]:
    """People with their cases, all connected."""
    addresses = [f"{name}{n:016d}==" for n in range(PEOPLE)]
    refs = municipality.settle(name, addresses, each=CASES_EACH)
    municipality.live(name)
    municipality.tidy()
    numbers = map(municipality.number, refs[::CASES_EACH])
    return [Asker(address, number) for address, number in zip(addresses, numbers, strict=True)]


# ── A backlog ────────────────────────────────────────────────────────────────────────────────────────────────────────


def answer_all(name: str) -> float:
    """Questions a second, until none waits."""
    from telal.conversation.listener import listen
    from telal.messaging.account import open_channel
    from telal.messaging.models import Message

    channel = open_channel()
    bodies = [body for _, body in asked(settle(name), BACKLOG)]
    asyncio.run(come_in(channel.name, [channel.verify(body, signature(body), None) for body in bodies]))
    municipality.tidy()
    began = time.perf_counter()
    answered = 0
    while done := listen(channel):
        answered += done
    took = time.perf_counter() - began
    composed = Message.objects.filter(contact__address__startswith=name)
    assert answered == composed.count() == BACKLOG
    composed.update(state="sent", due_at=None)  # as if they had left
    return answered / took


async def come_in(channel: str, callbacks: Sequence[Callback]) -> None:
    """As if the platform had called."""
    from telal.messaging.gateway import Inbox

    inbox = Inbox(channel, lambda: None)
    await asyncio.gather(*map(inbox.store, callbacks))
    await inbox.close()


def drain(place: Place, house: House, api: str) -> tuple[float, dict[str, float]]:
    """Questions a second, from when somebody begins to listen until Viber has all answers; and what one cost each of us, in ms of a
    processor.
    """
    people = place.do(settle, f"drained{next(_serial)}d")
    requests = [signed(f"127.0.0.1:{house.port}", body) for _, body in asked(people, BACKLOG)]
    came(api)
    with _nobody_listening(place):
        taken = run(house.port, requests, seconds=120)
        assert (taken.answered, taken.failures) == (BACKLOG, 0), "not everything was accepted"
        before = house.busy()
        began = time.perf_counter()
    arrived = arrivals(api, BACKLOG)
    took = max(at for of_person in arrived.values() for at in of_person) - began
    return BACKLOG / took, {
        name: (busy - before[name]) * 1000 / BACKLOG for name, busy in house.busy().items()
    }


@contextmanager
def _nobody_listening(place: Place) -> Iterator[None]:
    """Meanwhile the one turn to listen is taken: what comes in waits."""
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"]) as database:
        database.execute("SELECT 1 FROM messaging_pump WHERE name = 'listen' FOR UPDATE")
        yield


# ── At a steady pace ─────────────────────────────────────────────────────────────────────────────────────────────────


def measure(place: Place, port: int, api: str) -> list[float]:
    """Milliseconds that each answer took, sorted; one round with people of its own."""
    people = place.do(settle, f"paced{next(_serial)}p")
    questions = asked(people, QUESTIONS_A_SECOND * (SECONDS + WARM_UP))
    came(api)
    requests = [signed(f"127.0.0.1:{port}", body) for _, body in questions]
    (sent,) = pace(Stream(port, requests, QUESTIONS_A_SECOND))
    return times([address for address, _ in questions], sent, arrivals(api, len(questions)))
