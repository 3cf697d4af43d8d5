"""A bare double of Viber over TLS: takes every message at once, and remembers when which one came, by its own clock.

As light as Python allows, since it shares the machine with what is measured.
"""

import asyncio
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httptools
import orjson
import uvloop

from bench.place import background, certificate, run_anywhere, wait_for
from tests.house import ask, free_port

_token = count(5_741_311_803_571_721_087)
_came: list[tuple[float, bytes]] = []


@contextmanager
def platform(core: int | None) -> Iterator[str]:
    """Meanwhile, the double runs, on this core or on any; gives the address of its API."""
    port = free_port()
    with background(_serve, port, *certificate(), core):
        wait_for(f"https://127.0.0.1:{port}/came")
        yield f"https://127.0.0.1:{port}/pa"


def came(api: str) -> list[tuple[float, str]]:
    """The messages since the last such question: when each came (``time.perf_counter``), and to whom it was."""
    return [(at, receiver) for at, receiver in ask("GET", f"{api.removesuffix('/pa')}/came", timeout=60).body]


def _serve(port: int, chain: Path, key: Path, core: int | None) -> None:
    run_anywhere() if core is None else os.sched_setaffinity(0, {core})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)

    async def go() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Connection, "127.0.0.1", port, ssl=context, backlog=1024)
        await server.serve_forever()

    uvloop.run(go())


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._body = b"", b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer = _ANSWERS.get(self._url, _answer_anything)(self._body)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
            answer
        )
        self._transport.write(head + answer)
        self._url, self._body = b"", b""


def _take(body: bytes) -> bytes:
    _came.append((time.perf_counter(), body))
    return (
        b'{"status":0,"status_message":"ok","message_token":%d,"chat_hostname":"SN-CHAT-05_","billing_status":1}'
        % next(_token)
    )


def _tell(_: bytes) -> bytes:
    told = orjson.dumps([(at, orjson.loads(body)["receiver"]) for at, body in _came])
    _came.clear()
    return told


def _answer_anything(_: bytes) -> bytes:
    return b'{"status":0,"status_message":"ok"}'


_ANSWERS = {b"/pa/send_message": _take, b"/came": _tell}
