"""One citizen's story over HTTP, with the fake Viber on the other side of the wire."""

import asyncio
import contextlib

from aiohttp import web

from telal.channels.viber import Viber
from telal.messaging.channel import (
    Accepted,
    Button,
    Joined,
    Left,
    Opened,
    Outgoing,
    Receipt,
    Said,
    Unreachable,
)
from telal.simulator import Settings, SimulatorThread

KEYS = [Button("Moji predmeti", "predmeti", columns=3), Button("Pomoć", "pomoc", columns=3)]


class Hook:
    """Our side of the webhook, with nothing behind it."""

    def __init__(self, viber):
        self.viber = viber
        self.heard = []
        self.news = asyncio.Event()

    async def handle(self, request):
        signature, fallback = request.headers.get("X-Viber-Content-Signature"), request.query.get("sig")
        callback = self.viber.verify(await request.read(), signature, fallback)
        self.heard.append(self.viber.decode(callback.body))
        self.news.set()
        greeting = self.viber.welcome("Dobro došli.", KEYS) if callback.welcome else b""
        return web.Response(body=greeting, content_type="application/json")

    def last(self, kind):
        return [event for event in self.heard if isinstance(event, kind)][-1]

    async def receipt(self, token, kind):
        """Wait until message ``token`` has got that far."""
        async with asyncio.timeout(5):
            while (token, kind) not in [(e.token, e.kind) for e in self.heard if isinstance(e, Receipt)]:
                self.news.clear()
                await self.news.wait()

    @contextlib.asynccontextmanager
    async def running(self):
        app = web.Application()
        app.router.add_post("/hooks/viber/", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hooks/viber/"
        finally:
            await runner.cleanup()


def test_a_citizen_opens_writes_reads_and_leaves():
    with SimulatorThread(settings=Settings(receipt_delay=0.0)) as simulator:
        asyncio.run(story(simulator))


async def story(simulator):
    viber = Viber(simulator.token, api=simulator.api_url, name="Općina Primjer")
    hook = Hook(viber)

    def does(action, **fields):
        return asyncio.to_thread(simulator.act, amra, action, **fields)

    async with hook.running() as url:
        assert await viber.register(url) == ""
        account = await viber.account()
        assert (account.webhook, account.missing_events, account.problem) == (url, (), "")

        amra = (await asyncio.to_thread(simulator.control, "phones", name="Amra", language="bs"))["id"]
        await does("open", link=viber.chat_link(account.uri, "c1-7Yp2Qm"))
        opened = hook.last(Opened)
        assert (opened.person.address, opened.person.name, opened.context) == (amra, "Amra", "c1-7Yp2Qm")
        assert isinstance(await viber.send(Outgoing(amra, "Prerano")), Unreachable)

        await does("press", button="Moji predmeti")
        assert hook.last(Said).text == "predmeti"

        outcome = await viber.send(Outgoing(amra, "Predmet *07* je riješen.", KEYS, reference="m:1"))
        assert isinstance(outcome, Accepted)
        await hook.receipt(outcome.token, "delivered")
        await does("read")
        await hook.receipt(outcome.token, "seen")

        await does("say", text="Hvala")
        assert (hook.last(Said).text, hook.last(Said).reference) == ("Hvala", "m:1")

        await does("leave")
        assert hook.last(Left).address == amra
        assert isinstance(await viber.send(Outgoing(amra, "Prekasno")), Unreachable)
        await does("return")
        assert hook.last(Joined).person.address == amra
        parts = await viber.send(Outgoing(amra, "ријеч " * 1500, KEYS))
        assert isinstance(parts, Accepted)
        shown = (await asyncio.to_thread(simulator.phone, amra))["chat"]
        assert len([bubble for bubble in shown if "ријеч" in bubble["message"].get("text", "")]) == 2
    await viber.aclose()
