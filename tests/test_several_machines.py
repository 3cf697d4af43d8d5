"""Two machines tell citizens, a third keeps the database. One is cut off, the database dies, and a clock jumps all the while."""

import json
import time
from collections.abc import Iterator

import pytest

from tests import network, postgres
from tests.house import Phone, ask, eventually
from tests.machines import Machines

CITIZENS = 20
CHANGES = 8
LEASE, SLOW = 6, 0.4

pytestmark = pytest.mark.skipif(
    bool(network.why_not() or postgres.why_not()), reason=network.why_not() or postgres.why_not()
)


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    with Machines() as running:
        ask("POST", f"{running.simulator}/control/settings", {"hourly_limit": 100_000, "speed": 20})
        yield running


@pytest.fixture(scope="module")
def phones(machines) -> dict[str, Phone]:
    return machines.connect("c", CITIZENS)


def change_everything(machines: Machines, letter: str) -> None:
    """The DMS hands in everything at once."""
    lines = [
        {
            "case": f"c{n}",
            "key": f"{letter}{k}",
            "status": "awaiting_other_body",
            "waiting_for": f"Institucija {letter}{k:03}.",
        }
        for k in range(CHANGES)
        for n in range(CITIZENS)
    ]
    body = "\n".join(json.dumps(line) for line in lines).encode()
    assert machines.api("POST", "/events", body, Content_Type="application/x-ndjson").status == 200


def sends(machines: Machines, letter: str) -> list[dict]:
    """What Viber took of these changes, in its order."""
    return [send for send in machines.accepted() if f"Institucija {letter}" in send["text"]]


def told(machines: Machines, letter: str) -> dict[str, list[int]]:
    """Which of these changes each citizen was told, in Viber's order."""
    changes: dict[str, list[int]] = {}
    for send in sends(machines, letter):
        number = int(send["text"].partition(f"Institucija {letter}")[2][:3])
        changes.setdefault(send["receiver"], []).append(number)
    return changes


def everybody_was_told(machines: Machines, phones: dict[str, Phone], letter: str) -> int:
    """Wait until all is told; each citizen in order. Returns how much was told twice."""
    everything = CITIZENS * CHANGES

    def firsts() -> list[list[int]]:
        return [list(dict.fromkeys(told(machines, letter).get(phone.id, []))) for phone in phones.values()]

    eventually(lambda: sum(map(len, firsts())) == everything, "everybody was told everything", seconds=60)
    assert [changes for changes in firsts() if changes != list(range(CHANGES))] == []
    return len(sends(machines, letter)) - everything


def test_a_machine_cut_off_from_the_database_falls_silent_and_holds_nobody_up(machines, phones):
    """Viber stays in its reach: nobody but itself can stop it. And it was just announcing, which only one may do at a time."""
    machines.clock.turn("+5h")
    (bystander,) = machines.connect("b", 1).values()
    machines.fault(kind="delay", seconds=SLOW)
    change_everything(machines, "A")
    eventually(lambda: len(sends(machines, "A")) > CITIZENS, "it is being told")
    peer = sends(machines, "A")[-1]["peer"]
    cut, other = machines.tellers if peer == machines.address(machines.tellers[0]) else machines.tellers[::-1]
    machines.hold_the_announcer(cut)
    machines.network.cut(cut, "inner")
    cut_at = time.time()
    eventually(lambda: machines.health(cut) == 503, "it says that it is cut off", seconds=5)
    assert machines.change("b0", "B", "decided", outcome="granted").status == 201
    bystander.hears("usvojen", seconds=10)
    announced_at = time.time()
    repeated = everybody_was_told(machines, phones, "A")
    told_at = time.time()
    ask("DELETE", f"{machines.simulator}/control/faults")

    last = max(send["at"] for send in sends(machines, "A") if send["peer"] == peer)
    assert last < cut_at + LEASE + SLOW + 0.5
    assert repeated <= CITIZENS
    assert not machines.sessions(cut)
    machines.network.mend(cut, "inner")
    eventually(lambda: machines.health(cut) == 200, "it is ready again", seconds=10)
    print(
        f"{cut} sent for {last - cut_at:.1f} s more; {other} announced after {announced_at - cut_at:.1f} s, had told all after "
        f"{told_at - cut_at:.1f} s, {repeated} twice; {cut} was ready {time.time() - told_at:.1f} s after it was mended"
    )
    # From now on it is alone: what follows shows that it has come back.
    machines.kill(machines.worker(other))


def test_the_database_loses_power_and_its_standby_goes_on(machines, phones):
    """Nobody is told: every question is met with silence. What had been acknowledged is there."""
    machines.fault(kind="delay", seconds=SLOW)
    change_everything(machines, "C")
    eventually(lambda: len(sends(machines, "C")) > CITIZENS, "it is being told")
    petar = machines.phone("Petar")
    machines.clock.turn("-5h")
    machines.network.cut("first", "inner")
    cut_at = time.time()
    machines.first.stop("immediate")
    machines.second.promote()
    petar.say("Dobar dan")
    repeated = everybody_was_told(machines, phones, "C")
    print(f"all told {time.time() - cut_at:.1f} s after the loss, {repeated} twice")
    ask("DELETE", f"{machines.simulator}/control/faults")
    assert repeated <= CITIZENS
    eventually(petar.heard, "the answer")
