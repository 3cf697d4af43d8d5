"""The simulator for code that has no event loop of its own."""

import asyncio
import threading
import urllib.request
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote

import orjson

from telal.simulator.server import Simulator

T = TypeVar("T")


class SimulatorThread:
    """``with SimulatorThread(token) as viber:`` runs a Simulator beside the test; arguments are Simulator's.

    ``viber.simulator`` is the Simulator itself: touch its platform only through ``run``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.simulator = Simulator(*args, **kwargs)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulator", daemon=True)

    def __enter__(self) -> "SimulatorThread":
        self._thread.start()
        self.run(self.simulator.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run(self.simulator.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return self.simulator.url

    @property
    def api_url(self) -> str:
        return self.simulator.api_url

    @property
    def token(self) -> str:
        return self.simulator.token

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it in the simulator's loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def control(self, path: str, method: str = "POST", **fields: Any) -> dict[str, Any]:
        """Call the control API: ``viber.control("phones", name="Amra")``. Raises HTTPError for a refusal."""
        content: dict[str, Any] = orjson.loads(self._request(f"/control/{path}", method, fields))
        return content

    def act(self, phone: str, action: str, **fields: Any) -> dict[str, Any]:
        """What the person with this id does: ``viber.act(amra, "say", text="Dobar dan")``."""
        return self.control(f"phones/{quote(phone, safe='')}/{action}", **fields)

    def phone(self, phone: str) -> dict[str, Any]:
        """The phone's state with its chat."""
        return self.control(f"phones/{quote(phone, safe='')}", "GET")

    def log(self, kind: str = "", after: int = 0) -> list[dict[str, Any]]:
        content = self._request(f"/control/log?kind={kind}&after={after}", "GET", {})
        return [orjson.loads(line) for line in content.splitlines()]

    def _request(self, path: str, method: str, fields: dict[str, Any]) -> bytes:
        body = None if method == "GET" else orjson.dumps(fields)
        request = urllib.request.Request(self.url + path, body, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            content: bytes = answer.read()
        return content
