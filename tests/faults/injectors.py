"""The troubles. Weather is always there and strikes at random; a trouble is made once, by name, and ends by itself.

To add one, write a function that takes the scene and the dice, and put it into ``TROUBLES``.
"""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

from tests.house import House

# Viber's codes: one person; for good; later; nobody until a human acts.
PERSON, FOR_GOOD, LATER, STOPS = (
    (5, 6, 11, 13, 21),
    (3, 4, 14, 16, 17, 18, 20, 22),
    (19, 99),
    (1, 2, 7, 8, 9, 10, 15),
)
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
        *(_often(0.004, kind="status", status=status) for status in LATER),
        *(_often(0.03, kind=kind) for kind in ("lost", "early", "foreign")),
        _often(0.03, kind="repeated", count=2),
        _often(0.03, kind="delayed", seconds=3.0),
        _often(0.01, kind="failed"),
        _often(0.02, kind="again", count=2),
        _often(0.02, kind="late", seconds=1.5),
    ]
    return [fault | {"probability": min(fault["probability"] * strength, 1.0)} for fault in faults]


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


async def stop_us(scene: Scene, dice: random.Random) -> None:
    """Viber says what only a human can put right; and then it is put right."""
    status, code = dice.choice(STOPS), dice.choice((401, 403))
    answer = dice.choice(({"kind": "status", "status": status}, {"kind": "http", "code": code}))
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
    "keep sqlite busy": keep_sqlite_busy,
    "viber slows down": everybody(2, kind="delay", seconds=1.0),
    "viber is overrun": everybody(1.5, kind="http", code=429),
    "viber limits": everybody(1.5, kind="status", status=12),
    "viber fails": everybody(1.5, kind="http", code=503),
    "viber goes silent": everybody(1, kind="timeout", when="before", seconds=12.0),
    "viber takes and goes silent": everybody(1, kind="timeout", when="after", seconds=12.0),
    "viber stops us": stop_us,
    "receipts are held": hold_receipts,
}
ONLY_ON = {
    "kill a web": "postgresql", "kill a worker": "postgresql", "kill serve": "sqlite", "keep sqlite busy": "sqlite",
    "kill everything": "postgresql", "crash postgresql": "postgresql", "restart postgresql": "postgresql",
}  # fmt: skip
ON_OWN_CLUSTER = {"crash postgresql", "restart postgresql"}
# A stop is probed every half minute; a silence lasts twelve seconds, and then come five of patience.
ONLY_LONG = {
    "kill everything",
    "freeze",
    "viber goes silent",
    "viber takes and goes silent",
    "viber stops us",
}


def troubles(house: House, *, long: bool) -> dict[str, Trouble]:
    """Those that make sense in this house and in a run of this length."""
    return {
        name: trouble
        for name, trouble in TROUBLES.items()
        if ONLY_ON.get(name, house.database) == house.database
        and (long or name not in ONLY_LONG)
        and (house.cluster or name not in ON_OWN_CLUSTER)
    }
