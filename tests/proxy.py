"""``python -m tests.proxy PORT URL…``: what stands before several webs. It gives each connection to one that says it is ready."""

import asyncio
import contextlib
import sys
from itertools import count
from urllib.parse import urlsplit

import aiohttp

ASK_EVERY = 0.5


class Proxy:
    def __init__(self, webs: list[str]) -> None:
        self._webs = webs
        self._open: dict[str, set[asyncio.StreamWriter]] = {}
        self._turn = count()

    async def run(self, port: int) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2.5)) as session:
            server = await asyncio.start_server(self._carry, "0.0.0.0", port)
            async with server:
                await asyncio.gather(*(self._watch(session, web) for web in self._webs))

    async def _watch(self, session: aiohttp.ClientSession, web: str) -> None:
        while True:
            if not await _is_ready(session, web):
                for writer in self._open.pop(web, ()):
                    writer.transport.abort()
            elif web not in self._open:
                self._open[web] = set()
            await asyncio.sleep(ASK_EVERY)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError), contextlib.closing(writer):
            ready = [web for web in self._webs if web in self._open]
            if not ready:
                return
            web = ready[next(self._turn) % len(ready)]
            self._open[web].add(writer)
            place = urlsplit(web)
            there, back = await asyncio.open_connection(place.hostname, place.port)
            with contextlib.closing(back):
                await asyncio.wait(
                    [asyncio.create_task(_pour(reader, back)), asyncio.create_task(_pour(there, writer))],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._open.get(web, set()).discard(writer)


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while some := await source.read(65536):
            sink.write(some)
            await sink.drain()


async def _is_ready(session: aiohttp.ClientSession, web: str) -> bool:
    try:
        async with session.get(f"{web}/health/ready") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


asyncio.run(Proxy(sys.argv[2:]).run(int(sys.argv[1])))
