"""Live a plan on a real house, and note what was done and what was acknowledged, with the times.

The notes are ``{"seed", "cases": {number: {"sensitive"}}, "people": [{"phone", "family"}], "acts": [act]}``. An act has ``what``,
``at`` (when it began) and ``done`` (when it was acknowledged), and what belongs to it: ``who`` (a phone), ``case`` (a number),
``family``, ``names`` of changes.
"""

import asyncio
import itertools
import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

import aiohttp

from tests.faults import injectors
from tests.faults.plan import Case, Family, Plan, Step, institution
from tests.house import House

TROUBLED = (aiohttp.ClientError, OSError, TimeoutError)
# The platform repeats callbacks at half a second, one, two, and then every minute, divided by this.
SPEED = 20
QUIET = 90.0
# More than this of one person in a minute would be a flood, of which not all is answered.
MOST_QUESTIONS = 8


class Drive:
    """``notes`` and ``log`` are the evidence when ``run`` has returned."""

    def __init__(
        self,
        house: House,
        plan: Plan,
        *,
        weather: list[dict[str, Any]],
        troubles: dict[str, injectors.Trouble],
        every: float,
        answers: Sequence[list[dict[str, Any]]],
    ) -> None:
        self.house = house
        self.plan = plan
        self.log: list[dict[str, Any]] = []
        self.notes: dict[str, Any] = {"seed": plan.seed, "cases": {}, "people": [], "acts": []}
        self._weather = weather
        self._troubles = troubles
        self._every = every
        self._answers = answers
        self._over = asyncio.Event()
        self._hands = asyncio.Lock()
        self._ports = itertools.cycle(house.ports)
        self._phones: dict[tuple[int, int], str] = {}
        self._said: Counter[int] = Counter()
        self._last: dict[int, list[dict[str, Any]]] = {}
        self._asked: defaultdict[str, list[float]] = defaultdict(list)
        self._texts: dict[str, list[tuple[float, str]]] = {}
        self._came: dict[int | None, float] = {}

    async def run(self, seconds: float) -> None:
        """People connect; trouble for so long; then calm, until every citizen has asked and heard once more, and all is still."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as self._http:
            await self._prepare()
            beside = [asyncio.create_task(self._follow()), asyncio.create_task(self._keep_running())]
            try:
                await self._live(seconds)
                await self._calm()
            finally:
                for task in beside:
                    task.cancel()
                await self._read_log()
                await self.control("POST", "settings", {"speed": 1.0, "hourly_limit": 100})

    # ── The whole ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _prepare(self) -> None:
        state = await self.control("GET", "state")
        self._seq = state["seq"]
        await self.control("POST", "settings", {"speed": SPEED, "hourly_limit": 1_000_000_000})

    async def _live(self, seconds: float) -> None:
        await asyncio.gather(*(self._born(family) for family in self.plan.families))
        for fault in self._weather:
            await self.control("POST", "faults", fault)
        ending = asyncio.get_running_loop().call_later(seconds, self._over.set)
        beside = [asyncio.create_task(self._make_trouble()), asyncio.create_task(self._deal())]
        try:
            await asyncio.gather(*beside, *(self._family(family) for family in self.plan.families))
        finally:
            ending.cancel()
            for task in beside:
                task.cancel()

    async def _make_trouble(self) -> None:
        scene = injectors.Scene(self.house, self.control, self._act, self._hands)
        async with asyncio.TaskGroup() as troubles:
            for pause, name, dice in self.plan.troubles(list(self._troubles), self._every):
                if await self._over_within(pause):
                    return
                troubles.create_task(self._troubles[name](scene, dice))

    async def _deal(self) -> None:
        """Each answer of Viber's in its turn, whatever chance brings besides."""
        for hand in self._answers:
            for fault in hand:
                await self.control("POST", "faults", {"times": 1, **fault})
            await self._come(set(map(injectors.code, hand)), time.time())
            await self._come({0}, time.time())

    async def _come(self, codes: set[int], since: float) -> None:
        await self._until(lambda: all(self._came.get(code, 0) > since for code in codes), math.inf)

    async def _over_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        return self._over.is_set()

    async def _keep_running(self) -> None:
        """What was started while the database was away has given up, and is started again."""
        while True:
            async with self._hands:
                for name in self.house.revive():
                    with self._act("revive", name=name):
                        pass
            await asyncio.sleep(1)

    async def _calm(self) -> None:
        await self.control("DELETE", "faults")
        await self.control("POST", "receipts", {"held": False})
        await asyncio.to_thread(self.house.is_open)
        for phone in self._phones.values():
            await self._phone(phone, "online", online=True)
        # Whoever has heard a hundred times in an hour without a word of their own must ask before they hear more.
        for last in (self._ask_once_more, self._ask_once_more, self._change_once_more):
            await asyncio.gather(*(last(family) for family in self.plan.families))
            await self._still()

    async def _ask_once_more(self, family: Family) -> None:
        for who in range(len(family.people)):
            await self._take(family, Step("ask", who))

    async def _change_once_more(self, family: Family) -> None:
        for case in range(len(family.cases)):
            await self._take(family, Step("change", 0, case, 1))

    async def _still(self) -> None:
        """Nothing waits any more, neither in the house nor at Viber."""
        end = time.monotonic() + QUIET
        calm = 0
        while calm < 3 and time.monotonic() < end:
            await asyncio.sleep(0.2)
            calm = calm + 1 if await self._is_still() else 0

    async def _is_still(self) -> bool:
        state = await self.control("GET", "state")
        with suppress(*TROUBLED):
            async with self._http.get(f"{self.house.url}/metrics") as answer:
                metrics = (await answer.text()).splitlines()
            open_ = [
                line for line in metrics if line.startswith(("telal_messages_open{", "telal_queue_length{"))
            ]
            return (
                not state["waiting_callbacks"]
                and bool(open_)
                and all(line.endswith(" 0.0") for line in open_)
            )
        return False

    # ── A family ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _born(self, family: Family) -> None:
        for case in family.cases:
            await self._register(case, family)
        for place, name in enumerate(family.people):
            phone = (await self.control("POST", "phones", {"name": name}))["id"]
            self._phones[family.no, place] = phone
            self.notes["people"].append({"phone": phone, "family": family.no})
        for step in self.plan.beginning(family):
            await self._take(family, step)

    async def _family(self, family: Family) -> None:
        for pause, step in self.plan.steps(family):
            if await self._over_within(pause):
                return
            await self._take(family, step)

    async def _take(self, family: Family, step: Step) -> None:
        await getattr(self, f"_{step.what}")(family, step)

    async def _register(self, case: Case, family: Family) -> None:
        self.notes["cases"][case.number] = {"sensitive": case.sensitive, "family": family.no}
        consent = {"given_at": "2026-11-02T09:00:00+01:00", "recorded_by": "Amra", "text_version": "2026-1"}
        body = {
            "number": case.number,
            "kind": "administrative",
            "subject": "Urbanistička saglasnost",
            "received_on": "2026-11-02",
            "sensitive": case.sensitive,
            "applicant": {"name": f"Stranka {family.no}"},
            **({"consent": consent} if case.consent else {}),
        }
        await self._dms("PUT", f"/cases/{case.ref}", body)

    async def _bind(self, family: Family, step: Step) -> None:
        """Follow the slip, write, and do so again, as people do, until the case's state has come."""
        case, phone = family.cases[step.case], self._phones[family.no, step.who]
        slip = (await self._dms("POST", f"/cases/{case.ref}/invitation"))["invitation"]
        with self._act("bind", who=phone, case=case.number) as act:
            await self._phone(phone, "open", link=slip["viber_link"])
            await self._phone(phone, "say", text="Počni")
            words = "Posljednja promjena" if case.sensitive else case.number
            while not await self._hears(phone, words, act["at"]) and not self._over.is_set():
                await self._phone(phone, "open", link=slip["viber_link"])
                await self._ask(family, step)

    async def _change(self, family: Family, step: Step) -> None:
        case = family.cases[step.case]
        first = self._said[family.no]
        self._said[family.no] += step.count
        names = [institution(family, n) for n in range(first, first + step.count)]
        lines = [
            {"case": case.ref, "key": name, "status": "awaiting_other_body", "waiting_for": name}
            for name in names
        ]
        bare = [name.partition(" ")[2] for name in names]
        with self._act("change", family=family.no, case=case.number, names=bare):
            await self._record(lines)
        self._last[family.no] = lines

    async def _repeat(self, family: Family, _: Step) -> None:
        """The DMS is not sure and says it all again."""
        if lines := self._last.get(family.no):
            await self._record(lines)

    async def _ask(self, family: Family, step: Step) -> None:
        """About one's own case; who has none asks about somebody else's."""
        number = family.cases[step.case].number if family.cases else "09-41-1/26"
        phone = self._phones[family.no, step.who]
        asked, now = self._asked[phone], time.monotonic()
        if len(asked) >= MOST_QUESTIONS and now - asked[-MOST_QUESTIONS] < 60:
            return
        asked.append(now)
        words = "Kako stoji predmet" if len(asked) % 2 else "Dokle je stigao predmet"
        await self._phone(phone, "say", text=f"{words} {number}?")

    async def _stop(self, family: Family, step: Step) -> None:
        phone = self._phones[family.no, step.who]
        with self._act("stop", who=phone) as act:
            await self._phone(phone, "say", text="STOP")
            await self._hears(phone, "Odjavljeni ste", act["at"])

    async def _withdraw(self, family: Family, step: Step) -> None:
        case = family.cases[step.case]
        with self._act("withdraw", case=case.number):
            await self._dms("DELETE", f"/cases/{case.ref}/consent")

    async def _leave(self, family: Family, step: Step) -> None:
        phone = self._phones[family.no, step.who]
        with self._act("leave", who=phone):
            await self._phone(phone, "leave")

    async def _return(self, family: Family, step: Step) -> None:
        await self._phone(self._phones[family.no, step.who], "return")
        await self._ask(family, step)

    async def _offline(self, family: Family, step: Step) -> None:
        await self._phone(self._phones[family.no, step.who], "online", online=False)

    async def _online(self, family: Family, step: Step) -> None:
        await self._phone(self._phones[family.no, step.who], "online", online=True)

    # ── Hands and eyes ───────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _act(self, what: str, **facts: Any) -> Iterator[dict[str, Any]]:
        act = {"what": what, "at": time.time(), "done": float("inf"), **facts}
        self.notes["acts"].append(act)
        yield act
        act["done"] = time.time()

    async def _record(self, lines: list[dict[str, Any]]) -> None:
        """Until every line has been taken; the keys make repetitions harmless."""
        body = "\n".join(json.dumps(line) for line in lines).encode()
        while True:
            results = await self._dms("POST", "/events", body)
            assert len(results) == len(lines), results
            if all(result["status"] in (200, 201) for result in results):
                return
            assert all(result["status"] in (200, 201, 500, 503) for result in results), results

    async def _dms(self, method: str, path: str, body: Any = None) -> Any:
        """A request to one web after another until one has answered it."""
        kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        headers = {"Authorization": f"Bearer {self.house.key}", "Content-Type": kind}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        while True:
            url = f"http://127.0.0.1:{next(self._ports)}/api/v1{path}"
            with suppress(*TROUBLED):
                async with self._http.request(method, url, data=data, headers=headers) as answer:
                    content = await answer.read()
                    if answer.status < 500:
                        assert answer.status < 300, (answer.status, method, path, content[:500])
                        return _parsed(content, kind)
            await asyncio.sleep(0.2)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.house.simulator}/control/{path}"
        async with self._http.request(method, url, json=body) as answer:
            content = await answer.json()
            assert answer.status == 200, (method, path, content)
            return content

    async def _phone(self, phone: str, action: str, **what: Any) -> None:
        # An act returns with the first answer of the webhook; while that hangs, the citizen has done it all the same.
        with suppress(TimeoutError):
            await self.control("POST", f"phones/{quote(phone, safe='')}/{action}", what)

    async def _hears(self, phone: str, words: str, since: float, *, seconds: float = 12) -> bool:
        return await self._until(
            lambda: any(at > since and words in text for at, text in self._texts.get(phone, ())), seconds
        )

    async def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._over.is_set():
            if condition():
                return True
            await asyncio.sleep(0.1)
        return False

    async def _follow(self) -> None:
        while True:
            await self._read_log()
            await asyncio.sleep(0.2)

    async def _read_log(self) -> None:
        async with self._http.get(f"{self.house.simulator}/control/log?after={self._seq}") as answer:
            lines = [json.loads(line) for line in (await answer.read()).splitlines()]
        self._seq = lines[-1]["seq"] if lines else self._seq
        for line in lines:
            line.pop("keyboard", None)
            if line.get("accepted") and "text" in line:
                self._texts.setdefault(line["receiver"], []).append((line["at"], line["text"]))
            if line.get("method") == "send_message":
                self._came |= dict.fromkeys((line["status"], line["http"]), line["at"])
        self.log += lines


def _parsed(content: bytes, kind: str) -> Any:
    if kind == "application/x-ndjson":
        return [json.loads(line) for line in content.splitlines()]
    return json.loads(content) if content else None
