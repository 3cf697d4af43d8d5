"""What Viber tells the bot: signed, repeated until it is answered, never sure to be in order."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from telal.simulator.faults import Faults
from telal.simulator.journal import Journal
from telal.simulator.settings import Settings

MANDATORY = frozenset({"webhook", "message", "subscribed", "unsubscribed"})
OPTIONAL = ("delivered", "seen", "failed", "conversation_started")
# Reported by users: about three repeats in quick succession, then one a minute; the vendor says for an hour.
PAUSES = (0.5, 1.0, 2.0, *[60.0] * 59)
RECEIPTS = frozenset({"delivered", "seen", "failed"})
# Receipts have a narrow lane of their own: a flood of them delays neither people nor the API.
RECEIPTS_AT_ONCE, OTHERS_AT_ONCE = 8, 64


def signature(token: str, body: bytes) -> str:
    """Lower-case hex of HMAC-SHA256 over the raw bytes; the key is the token's own text."""
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """``http`` is 0 when no answer came; ``error`` is empty when the callback counts as taken."""

    http: int = 0
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""


Taken = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class Callback:
    event: dict[str, Any]
    body: bytes
    taken: Taken | None = None


class Callbacks:
    """Posts events to the webhook now registered, and again until it takes them or an hour has passed."""

    def __init__(self, token: str, journal: Journal, settings: Settings, faults: Faults) -> None:
        self.url = ""
        self.event_types: tuple[str, ...] = ()
        self._settings = settings
        self._faults = faults
        self._token = token
        self._journal = journal
        self._receipts = asyncio.Semaphore(RECEIPTS_AT_ONCE)
        self._others = asyncio.Semaphore(OTHERS_AT_ONCE)
        self._tasks: set[asyncio.Task[object]] = set()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
        )

    async def close(self) -> None:
        self.url = ""
        self.forget()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def forget(self) -> None:
        """Whatever still waits to be told is not told."""
        for task in self._tasks:
            task.cancel()

    def waiting(self) -> int:
        """How many are still to be told, or told again."""
        return len(self._tasks)

    def wanted(self, event: str) -> bool:
        return bool(self.url) and (event in self.event_types or event not in OPTIONAL)

    def post_soon(self, event: dict[str, Any]) -> None:
        self.spawn(self.post(event))

    async def post(self, event: dict[str, Any], taken: Taken | None = None) -> Answer | None:
        """Tell it once and return the answer; repeat in the background until taken.

        None: nobody wants it, or a fault tells it later.
        """
        if not self.wanted(event["event"]):
            return None
        callback = Callback(event, orjson.dumps(event), taken)
        fault = self._faults.for_callback(event["event"], _user_id(event))
        if fault and fault.kind == "late":
            self.spawn(self._later(callback, fault.seconds))
            return None
        answer = await self._tell(callback)
        if fault and fault.kind == "again":
            self.spawn(self._again(callback, fault.count))
        return answer

    async def check(self, url: str, event: dict[str, Any]) -> Answer:
        """The one synchronous question of ``set_webhook``."""
        return await self._exchange(url, Callback(event, orjson.dumps(event)), 1)

    def spawn(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _tell(self, callback: Callback) -> Answer:
        answer = await self._attempt(callback, 1)
        if answer.error:
            self.spawn(self._repeat(callback))
        return answer

    async def _later(self, callback: Callback, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.url:
            await self._tell(callback)

    async def _again(self, callback: Callback, count: int) -> None:
        for attempt in range(2, count + 2):
            if self.url:
                await self._exchange(self.url, callback, attempt)

    async def _repeat(self, callback: Callback) -> None:
        for attempt, pause in enumerate(PAUSES, start=2):
            await asyncio.sleep(pause / self._settings.speed)
            if not self.url or not (await self._attempt(callback, attempt)).error:
                return

    async def _attempt(self, callback: Callback, attempt: int) -> Answer:
        answer = await self._exchange(self.url, callback, attempt)
        if not answer.error and callback.taken:
            callback.taken(answer)
        return answer

    async def _exchange(self, url: str, callback: Callback, attempt: int) -> Answer:
        event = callback.event
        async with self._receipts if event["event"] in RECEIPTS else self._others:
            answer = await self._call(url, callback.body)
        self._journal.write(
            "callback",
            event=event["event"],
            token=str(event["message_token"]),
            user_id=_user_id(event),
            attempt=attempt,
            http=answer.http,
            seconds=round(answer.seconds, 4),
            error=answer.error,
            body=callback.body.decode(),
        )
        return answer

    async def _call(self, url: str, body: bytes) -> Answer:
        """A slow answer is read to its end, as the repeat is known to follow it, yet counts for nothing."""
        sig = signature(self._token, body)
        headers = {"Content-Type": "application/json", "X-Viber-Content-Signature": sig}
        limit = aiohttp.ClientTimeout(total=6 * self._settings.patience)
        started = time.perf_counter()
        try:
            async with self._session.post(
                f"{url}?sig={sig}", data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            took = time.perf_counter() - started
            return Answer(seconds=took, error=str(error) or type(error).__name__)
        took = time.perf_counter() - started
        return Answer(response.status, content, took, self._objection(response.status, took))

    def _objection(self, status: int, took: float) -> str:
        if status != 200:
            return f"HTTP {status}"
        return f"answered after {took:.1f} s" if took >= self._settings.patience else ""


def _user_id(event: dict[str, Any]) -> str:
    person = event.get("user") or event.get("sender") or {"id": event.get("user_id", "")}
    return str(person["id"])
