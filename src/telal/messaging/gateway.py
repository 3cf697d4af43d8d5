"""The webhook: verify over the raw bytes, store, acknowledge. A bare ASGI application, in front of Django.

A callback is answered 200 only when it is on disk. Requests that wait at the same time share one commit: whatever has gathered
while the last commit ran goes into the next one, and nobody waits for a timer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import structlog
from django.db import Error, connection
from django.utils import timezone
from prometheus_client import Counter

from telal import spans, sql, tracing
from telal.messaging.channel import Callback, Channel, Forged, Malformed
from telal.messaging.models import INBOUND_BODY
from telal.sealing.seals import seal

if TYPE_CHECKING:
    from psycopg import AsyncConnection

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

TEXT = b"text/plain; charset=utf-8"
LARGEST_BODY = 256 * 1024
LARGEST_BATCH = 256
# Viber hangs up after 5 seconds: a later answer is worth nothing, and whoever waits for it takes the place of others.
PATIENCE = 4.0

log = structlog.get_logger(__name__)
_received = Counter(
    "telal_callbacks", "Callbacks received from a channel, by what became of them.", ["result"]
)
for _result in ("stored", "not_stored", "forged", "malformed", "too_large", "method"):
    _received.labels(_result)  # from the first look on, so that the first of its kind shows as an increase
_stored = _received.labels("stored")


class Gateway:
    """The webhook of one channel.

    ``welcome`` is the body that greets who has just opened the chat; ``stored`` is called after a commit.
    """

    def __init__(
        self, channel: Channel, *, welcome: bytes, stored: Callable[[], None] = lambda: None
    ) -> None:
        self._channel = channel
        self._welcome = welcome
        self._inbox = Inbox(channel.name, stored)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, body = await self._answer(scope, receive)
        await say(send, status, body, kind=b"application/json" if status == 200 else TEXT)

    def greet_with(self, welcome: bytes) -> None:
        """From now on."""
        self._welcome = welcome

    async def close(self) -> None:
        await self._inbox.close()

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        if scope["method"] != "POST":
            return _refuse(405, "method", "Callbacks come by POST.")
        body = await read_body(receive, LARGEST_BODY)
        if body is None:
            return _refuse(413, "too_large", f"A callback has at most {LARGEST_BODY} bytes.")
        try:
            callback = self._channel.verify(body, *self._signatures(scope))
        except Forged:
            return _refuse(403, "forged", "The signature does not match.")
        except Malformed as error:
            return _refuse(400, "malformed", str(error))
        try:
            await self._inbox.store(callback)
        except Exception as error:
            # The database's trouble needs no places in our code.
            ours = not isinstance(error, (Error, TimeoutError))
            log.error("callback_not_stored", kind=callback.kind, error=type(error).__name__, exc_info=ours)
            return _refuse(503, "not_stored", "Could not be stored just now; please deliver it again.")
        _stored.inc()
        return 200, self._welcome if callback.welcome else b""

    def _signatures(self, scope: Scope) -> tuple[str | None, str | None]:
        return _header(scope, self._channel.signature_header), _query(
            scope, self._channel.signature_parameter
        )


class Inbox:
    """Stores callbacks, many in one commit, one batch at a time: a second one beside it would only halve both."""

    def __init__(self, channel: str, stored: Callable[[], None]) -> None:
        self._channel = channel
        self._stored = stored
        self._database: _OnLoop | _InThread = _OnLoop() if sql.on_postgres() else _InThread()
        self._waiting: list[tuple[sql.Row, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        # Until when each is to be answered, the oldest first: one timer for all of them.
        self._promised: deque[tuple[float, asyncio.Future[None]]] = deque()

    async def store(self, callback: Callback) -> None:
        """Return when the callback, or an equal one before it, is on disk.

        Raises what the database raised if it cannot be, and TimeoutError if it is not within ``PATIENCE``.
        """
        row = _row(callback)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        if not self._promised:
            loop.call_later(PATIENCE, self._lose_patience, loop)
        self._promised.append((loop.time() + PATIENCE, done))
        self._waiting.append((row, done))
        self._write_next()
        await done

    async def close(self) -> None:
        """Finish what is being written."""
        while self._writing:
            await self._writing
        await self._database.close()

    def _lose_patience(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._promised and (self._promised[0][1].done() or self._promised[0][0] <= loop.time()):
            _, late = self._promised.popleft()
            if not late.done():
                late.set_exception(TimeoutError())
        if self._promised:
            loop.call_at(self._promised[0][0], self._lose_patience, loop)

    def _write_next(self) -> None:
        if self._writing:
            return
        # Whoever has been told to come again is not kept: in an outage the same callbacks come again and again.
        waiting = [one for one in self._waiting if not one[1].done()]
        batch, self._waiting = waiting[:LARGEST_BATCH], waiting[LARGEST_BATCH:]
        if batch:
            self._writing = asyncio.create_task(self._write(batch))

    async def _write(self, batch: list[tuple[sql.Row, asyncio.Future[None]]]) -> None:
        try:
            errors = await self._insert([row for row, _ in batch])
        except Exception as trouble:
            errors = [trouble] * len(batch)
        self._writing = None
        for (_, done), error in zip(batch, errors, strict=True):
            if done.done():
                continue  # the platform hung up; the callback is stored all the same
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        self._stored()
        self._write_next()

    async def _insert(self, rows: Sequence[sql.Row]) -> list[Exception | None]:
        """Store all of them in one statement; if the batch is refused, each alone, so that a bad one spoils no good one."""
        trouble = await self._try_to_insert(rows)
        if isinstance(trouble, sql.OUT_OF_REACH):
            # The connection may have died while it was idle. A second failure is that of all: asking for each would take minutes.
            trouble = await self._try_to_insert(rows)
        if trouble is None or isinstance(trouble, sql.OUT_OF_REACH):
            return [trouble] * len(rows)
        return [await self._try_to_insert([row]) for row in rows]

    async def _try_to_insert(self, rows: Sequence[sql.Row]) -> Exception | None:
        received_at = timezone.now()
        try:
            values = [self._channel, sql.stamp(received_at), sql.as_parameter(rows)]
            await self._database.execute(_insertion(), values)
        except (Error, ValueError, TypeError) as error:
            await self._database.close()
            return error
        if spans.on:
            for row in rows:
                trace = str(row["trace"])
                spans.tell(
                    "callback", trace, received_at, id_=spans.of_callback(trace), kind=str(row["kind"])
                )
        return None


class _OnLoop:
    """PostgreSQL by a connection of the event loop's own: a thread would have to win the interpreter from a busy loop each time."""

    def __init__(self) -> None:
        self._open: AsyncConnection[Any] | None = None

    async def execute(self, statement: str, values: Sequence[str]) -> None:
        """Raises Django's exceptions."""
        with connection.wrap_database_errors:
            if self._open is None:
                self._open = await _connected()
            await self._open.execute(statement, values)

    async def close(self) -> None:
        """The next statement opens another."""
        gone, self._open = self._open, None
        if gone:
            await gone.close()


async def _connected() -> "AsyncConnection[Any]":
    """As Django would, but for the types that it teaches its own connections."""
    from psycopg import AsyncConnection  # SQLite does without

    known = connection.get_connection_params()
    return await AsyncConnection.connect(
        **{name: value for name, value in known.items() if name not in ("cursor_factory", "context")},
        autocommit=True,
    )


class _InThread:
    """SQLite, which blocks, by Django's connection in a thread that has no other work."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")

    async def execute(self, statement: str, values: Sequence[str]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, _execute, statement, values)

    async def close(self) -> None:
        """The next statement opens another."""
        await asyncio.get_running_loop().run_in_executor(self._thread, connection.close)


def _execute(statement: str, values: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


_COLUMNS = {
    "key": "text",
    "kind": "text",
    "address": "text",
    "at": "timestamptz",
    "body": "text",
    "trace": "uuid",
}


def _row(callback: Callback) -> sql.Row:
    """The callback as it is kept."""
    return {
        "key": callback.key[:300],
        "kind": callback.kind[:40],
        "address": callback.address[:200],
        "at": callback.at,
        "body": seal(callback.body, INBOUND_BODY),
        "trace": tracing.new(),
    }


@cache
def _insertion() -> str:
    return f"""
        INSERT INTO messaging_inbound (channel, key, kind, address, at, body, trace, received_at, error)
        SELECT %s, r.key, r.kind, r.address, r.at, r.body, r.trace, {sql.time()}, '' FROM {sql.rows_as("r", **_COLUMNS)} WHERE true
        ON CONFLICT (channel, key) DO NOTHING
        """  # noqa: S608  (built from constants)


async def read_body(receive: Receive, largest: int) -> bytes | None:
    """The whole body of a request, or None when it has more than so many bytes."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= largest:
        message = await receive()
        body += message.get("body", b"")
    return body if len(body) <= largest else None


async def say(send: Send, status: int, body: bytes, *, kind: bytes = TEXT) -> None:
    await respond(send, status, [(b"content-type", kind), (b"content-length", str(len(body)).encode())], body)


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """The whole response at once."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


def _query(scope: Scope, name: str) -> str | None:
    query: bytes = scope["query_string"]
    if not query:
        return None
    return parse_qs(query.decode("latin-1")).get(name, [None])[0]


def _refuse(status: int, result: str, sentence: str) -> tuple[int, bytes]:
    _received.labels(result).inc()
    return status, sentence.encode()
