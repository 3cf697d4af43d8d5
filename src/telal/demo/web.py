"""JSON over HTTP to this machine: how the demonstration speaks to the API as a DMS would, and to the simulator as people would."""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any


class Refused(Exception):
    """The other side did not do what was asked."""


@dataclass(frozen=True, slots=True)
class Site:
    """``address`` is ``host:port``."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON answer. Raises Refused, and OSError when nobody answers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, content = self._exchange(method, path, json.dumps(body).encode(), {**self.headers, **named})
        if status >= 400:
            raise Refused(f"{method} {path}: {status} {content.decode(errors='replace')[:500]}")
        return json.loads(content)

    def is_ready(self, path: str) -> bool:
        try:
            return self._exchange("GET", path, b"", {})[0] == 200
        except OSError:
            return False

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = HTTPConnection(self.address, timeout=15)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
