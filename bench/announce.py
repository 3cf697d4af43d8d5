"""Events → composed messages, ready to leave; and events that concern nobody."""

import time
from itertools import count

from bench import municipality
from bench.place import Place
from bench.report import Table

CASES, EACH = 5000, 4

TOLD, UNTOLD = "Telal, one subscriber each", "Telal, nobody has consented"

_serial = count(1)


def bench(place: Place, rounds: int) -> Table:
    rates = measure(place, rounds)
    table = Table(f"announce: {CASES * EACH:,} events a round, one process on one core", "events/s")
    for name, of_rounds in rates.items():
        table.add(name, of_rounds)
    table.goal("events with a subscriber, composed and queued a second", rates[TOLD], at_least=5000)
    return table


def measure(place: Place, rounds: int) -> dict[str, list[float]]:
    """Events a second of each kind; the same cases all the time."""
    prepare(place)
    rates: dict[str, list[float]] = {TOLD: [], UNTOLD: []}
    for n in range(rounds + 1):
        for name, of_rounds in rates.items():
            rate = place.do(announce, name, EACH if n else 1)
            if n:  # the first, short round warms up
                of_rounds.append(rate)
    return rates


def prepare(place: Place) -> None:
    """Cases of both kinds."""
    people = [f"announce{next(_serial):020d}==" for _ in range(CASES)]
    place.do(municipality.settle, TOLD, people)
    place.do(municipality.settle, UNTOLD, people, False)


def announce(name: str, each: int) -> float:
    """Events a second, until nothing is untold."""
    from telal.conversation import bot
    from telal.messaging.models import Message
    from telal.notices.announcer import announce

    events = municipality.change(name, each)
    municipality.tidy()
    began = time.perf_counter()
    dealt_with = 0
    while done := announce(bot.menu):
        dealt_with += done
    took = time.perf_counter() - began
    assert dealt_with == events
    queued = Message.objects.filter(due_at__isnull=False)
    assert queued.count() == (events if name == TOLD else 0)
    queued.update(state="sent", due_at=None)  # as if they had left
    return events / took
