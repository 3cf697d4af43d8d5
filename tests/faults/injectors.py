"""The troubles. Weather is always there and strikes at random; a trouble is made once, by name, and ends by itself.

To add one, write a function that takes the scene and the dice, and put it into ``TROUBLES``.
"""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.faults.rig import Rig
from tests.house import House

# Viber's codes: one person; for good; later; nobody who costs; nobody at all until a human acts. And those of HTTP.
PERSON, FOR_GOOD, LATER, PAID, STOPS = (
    (5, 6, 11, 13, 21),
    (3, 4, 14, 16, 17, 18, 20, 22),
    (12, 19, 99),
    (23, 24),
    (1, 2, 7, 8, 9, 10, 15),
)
HTTP, STOPPING_HTTP = (400, 408, 429, 500, 502, 503), (401, 403)
GARBAGE = '{"status": 0, "message_tok'


def weather(strength: float = 1.0) -> list[dict[str, Any]]:
    """The simulator's faults that strike all the time; ``strength`` multiplies how often."""
    faults = [
        *(_often(0.01, kind="reset", when=when) for when in ("before", "after")),
        *(
            _often(0.005, kind="http", code=code, when=when)
            for code in (500, 502)
            for when in ("before", "after")
        ),
        *(_often(0.005, kind="http", code=200, body=GARBAGE, when=when) for when in ("before", "after")),
        # Telal slows down for everybody when it hears these: often enough to see it, not so often that it crawls.
        _often(0.0005, kind="http", code=429, retry_after=1),
        _often(0.0005, kind="status", status=12),
        _often(0.002, kind="http", code=400),
        *(_often(0.01, kind="delay", when=when, seconds=0.7) for when in ("before", "after")),
        *(_often(0.002, kind="status", status=status) for status in PERSON + FOR_GOOD),
        *(_often(0.004, kind="status", status=status) for status in (19, 99)),
        *(_often(0.03, kind=kind) for kind in ("lost", "early", "foreign")),
        _often(0.03, kind="repeated", count=2),
        _often(0.03, kind="delayed", seconds=3.0),
        _often(0.01, kind="failed"),
        _often(0.02, kind="again", count=2),
        _often(0.02, kind="late", seconds=1.5),
    ]
    return [fault | {"probability": min(fault["probability"] * strength, 1.0)} for fault in faults]


def deal(dice: random.Random, *, stops: bool) -> Iterator[list[dict[str, Any]]]:
    """Each answer that Viber may give, once: what comes together. Several stops at a time, for each lasts half a minute."""
    single = [_status(status) for status in PERSON + FOR_GOOD + LATER + PAID] + [_http(code) for code in HTTP]
    hands = [[fault] for fault in single]
    if stops:
        stopping = [_status(status) for status in STOPS] + [_http(code) for code in STOPPING_HTTP]
        dice.shuffle(stopping)
        hands += [stopping[place : place + 3] for place in range(0, len(stopping), 3)]
    dice.shuffle(hands)
    yield from hands


def _status(status: int) -> dict[str, Any]:
    return {"kind": "status", "status": status}


def _http(code: int) -> dict[str, Any]:
    return {"kind": "http", "code": code}


def code(fault: dict[str, Any]) -> int:
    """What Viber's log will show of it."""
    return int(fault.get("status") or fault["code"])


def _often(probability: float, **fault: Any) -> dict[str, Any]:
    return {"probability": probability, **fault}


@dataclass
class Scene:
    """What a trouble may touch. ``control`` is the simulator's; ``note`` writes down for the checker what was done.

    Whoever has ``hands`` on the house has it alone.
    """

    house: House
    control: Callable[..., Awaitable[Any]]
    note: Callable[..., AbstractContextManager[Any]]
    hands: asyncio.Lock

    @asynccontextmanager
    async def at_the_house(self, what: str, **facts: Any) -> AsyncIterator[None]:
        """One thing at a time, and noted."""
        async with self.hands:
            with self.note(what, **facts):
                yield


Trouble = Callable[[Scene, random.Random], Awaitable[None]]


# ── Processes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def kill(which: str) -> Trouble:
    """kill -9, and a fresh start at once or a little later."""

    async def trouble(scene: Scene, dice: random.Random) -> None:
        name = dice.choice([name for name in scene.house.commands if name.startswith(which)])
        async with scene.at_the_house("kill", name=name):
            await asyncio.to_thread(scene.house.kill, name)
            await asyncio.sleep(dice.choice((0.0, 0.0, 1.0)))
            await asyncio.to_thread(scene.house.start, name)

    return trouble


async def kill_everything(scene: Scene, dice: random.Random) -> None:
    """The power goes."""
    async with scene.at_the_house("kill", name="everything"):
        for name in scene.house.commands:
            await asyncio.to_thread(scene.house.kill, name)
        for name in scene.house.commands:
            await asyncio.to_thread(scene.house.start, name)


async def restart_gently(scene: Scene, dice: random.Random) -> None:
    """SIGTERM: what is under way is finished, and nothing may come twice because of it."""
    name = dice.choice(list(scene.house.commands))
    async with scene.at_the_house("restart", name=name):
        await asyncio.to_thread(scene.house.stop, name, seconds=30)
        await asyncio.to_thread(scene.house.start, name)


async def freeze(scene: Scene, dice: random.Random) -> None:
    """Long enough for others to take it for dead, and then it comes back with what it held."""
    name = dice.choice([name for name in scene.house.commands if not name.startswith("web")])
    async with scene.at_the_house("freeze", name=name):
        scene.house.freeze(name)
        await asyncio.sleep(dice.uniform(1, 16))
        scene.house.freeze(name, thaw=True)


# ── The database ─────────────────────────────────────────────────────────────────────────────────────────────────────


def restart_postgres(mode: str) -> Trouble:
    async def trouble(scene: Scene, dice: random.Random) -> None:
        cluster = scene.house.cluster
        assert cluster
        async with scene.at_the_house("outage", of="postgresql", mode=mode):
            await asyncio.to_thread(cluster.stop, mode)
            await asyncio.sleep(dice.uniform(0, 1.5))
            await asyncio.to_thread(cluster.start)

    return trouble


async def fail_over(scene: Scene, dice: random.Random) -> None:
    """The database loses power, and its standby goes on; then it comes back as the standby of the other."""
    pair = _rig(scene).pair
    assert pair
    async with scene.hands:
        with scene.note("failover"):
            await asyncio.to_thread(pair.fail_over)
        await asyncio.to_thread(pair.rejoin)


async def fill_the_disk(scene: Scene, dice: random.Random) -> None:
    """Nothing can be written down, until somebody makes room and starts again what could not bear it."""
    disk, cluster = _rig(scene).small_disk(), scene.house.cluster
    assert disk
    async with scene.at_the_house("disk"):
        await asyncio.to_thread(disk.fill, left=dice.choice((0, 65536)))
        await asyncio.sleep(dice.uniform(2, 8))
        await asyncio.to_thread(disk.clear)
        if cluster and not await asyncio.to_thread(cluster.is_running):
            await asyncio.to_thread(cluster.start)


def turn_clock(of: str) -> Trouble:
    """It is wrong for some seconds, and then right again."""

    async def trouble(scene: Scene, dice: random.Random) -> None:
        clock = _rig(scene).clocks[of]
        for by in (dice.choice(("+5h", "-5h", "+10m", "-10m", "+4s", "-4s")), "+0"):
            async with scene.at_the_house("clock", of=of, by=by):
                clock.turn(by)
            await asyncio.sleep(dice.uniform(3, 20))

    return trouble


def _rig(scene: Scene) -> Rig:
    assert isinstance(scene.house, Rig)
    return scene.house


async def keep_sqlite_busy(scene: Scene, dice: random.Random) -> None:
    """Somebody else, a backup perhaps, holds the only write lock."""
    async with scene.at_the_house("outage", of="sqlite"):
        with closing(_another_on(scene.house)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(dice.uniform(0.5, 3.0))
            other.execute("ROLLBACK")


def _another_on(house: House) -> sqlite3.Connection:
    path = house.home / "telal.sqlite3"
    return sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)


# ── Viber ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def everybody(lasting: float, /, **fault: Any) -> Trouble:
    """Viber answers nobody but like this, for some seconds."""

    async def trouble(scene: Scene, dice: random.Random) -> None:
        with scene.note("viber", **fault):
            added = await scene.control("POST", "faults", {"probability": 1.0, **fault})
            await asyncio.sleep(dice.uniform(0.5, 1) * lasting)
            await scene.control("DELETE", f"faults/{added['id']}")

    return trouble


async def want_money(scene: Scene, dice: random.Random) -> None:
    """The balance is used up, and some have long not written: what they are told costs."""
    async with scene.at_the_house("silent"):
        await asyncio.to_thread(_let_all_have_been_silent, scene.house)
    await everybody(2, kind="status", status=dice.choice(PAID))(scene, dice)


def _let_all_have_been_silent(house: House) -> None:
    if house.database == "sqlite":
        with closing(_another_on(house)) as other:
            other.execute("UPDATE messaging_contact SET heard_at = datetime(heard_at, '-2 days')")
    else:
        with psycopg.connect(house.environment["TELAL_DATABASE_URL"]) as other:
            other.execute("UPDATE messaging_contact SET heard_at = heard_at - interval '2 days'")


async def stop_us(scene: Scene, dice: random.Random) -> None:
    """Viber says what only a human can put right; and then it is put right."""
    answer = dice.choice((_status(dice.choice(STOPS)), _http(dice.choice(STOPPING_HTTP))))
    await everybody(1, **answer)(scene, dice)


async def hold_receipts(scene: Scene, dice: random.Random) -> None:
    with scene.note("viber", receipts="held"):
        await scene.control("POST", "receipts", {"held": True})
        await asyncio.sleep(dice.uniform(2, 7))
        await scene.control("POST", "receipts", {"held": False})


TROUBLES: dict[str, Trouble] = {
    "kill a web": kill("web"),
    "kill a worker": kill("worker"),
    "kill serve": kill("serve"),
    "kill everything": kill_everything,
    "restart gently": restart_gently,
    "freeze": freeze,
    "crash postgresql": restart_postgres("immediate"),
    "restart postgresql": restart_postgres("fast"),
    "fail over to the standby": fail_over,
    "fill the disk": fill_the_disk,
    "turn the clock of the database": turn_clock("database"),
    "turn the clock of a machine": turn_clock("machine"),
    "keep sqlite busy": keep_sqlite_busy,
    "viber slows down": everybody(2, kind="delay", seconds=1.0),
    "viber is overrun": everybody(1.5, kind="http", code=429),
    "viber limits": everybody(1.5, kind="status", status=12),
    "viber fails": everybody(1.5, kind="http", code=503),
    "viber goes silent": everybody(1, kind="timeout", when="before", seconds=12.0),
    "viber takes and goes silent": everybody(1, kind="timeout", when="after", seconds=12.0),
    "viber stops us": stop_us,
    "viber wants money": want_money,
    "receipts are held": hold_receipts,
}
ONLY_ON = {
    "kill a web": "postgresql", "kill a worker": "postgresql", "kill serve": "sqlite", "keep sqlite busy": "sqlite",
    "kill everything": "postgresql", "crash postgresql": "postgresql", "restart postgresql": "postgresql",
    "fail over to the standby": "postgresql", "turn the clock of a machine": "postgresql",
}  # fmt: skip
ON_OWN_CLUSTER = {"crash postgresql", "restart postgresql"}
# A stop is probed every half minute; a silence lasts twelve seconds, and then come five of patience. The last ones need a rig.
ONLY_LONG = {
    "kill everything",
    "freeze",
    "viber goes silent",
    "viber takes and goes silent",
    "viber stops us",
    "viber wants money",
    "fail over to the standby",
    "fill the disk",
    "turn the clock of the database",
    "turn the clock of a machine",
}
NEEDS = {
    "fail over to the standby": "pair",
    "fill the disk": "disk",
    "turn the clock of the database": "clock",
    "turn the clock of a machine": "clock",
}


def troubles(house: House, *, long: bool) -> dict[str, Trouble]:
    """Those that make sense in this house and in a run of this length. Prints which cannot be made on this machine, and why."""
    missing = house.missing if isinstance(house, Rig) else {}
    possible = {
        name: trouble
        for name, trouble in TROUBLES.items()
        if ONLY_ON.get(name, house.database) == house.database
        and (long or name not in ONLY_LONG)
        and (house.cluster or name not in ON_OWN_CLUSTER)
    }
    for name in possible.keys() & NEEDS.keys():
        if why := missing.get(NEEDS[name]):
            print(f"Left out: {name}: {why}.", flush=True)
            del possible[name]
    return possible
