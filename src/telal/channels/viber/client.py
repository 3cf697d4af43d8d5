"""Viber's HTTP API: JSON in, JSON out, or what a failure on the way means for the message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from pyreqwest.client import Client as Pool
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import DetailedPyreqwestError, PoolTimeoutError, RequestTimeoutError
from pyreqwest.response import Response

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
    """A pool of at most ``in_flight`` connections, opened at the first call."""

    def __init__(
        self, token: str, api: str, in_flight: int, timeout: float, now: Callable[[], datetime]
    ) -> None:
        self._token = token
        self._api = api.rstrip("/")
        self._in_flight = in_flight
        self._timeout = timeout
        self._now = now
        self._pool: Pool | None = None

    async def call(self, method: str, payload: dict[str, Any], *, patience: float = 1) -> Answer | Failure:
        """POST once and never raise. ``patience`` multiplies the timeout where Viber has to call us first."""
        body = orjson.dumps(payload)
        if len(body) > _LARGEST_REQUEST:
            return Refused("too_large", "The message is larger than the 30 kB that Viber takes.")
        if not self._token:
            return Stopped("no_token", "There is no Viber token. Set TELAL_VIBER_TOKEN.")
        try:
            return await self._post(method, body, timedelta(seconds=self._timeout * patience))
        except DetailedPyreqwestError as error:
            return _trouble(error)

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def _post(self, method: str, body: bytes, within: timedelta) -> Answer | Failure:
        request = self._open_pool().post(f"{self._api}/{method}").body_bytes(body).timeout(within)
        async with request.build_streamed() as response:
            if response.status // 100 != 2:
                return codes.of_http(response.status, response.get_header("Retry-After"), self._now())
            return _answer(await _body(response))

    def _open_pool(self) -> Pool:
        if self._pool is None:
            # Connecting gets half of the time, so that its own timeout comes first and tells that nothing was sent.
            half = timedelta(seconds=self._timeout / 2)
            self._pool = (
                ClientBuilder()
                .default_headers({"X-Viber-Auth-Token": self._token, "Content-Type": "application/json"})
                .max_connections(self._in_flight)
                .pool_timeout(half)
                .connect_timeout(half)
                .follow_redirects(False)  # the token goes to Viber alone
                .no_proxy()
                .build()
            )
        return self._pool


def _trouble(error: DetailedPyreqwestError) -> Failure:
    """What is known of a request that failed on its way.

    The types of the errors do not tell: silence, or a connection that breaks before the answer, counts there as one that was not
    made. Only where the causes say so (refused, no such host, TLS, or no free connection in time) did it surely not leave.
    """
    causes = [cause["message"] for cause in error.details["causes"] or ()]
    if isinstance(error, PoolTimeoutError) or "client error (Connect)" in causes:
        return TryLater("not_connected", "No connection to Viber could be made.")
    if isinstance(error, RequestTimeoutError):
        return Uncertain("timeout", "Viber did not answer in time.")
    return Uncertain("disconnected", "The connection to Viber broke before an answer came.")


async def _body(response: Response) -> bytes:
    """The answer's body; of one that is too large, only so much that it cannot be read as JSON."""
    body = await response.body_reader.read(_LARGEST_ANSWER + 1)
    return b"" if body is None or len(body) > _LARGEST_ANSWER else bytes(body)


def _answer(body: bytes) -> Answer | Failure:
    try:
        fields = wire.mapping(wire.load(body))
    except ValueError:
        return _UNREADABLE
    status = wire.integer(fields.get("status"))
    return _UNREADABLE if status is None else Answer(status, fields)
