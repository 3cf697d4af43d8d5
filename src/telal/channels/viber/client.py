"""Viber's HTTP API: JSON in, JSON out, or what a failure on the way means for the message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import aiohttp
import orjson
from yarl import URL

from telal.channels.viber import codes, wire
from telal.channels.viber.codes import Failure
from telal.messaging.channel import Refused, Stopped, TryLater, Uncertain

_LARGEST_REQUEST = 30_000
_LARGEST_ANSWER = 64 * 1024

_UNREADABLE = Uncertain("unreadable", "Viber answered, but not in a way that can be read.", answered=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Viber said. It refuses with HTTP 200, too: ``status`` tells."""

    status: int
    fields: dict[str, Any]


class Client:
    """A pool of at most ``in_flight`` connections, opened at the first call, in the loop of that call."""

    def __init__(
        self, token: str, api: str, in_flight: int, timeout: float, now: Callable[[], datetime]
    ) -> None:
        self._token = token
        self._methods = lru_cache(URL(api.rstrip("/")).joinpath)
        self._in_flight = in_flight
        self._timeout = timeout
        self._now = now
        self._pool: aiohttp.ClientSession | None = None

    async def call(self, method: str, payload: dict[str, Any], *, patience: float = 1) -> Answer | Failure:
        """POST once and never raise. ``patience`` multiplies the timeout where Viber has to call us first."""
        body = orjson.dumps(payload)
        if len(body) > _LARGEST_REQUEST:
            return Refused("too_large", "The message is larger than the 30 kB that Viber takes.")
        if not self._token:
            return Stopped("no_token", "There is no Viber token. Set TELAL_VIBER_TOKEN.")
        try:
            return await self._post(method, body, self._timeout * patience)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            # Not even connected (refused, no such host, TLS, or no free connection in time): surely not sent.
            return TryLater("not_connected", "No connection to Viber could be made.")
        except TimeoutError:
            return Uncertain("timeout", "Viber did not answer in time.")
        except (aiohttp.ClientError, OSError):
            return Uncertain("disconnected", "The connection to Viber broke before an answer came.")

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def _post(self, method: str, body: bytes, seconds: float) -> Answer | Failure:
        async with self._session().post(
            self._methods(method),
            data=body,
            allow_redirects=False,  # the token goes to Viber alone
            timeout=_within(seconds),
        ) as response:
            if response.status // 100 != 2:
                return codes.of_http(response.status, response.headers.get("Retry-After"), self._now())
            return _answer(await _body(response))

    def _session(self) -> aiohttp.ClientSession:
        if self._pool is None:
            self._pool = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._in_flight),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"X-Viber-Auth-Token": self._token, "Content-Type": "application/json"},
            )
        return self._pool


@lru_cache
def _within(seconds: float) -> aiohttp.ClientTimeout:
    """Connecting gets half, so that its own timeout comes first and tells that nothing was sent."""
    return aiohttp.ClientTimeout(total=seconds, connect=seconds / 2)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The answer's body; of one that is too large, only so much that it cannot be read as JSON."""
    announced = response.content_length
    if announced is not None and announced <= _LARGEST_ANSWER and "Content-Encoding" not in response.headers:
        return await response.read()
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            return b""
    return body


def _answer(body: bytes) -> Answer | Failure:
    try:
        fields = wire.mapping(wire.load(body))
    except ValueError:
        return _UNREADABLE
    status = wire.integer(fields.get("status"))
    return _UNREADABLE if status is None else Answer(status, fields)
