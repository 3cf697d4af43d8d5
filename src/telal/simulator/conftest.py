"""A Viber in a thread, and a bot of a few lines that it can call."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from telal.simulator import Settings, SimulatorThread
from telal.simulator.callbacks import signature

TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"


class Bot:
    """Remembers every event it is told; ``answer`` decides the status and body of its answers."""

    def __init__(self, viber: SimulatorThread) -> None:
        self.viber = viber
        self.events: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.answer: Callable[[dict[str, Any]], tuple[int, bytes]] = lambda event: (200, b"")
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/viber/"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def register(self, **fields: Any) -> dict[str, Any]:
        return self.call("set_webhook", url=self.url, **fields)

    def send(self, receiver: str, text: str = "Čeka se mišljenje", **fields: Any) -> dict[str, Any]:
        return self.call("send_message", **message(receiver, text=text) | fields)

    def call(self, method: str, token: str | None = TOKEN, **body: Any) -> dict[str, Any]:
        status, _, content = self.post(method, orjson.dumps(body), token)
        assert status == 200
        answer: dict[str, Any] = orjson.loads(content)
        return answer

    def post(
        self, method: str, body: bytes, token: str | None = TOKEN
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.viber.url).netloc, timeout=5)
        try:
            connection.request("POST", f"/pa/{method}", body, {"X-Viber-Auth-Token": token} if token else {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def told(self, event: str, times: int = 1) -> list[dict[str, Any]]:
        """Wait until it was told so often, and the platform has noted each answer."""

        def heard() -> list[dict[str, Any]]:
            return [known for known in self.events if known["event"] == event]

        with self._news:
            assert self._news.wait_for(lambda: len(heard()) >= times, timeout=10), (event, self.events)
        end = time.monotonic() + 10
        while sum(line["event"] == event for line in self.viber.log("callback")) < times:
            assert time.monotonic() < end, (event, self.viber.log("callback"))
            time.sleep(0.005)
        return heard()

    def _handler(bot) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                expected = signature(TOKEN, body)
                assert self.headers["X-Viber-Content-Signature"] == expected
                assert parse_qs(urlsplit(self.path).query)["sig"] == [expected]
                status, content = bot.hear(self.path, orjson.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def hear(self, path: str, event: dict[str, Any]) -> tuple[int, bytes]:
        with self._news:
            self.paths.append(path)
            self.events.append(event)
            self._news.notify_all()
        return self.answer(event)


def message(receiver: str = "", **fields: Any) -> dict[str, Any]:
    return {"receiver": receiver, "type": "text", "sender": {"name": "Općina"}, "text": "Dobar dan"} | fields


@pytest.fixture
def viber() -> Iterator[SimulatorThread]:
    with SimulatorThread(TOKEN, settings=Settings(speed=200, receipt_delay=0)) as running:
        yield running


@pytest.fixture
def silent_bot(viber: SimulatorThread) -> Iterator[Bot]:
    """Not registered yet."""
    bot = Bot(viber)
    yield bot
    bot.close()


@pytest.fixture
def bot(silent_bot: Bot) -> Bot:
    assert silent_bot.register(send_name=True)["status"] == 0
    silent_bot.events.clear()
    silent_bot.viber.control("settings", incoming_receipts=False)
    return silent_bot


@pytest.fixture
def amra(viber: SimulatorThread) -> str:
    """The id of somebody who may be written to."""
    return str(viber.control("phones", name="Amra", subscribed=True)["id"])
