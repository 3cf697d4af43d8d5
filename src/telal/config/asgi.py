"""The door: the webhook, health and metrics go straight through; everything else is Django, served through WSGI.

Django's own ASGI handler costs many times what the webhook itself does (docs/performance.md), so it is not on the way.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from django.core.wsgi import get_wsgi_application
from django.db import Error
from django.urls import get_resolver
from prometheus_client import REGISTRY
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from telal import sql
from telal.config import house
from telal.config.bridge import Bridge
from telal.conversation import bot, wording
from telal.messaging.account import open_channel
from telal.messaging.channel import Channel
from telal.messaging.gateway import Gateway, Receive, Scope, Send, say
from telal.staff import audit
from telal.worker.pumps import Worker

DJANGO_THREADS = 4
# Whoever asks after our health has a clock of their own, and is best told before it runs out.
HOUSE_PATIENCE = 2.0

Answer = tuple[int, bytes]
Question = Callable[[], Answer]


class Door:
    """The whole web side as one ASGI application; with ``works`` it is its own worker, too."""

    def __init__(self, *, works: bool, in_flight: int = 100) -> None:
        self._works = works
        self._in_flight = in_flight
        self._worker: Worker | None = None
        self._channel = open_channel()
        self._gateway = Gateway(self._channel, welcome=self._hello(), stored=self._wake)
        # Only a proxy on this machine may say where a request comes from. Callbacks say so by their signature, and pass by.
        django = Bridge(get_wsgi_application(), threads=DJANGO_THREADS)
        self._django: Any = ProxyHeadersMiddleware(cast(Any, django), trusted_hosts=["127.0.0.1", "::1"])
        # Pages are loaded now, so that a broken one is known at start and the first visitor does not wait.
        _ = get_resolver().url_patterns
        # One for each question and for the wording: whoever counts for long shall not make us look unready.
        self._house = ThreadPoolExecutor(3, thread_name_prefix="house")
        self._asked: dict[Question, asyncio.Future[Answer]] = {}
        self._hooks = (f"/hooks/{self._channel.name}/", f"/hooks/{self._channel.name}")
        REGISTRY.register(house.HouseCollector())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            raise RuntimeError(f"no {scope['type']} here")
        elif path in self._hooks:
            await self._gateway(scope, receive, send)
        elif path == "/health/live":
            await say(send, 200, b"Alive.\n")
        elif path == "/health/ready":
            await say(send, *await self._ask_house(house.ready))
        elif path == "/metrics":
            await say(send, *await self._ask_house(house.metrics))
        else:
            await self._django(scope, receive, send)

    def _hello(self) -> bytes:
        hello = bot.welcome("bs")
        return self._channel.welcome(hello.text, hello.buttons)

    async def _follow_wording(self) -> None:
        """What the staff write in the place of our texts is said here, too, within seconds."""
        while True:
            await asyncio.get_running_loop().run_in_executor(self._house, _keep_up)
            self._gateway.greet_with(self._hello())
            await asyncio.sleep(wording.LOOK_EVERY)

    def _wake(self) -> None:
        if self._worker:
            self._worker.wake()

    async def _ask_house(self, question: Question) -> Answer:
        """All who ask meanwhile get one answer; and when the database is silent, so much is said within seconds."""
        asked = self._asked.get(question)
        if asked is None or asked.done():
            asked = asyncio.get_running_loop().run_in_executor(self._house, question)
            self._asked[question] = asked
        try:
            return await asyncio.wait_for(asyncio.shield(asked), HOUSE_PATIENCE)
        except TimeoutError:
            return 503, b"The database does not answer.\n"

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        audit.later.start()
        following = asyncio.create_task(self._follow_wording())
        async with _working(self._channel, self._in_flight) if self._works else _idle() as self._worker:
            yield
        following.cancel()
        await self._gateway.close()
        await asyncio.to_thread(audit.later.close)
        await self._channel.aclose()


def _keep_up() -> None:
    """The database may be away: then as it was."""
    with suppress(Error), sql.healthy_connection():
        wording.keep_up()


@asynccontextmanager
async def _working(channel: Channel, in_flight: int) -> AsyncIterator[Worker | None]:
    worker = Worker(channel, in_flight=in_flight)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await running


@asynccontextmanager
async def _idle() -> AsyncIterator[Worker | None]:
    yield None
