"""Somebody elsewhere hears every minute that work flows, or why it does not."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest

from telal.worker import deadman
from telal.worker.watch import Queue, Sight

FINE = Sight(
    queues={"answers": Queue(1, timedelta(seconds=2)), "bulk": Queue(9, timedelta(minutes=30))},
    messages={},
    workers=1,
    last_worked=timedelta(),
    stopped_because={},
    unreachable=0,
)


class Receiver(HTTPServer):
    """Keeps what it was told; ``status`` is what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[tuple[str, str]] = []
        self.heard = Event()
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ping/7a1"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.server.told.append((self.path, body))
        self.send_response(self.server.status)
        self.end_headers()
        self.server.heard.set()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


def signal(receiver: Receiver, look, monkeypatch) -> tuple[str, str]:
    """The first signal that is sent when this is seen."""
    monkeypatch.setattr(deadman, "FIRST_AFTER", 0)
    monkeypatch.setattr(deadman, "LOOK_TIMEOUT", 0.05)

    async def first() -> None:
        signalling = asyncio.create_task(deadman.signal_life(receiver.address, look))
        assert await asyncio.to_thread(receiver.heard.wait, 5)
        signalling.cancel()

    asyncio.run(first())
    return receiver.told[0]


def test_while_work_flows_all_is_well(receiver, monkeypatch):
    async def look():
        return FINE

    assert signal(receiver, look, monkeypatch) == ("/ping/7a1", "")


def test_a_database_that_is_away_is_trouble(receiver, monkeypatch):
    async def look():
        raise OSError("secret words")

    assert signal(receiver, look, monkeypatch) == (
        "/ping/7a1/fail",
        "The worker cannot see how it stands: OSError.",
    )


def test_a_desk_that_hangs_is_trouble(receiver, monkeypatch):
    async def look():
        await asyncio.sleep(60)

    assert signal(receiver, look, monkeypatch)[0] == "/ping/7a1/fail"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stopped_because": {"all": "2: token"}}, "Sending is stopped: 2: token"),
        ({"workers": 0}, "No worker is alive."),
        ({"queues": {"events": Queue(3, timedelta(minutes=6))}}, "events: the oldest of 3"),
        ({"queues": {"bulk": Queue(3, timedelta(minutes=61))}}, "bulk: the oldest of 3"),
    ],
)
def test_what_does_not_flow_is_named(change, said):
    assert said in deadman.trouble_in(replace(FINE, **change))


def test_who_cannot_be_told_does_not_stop_the_work(receiver):
    receiver.status = 500
    asyncio.run(deadman.tell(receiver.address, ""))
    asyncio.run(deadman.tell("http://127.0.0.1:1/ping", ""))
