"""A load generator: keep-alive connections that always have one request under way, from prepared bytes.

As bare as Python allows, so that the server is what is measured.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

import uvloop


@dataclass(frozen=True)
class Result:
    """``latencies`` in seconds, sorted."""

    answered: int
    seconds: float
    latencies: list[float]
    failures: int

    @property
    def rate(self) -> float:
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], tally: "_Tally") -> None:
        self._requests = requests
        self._tally = tally
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        self._tally.leave()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = _length(head + b"\r\n")
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        self._tally.count(head.startswith(b"HTTP/1.1 200"), time.perf_counter() - self._began)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None or self._tally.is_over():
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)


class _Tally:
    def __init__(self, connections: int, seconds: float) -> None:
        self._left = connections
        self._end = time.perf_counter() + seconds
        self.latencies: list[float] = []
        self.failures = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def count(self, good: bool, latency: float) -> None:
        self.latencies.append(latency)
        self.failures += not good

    def is_over(self) -> bool:
        return time.perf_counter() >= self._end

    def leave(self) -> None:
        self._left -= 1
        if not self._left:
            self.over.set_result(None)


def run(port: int, requests: list[bytes], *, connections: int = 64, seconds: float = 4) -> Result:
    """Send the requests for at most so many seconds, each once."""

    async def go() -> Result:
        tally = _Tally(connections, seconds)
        queue = iter(requests)
        began = time.perf_counter()
        for _ in range(connections):
            await asyncio.get_running_loop().create_connection(
                lambda: _Connection(queue, tally), "127.0.0.1", port
            )
        await tally.over
        took = time.perf_counter() - began
        return Result(len(tally.latencies), took, sorted(tally.latencies), tally.failures)

    return uvloop.run(go())


# ── At a given pace, whatever the server does ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Stream:
    """Requests to one port, so many a second; each waits for one of the connections."""

    port: int
    requests: list[bytes]
    a_second: float
    connections: int = 16


@dataclass(frozen=True)
class Sent:
    """``due`` is when it should have left, ``answered`` when it was (``time.perf_counter``)."""

    due: float
    answered: float
    good: bool


def pace(*streams: Stream) -> list[list[Sent]]:
    """Send them all side by side; returns what became of each request, stream by stream, in order."""

    async def go() -> list[list[Sent]]:
        return list(await asyncio.gather(*(_send(stream) for stream in streams)))

    return uvloop.run(go())


async def _send(stream: Stream) -> list[Sent]:
    sent: dict[int, Sent] = {}
    queue: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()
    couriers = [asyncio.create_task(_carry(stream, queue, sent)) for _ in range(stream.connections)]
    began = time.perf_counter()
    for n in range(len(stream.requests)):
        due = began + n / stream.a_second
        await asyncio.sleep(due - time.perf_counter())
        queue.put_nowait((n, due))
    for _ in couriers:
        queue.put_nowait(None)
    await asyncio.gather(*couriers)
    return [sent[n] for n in range(len(stream.requests))]


async def _carry(
    stream: Stream, queue: "asyncio.Queue[tuple[int, float] | None]", sent: dict[int, Sent]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stream.port)
    while job := await queue.get():
        n, due = job
        writer.write(stream.requests[n])
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        sent[n] = Sent(due, time.perf_counter(), head.startswith(b"HTTP/1.1 20"))
    writer.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
