"""Outbox to HTTPS (claim, send, record, all rules on) against the bare client that records nothing, and against peers."""

import asyncio
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg

from bench import municipality, peers
from bench.double import came, platform
from bench.peers import outbox
from bench.place import Place, cores, program, run
from bench.report import Table
from tests.house import TOKEN

TEXT = """Predmet 06-23-1847/26

Za Vaš predmet je potrebno mišljenje ili saglasnost drugog organa.

Služba: Služba za urbanizam
Čeka se: KJKP Vodovod i kanalizacija"""

IN_FLIGHT = 50
NUMBER, PEERS_NUMBER = 8000, 1200
# Each person is owed so many messages, which must arrive in their order.
EACH = 4

AIOHTTP, CHANNEL = "bare aiohttp client", "our channel alone (pyreqwest)"
OURS = "Telal, one worker"
CELERY, PROCRASTINATE = "Celery + Redis, a task a message", "procrastinate, a job a message"

_PEERS = {CELERY: peers.celery, PROCRASTINATE: peers.procrastinate}

_person = count(1)


# ── Ours ─────────────────────────────────────────────────────────────────────────────────────────────────────


def fill(people: list[str]) -> None:
    """People who are owed some messages each."""
    from django.utils import timezone

    from telal.messaging.channel import Button
    from telal.messaging.models import Contact, Lane
    from telal.messaging.outbox import Cause, Owed, owe

    contacts = Contact.objects.bulk_create(
        (Contact(channel="viber", address=address, reachable=True) for address in people), batch_size=2000
    )
    keys = [Button("Moji predmeti", "Moji predmeti", 3), Button("Pomoć", "Pomoć", 3)]
    now = timezone.now()
    for _ in range(EACH):
        owe([Owed(contact.pk, Lane.NOTICE, TEXT, keys, Cause(None, now)) for contact in contacts], now)
    municipality.tidy()


def dispatch(api: str) -> float:
    """Seconds from the outbox to *sent*, until nothing is owed any more."""
    import uvloop

    return uvloop.run(_dispatch(api))


async def _dispatch(api: str) -> float:
    from telal.channels.viber import Viber
    from telal.messaging.dispatcher import Dispatcher
    from telal.messaging.models import Message

    channel = Viber(TOKEN, api=api, name="Općina", in_flight=IN_FLIGHT)
    loop = asyncio.get_running_loop()
    bell = asyncio.Event()
    with ThreadPoolExecutor(1) as database:
        dispatcher = Dispatcher(channel, database, in_flight=IN_FLIGHT, ended=bell.set)
        began = time.perf_counter()
        while True:
            bell.clear()
            if not await dispatcher.turn() and not dispatcher.in_hand:
                break
            if dispatcher.in_hand:
                await bell.wait()
        took = time.perf_counter() - began
        await dispatcher.finish()
        unsent = await loop.run_in_executor(database, Message.objects.filter(due_at__isnull=False).count)
    await channel.aclose()
    assert not unsent, f"{unsent} messages were not sent"
    return took


# ── The bare clients ─────────────────────────────────────────────────────────────────────────────────────────


def send_by_aiohttp(api: str, people: list[str]) -> float:
    """Seconds for as many ready-made requests, whose answers are read and checked. Nothing of ours is in it."""
    import aiohttp
    import orjson
    import uvloop

    from telal.channels.viber.messages import compose

    bodies = [orjson.dumps(compose(outgoing, "Općina")[-1]) for outgoing in _outgoing(people)]

    async def go() -> float:
        left = iter(bodies)
        headers = {"X-Viber-Auth-Token": TOKEN, "Content-Type": "application/json"}
        pool = aiohttp.TCPConnector(limit=IN_FLIGHT)
        async with aiohttp.ClientSession(connector=pool, cookie_jar=aiohttp.DummyCookieJar()) as session:

            async def sender() -> None:
                for body in left:
                    async with session.post(f"{api}/send_message", data=body, headers=headers) as response:
                        assert orjson.loads(await response.read())["status"] == 0

            began = time.perf_counter()
            await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
            return time.perf_counter() - began

    return uvloop.run(go())


def send_by_channel(api: str, people: list[str]) -> float:
    """Seconds for the same messages through our own client of Viber, one after another in so many tasks."""
    import uvloop

    from telal.channels.viber import Viber
    from telal.messaging.channel import Accepted

    async def go() -> float:
        channel = Viber(TOKEN, api=api, name="Općina", in_flight=IN_FLIGHT)
        left = iter(_outgoing(people))

        async def sender() -> None:
            for outgoing in left:
                assert isinstance(await channel.send(outgoing), Accepted)

        began = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
        took = time.perf_counter() - began
        await channel.aclose()
        return took

    return uvloop.run(go())


def _outgoing(people: list[str]) -> list:  # type: ignore[type-arg]
    from telal.messaging.channel import Button, Outgoing

    keys = (Button("Moji predmeti", "Moji predmeti", 3), Button("Pomoć", "Pomoć", 3))
    return [Outgoing(address, TEXT, keys, str(n)) for n, address in enumerate(people * EACH)]


# ── The peers ────────────────────────────────────────────────────────────────────────────────────────────────


def peer_rate(place: Place, api: str, peer: str) -> float:
    """Messages a second of the peer's worker in full swing: from the moment when a tenth had left."""
    url = place.environment["TELAL_DATABASE_URL"]
    last = outbox.fill(url, people(PEERS_NUMBER // EACH), EACH, TEXT)
    enqueue, work = _PEERS[peer](place, api, IN_FLIGHT)
    came(api)
    run(*enqueue)
    with program(*work, core=cores()[0]) as worker:
        _wait_until_sent(url, last, worker)
    assert len(came(api)) == PEERS_NUMBER
    with psycopg.connect(url) as database:
        return outbox.rate(database, last)


def _wait_until_sent(url: str, after: int, worker: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 120
    with psycopg.connect(url, autocommit=True) as database:
        while outbox.owed(database, after):
            assert worker.poll() is None, "the peer's worker has died"
            assert time.monotonic() < end, "the peer does not send"
            time.sleep(0.2)


# ── All in turn ──────────────────────────────────────────────────────────────────────────────────────────────


def bench(place: Place, rounds: int) -> Table:
    named = [CELERY, PROCRASTINATE] if peers.are_here() and place.on_postgres else []
    if CELERY in named and not peers.redis_is_here():
        named.remove(CELERY)
    rates: dict[str, list[float]] = {name: [] for name in (AIOHTTP, CHANNEL, OURS, *named)}
    with platform(cores()[1]) as api:
        for n in range(rounds + 1):
            measured = our_rates(place, api) | {name: peer_rate(place, api, name) for name in named if n}
            if n:  # the first round warms up
                for name, rate in measured.items():
                    rates[name].append(rate)
    table = Table(
        f"dispatch: outbox to HTTPS, {IN_FLIGHT} in flight, an API that answers at once", "messages/s"
    )
    for name, of_rounds in rates.items():
        table.add(name, of_rounds)
    table.ratio(OURS, AIOHTTP, at_least=0.7)
    table.ratio(OURS, CHANNEL)
    for name in named:
        table.ratio(OURS, name, at_least=15)
    return table


def our_rates(place: Place, api: str) -> dict[str, float]:
    named = people(NUMBER // EACH)
    place.do(fill, named)
    return {
        OURS: NUMBER / place.do(dispatch, api),
        AIOHTTP: NUMBER / place.do(send_by_aiohttp, api, named),
        CHANNEL: NUMBER / place.do(send_by_channel, api, named),
    }


def people(number: int) -> list[str]:
    return [f"{next(_person):022d}==" for _ in range(number)]
