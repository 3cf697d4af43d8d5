"""kill -9 in the middle of a thousand sends, again and again: nothing is lost, order holds, and what came twice is counted."""

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.house import House, Phone, ask, eventually

CITIZENS = 50
CHANGES = 20
KILLS = 3


def sending_process(house: House) -> str:
    """Whom to kill: the whole of an embedded installation, or either worker."""
    return random.choice([name for name in house.commands if not name.startswith("web")])


def connect(house: House, letter: str = "c", citizens: int = CITIZENS) -> dict[str, Phone]:
    """Citizens with a case each, all of them connected."""
    phones = {}
    before = len(house.accepted())
    for n in range(citizens):
        ref = f"{letter}{n}"
        invitation = house.register(ref, f"06-23-{n + 1}/26", applicant={"name": f"Stranka {n}"})
        phones[ref] = house.phone(f"Stranka {n}")
        phones[ref].open(invitation["viber_link"])
        phones[ref].say("Počni")
    # Each hears, in one message, that they are connected and how the case stands.
    eventually(lambda: len(house.accepted()) >= before + citizens, "all are connected", seconds=30)
    return phones


def change_everything(house: House) -> None:
    """A thousand changes, each naming another institution, so that each is news and can be told apart.

    The DMS repeats the whole batch until it gets its answer; the keys make that harmless.
    """
    lines = [
        {
            "case": f"c{n}",
            "key": str(k),
            "status": "awaiting_other_body",
            "waiting_for": f"Institucija {k:03}.",
        }
        for k in range(CHANGES)
        for n in range(CITIZENS)
    ]
    body = "\n".join(json.dumps(line) for line in lines).encode()
    headers = {"Authorization": f"Bearer {house.key}", "Content-Type": "application/x-ndjson"}
    answer = None
    while answer is None or answer.status != 200:
        try:
            answer = ask("POST", f"{house.url}/api/v1/events", body, headers=headers, timeout=60)
        except OSError:
            time.sleep(0.2)


def told(house: House, address: str) -> list[int]:
    """Which changes this citizen was told, as the platform took them."""
    texts = [send["text"] for send in house.accepted() if send["receiver"] == address]
    return [int(text.partition("Institucija ")[2][:3]) for text in texts if "Institucija" in text]


def test_a_thousand_sends_and_a_killer(house):
    random.seed(20261122)
    print("seed 20261122")
    phones = connect(house)
    house.fault(kind="delay", seconds=0.2)
    ask("POST", f"{house.simulator}/control/settings", {"hourly_limit": 100_000})
    done = len(house.accepted())
    dms = threading.Thread(target=change_everything, args=(house,))
    dms.start()
    for _ in range(KILLS):
        so_far = len(house.accepted())
        eventually(lambda so_far=so_far: len(house.accepted()) > so_far + 20, "it moves again", seconds=20)
        time.sleep(random.uniform(0, 0.4))
        victim = sending_process(house)
        house.kill(victim)
        house.start(victim)
    restarted = time.monotonic()
    eventually(lambda: len(house.accepted()) >= done + CITIZENS * CHANGES, "every change is told", seconds=60)
    print(f"{KILLS} kills, all told {time.monotonic() - restarted:.1f} s after the last restart")
    dms.join()
    eventually(lambda: _all_settled(house), "nothing is left open", seconds=30)

    repeated = 0
    for ref, phone in phones.items():
        changes = told(house, phone.id)
        firsts = list(dict.fromkeys(changes))
        assert firsts == list(range(CHANGES)), f"{ref}: {changes}"
        repeated += len(changes) - len(firsts)
    uncertain = _attempts(house, phones)["uncertain"]
    print(f"{repeated} repeated, {uncertain} sends in doubt")
    assert repeated <= uncertain


def _all_settled(house: House) -> bool:
    metrics = str(ask("GET", f"{house.url}/metrics").body)
    lines = [
        line
        for line in metrics.splitlines()
        if line.startswith(("telal_messages_open", "telal_queue_length"))
    ]
    return all(line.endswith(" 0.0") for line in lines)


def _attempts(house: House, phones: dict[str, Phone]) -> Counter[str]:
    return Counter(
        attempt["outcome"]
        for ref in phones
        for event in house.api("GET", f"/cases/{ref}").body["timeline"]
        for message in event["messages"]
        for attempt in message["attempts"]
    )


def test_side_by_side_nothing_is_said_twice(house):
    """Changes come in through every web process at once; every worker sends; each citizen is told each change once."""
    phones = connect(house, "s", 20)

    def change(n: int) -> int:
        ref, key = f"s{n % 20}", str(n // 20)
        port = house.ports[n % len(house.ports)]
        body = {"status": "awaiting_other_body", "waiting_for": f"Institucija {n // 20:03}."}
        headers = {"Authorization": f"Bearer {house.key}", "Idempotency-Key": key}
        return ask("POST", f"http://127.0.0.1:{port}/api/v1/cases/{ref}/events", body, headers=headers).status

    for batch in range(5):
        with ThreadPoolExecutor(8) as dms:
            assert set(dms.map(change, range(batch * 20, batch * 20 + 20))) == {201}
    for phone in phones.values():
        eventually(lambda phone=phone: len(told(house, phone.id)) >= 5, "all is told")
    time.sleep(0.5)
    assert [told(house, phone.id) for phone in phones.values()] == [[0, 1, 2, 3, 4]] * 20


def test_a_callback_answered_200_survives_a_kill(house):
    """What was acknowledged is on disk: kill the web side right after, start it again, and the citizen gets the answer."""
    web = next(name for name in house.commands if not name.startswith("worker"))
    for name in [name for name in house.commands if name != web]:
        house.kill(name)
    petar = house.phone("Petar")
    petar.say("Dobar dan")
    house.kill(web)
    for name in house.commands:
        house.start(name)
    eventually(lambda: petar.heard(), "the answer", seconds=15)


def test_a_change_answered_201_survives_a_kill(house):
    phone = house.bound("k1", "06-23-1/26")
    assert house.change("k1", "1", "decided", outcome="granted").status == 201
    for name in house.commands:
        house.kill(name)
    for name in house.commands:
        house.start(name)
    restarted = time.monotonic()
    phone.hears("usvojen", seconds=15)
    assert time.monotonic() - restarted < 15


def test_a_stopped_house_finishes_what_it_began(house):
    phone = house.bound("g1", "06-23-1/26")
    house.fault(kind="delay", seconds=0.5, receiver=phone.id)
    house.change("g1", "1", "decided", outcome="granted")
    eventually(lambda: len([s for s in house.sends() if s["receiver"] == phone.id]) >= 1, "sending")
    for name in house.commands:
        assert house.stop(name) == 0
    for name in house.commands:
        house.start(name)
    phone.hears("usvojen")
    time.sleep(1)
    assert len([text for text in phone.heard() if "usvojen" in text]) == 1
