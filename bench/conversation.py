"""Questions → answers: how many a second one listener answers, and how long an answer takes at a steady pace.

Every intent in several spellings, from people with several cases each.
"""

import time
from collections.abc import Sequence
from importlib.resources import files
from itertools import count, cycle, islice
from random import Random

from bench import municipality
from bench.double import came
from bench.latency import arrivals, opened, percentile, times
from bench.load import Stream, pace
from bench.place import Place
from bench.report import Table
from bench.webhook import said, signature, signed

BACKLOG = 5000
PEOPLE, CASES_EACH, LEAVING = 1000, 3, 200
QUESTIONS_A_SECOND = 200
# The first seconds warm up.
SECONDS, WARM_UP = 15, 3

ANSWERED = "stored questions → composed answers, one listener on one core"
LATENCY = "question → answer handed to Viber"

_serial = count(1)
_token = count(6_500_000_000_000_000_000)


def bench(place: Place, api: str, rounds: int) -> Table:
    place.do(answer_all, f"warm{next(_serial)}b")
    rates = [place.do(answer_all, f"backlog{next(_serial)}b") for _ in range(rounds)]
    with opened(place) as house:
        latencies = [measure(place, house.port, api) for _ in range(rounds)]
    table = Table(
        f"conversation: {BACKLOG:,} stored questions; then {QUESTIONS_A_SECOND} a second for {SECONDS} s",
        "/s or ms",
    )
    table.add(ANSWERED, rates, "questions/s")
    table.add(f"{LATENCY}, p50", [percentile(of_round, 0.5) for of_round in latencies], "ms")
    table.add(f"{LATENCY}, p99", [percentile(of_round, 0.99) for of_round in latencies], "ms")
    table.goal(f"{LATENCY}, p99 in ms", [percentile(of_round, 0.99) for of_round in latencies], below=200)
    return table


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


def asked(addresses: Sequence[str], number: int) -> list[tuple[str, bytes]]:
    """So many questions, each with who asks it. Who ends everything does so once and asks nothing else."""
    staying, leaving = cycle(addresses[LEAVING:]), cycle(addresses[:LEAVING])
    whose = ((next(leaving if ends else staying), text) for text, ends in islice(cycle(questions()), number))
    return [(address, said(address, next(_token), text)) for address, text in whose]


def settle(name: str) -> list[str]:
    """People with their cases, all connected; returns their addresses."""
    addresses = [f"{name}{n:016d}==" for n in range(PEOPLE)]
    for n in range(CASES_EACH):
        municipality.settle(f"{name}{n}", addresses)
    municipality.tidy()
    return addresses


# ── A backlog ────────────────────────────────────────────────────────────────────────────────────────────────────────


def answer_all(name: str) -> float:
    """Questions a second, until none waits."""
    from telal.conversation.listener import listen
    from telal.messaging import gateway
    from telal.messaging.account import open_channel
    from telal.messaging.models import Message

    channel = open_channel()
    bodies = [body for _, body in asked(settle(name), BACKLOG)]
    callbacks = [channel.verify(body, signature(body), None) for body in bodies]
    for first in range(0, BACKLOG, gateway.LARGEST_BATCH):
        assert not any(gateway.insert(channel.name, callbacks[first : first + gateway.LARGEST_BATCH]))
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


# ── At a steady pace ─────────────────────────────────────────────────────────────────────────────────────────────────


def measure(place: Place, port: int, api: str) -> list[float]:
    """Milliseconds that each answer took, sorted; one round with people of its own."""
    addresses = place.do(settle, f"paced{next(_serial)}p")
    questions = asked(addresses, QUESTIONS_A_SECOND * (SECONDS + WARM_UP))
    came(api)
    requests = [signed(f"127.0.0.1:{port}", body) for _, body in questions]
    (sent,) = pace(Stream(port, requests, QUESTIONS_A_SECOND))
    return times([address for address, _ in questions], sent, arrivals(api, len(questions)))
