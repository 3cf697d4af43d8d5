"""An outbox on procrastinate: a job a message in PostgreSQL, lanes by priority.

The next message to the same person is queued when the one before it has left. Procrastinate's own locks keep that order, too, but
were measured to be several times slower.

``run("enqueue")`` queues all that is owed; ``run("work", 50)`` sends it.
"""

import asyncio
import os
import time

import aiohttp
import procrastinate
import sql
from psycopg_pool import AsyncConnectionPool

_API = os.environ["PEER_API"]
_HEADERS = {"X-Viber-Auth-Token": os.environ["PEER_TOKEN"]}
_URL = os.environ["PEER_DATABASE"]

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=_URL, min_size=1, max_size=12))


@app.task(name="send", retry=procrastinate.RetryStrategy(exponential_wait=2))
async def send(message_id):
    await _wait_for_a_token()
    claimed = await _ask(sql.CLAIM, [message_id])
    if claimed is None:
        return
    address, text = claimed
    message = {
        "receiver": address, "min_api_version": 3, "sender": {"name": "Općina"}, "tracking_data": str(message_id), "type": "text",
        "text": text,
    }  # fmt: skip
    async with _session.post(f"{_API}/send_message", json=message, headers=_HEADERS) as response:
        answer = await response.json()
    if answer["status"] != 0:
        raise RuntimeError(answer["status"])
    following = await _ask(sql.RECORD, {"id": message_id, "token": answer["message_token"]})
    if following:
        await _queue(*following)


async def _queue(message_id, lane):
    await send.configure(priority=-lane).defer_async(message_id=message_id)


async def _ask(statement, parameters):
    async with _database.connection() as connection:
        return await (await connection.execute(statement, parameters)).fetchone()


# ── The limit of the whole bot: far above what is measured, and asked all the same ──

_RATE, _tokens, _filled = 20_000, 20_000.0, time.monotonic()


async def _wait_for_a_token():
    global _tokens, _filled
    while True:
        now = time.monotonic()
        _tokens, _filled = min(_RATE, _tokens + (now - _filled) * _RATE), now
        if _tokens >= 1:
            _tokens -= 1
            return
        await asyncio.sleep(1 / _RATE)


async def _run(action, in_flight):
    global _session, _database
    async with (
        app.open_async(),
        AsyncConnectionPool(
            _URL, min_size=1, max_size=12, open=False, kwargs={"autocommit": True}
        ) as _database,
    ):
        if action == "enqueue":
            await _enqueue()
            return
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as _session:
            await app.run_worker_async(concurrency=in_flight, delete_jobs="never", listen_notify=True)


async def _enqueue():
    if await _ask("SELECT to_regclass('procrastinate_jobs')", []) == (None,):
        await app.schema_manager.apply_schema_async()
    async with _database.connection() as connection:
        owed = await (await connection.execute(sql.HEADS)).fetchall()
    for id_, lane in owed:
        await _queue(id_, lane)


def run(action, in_flight=0):
    asyncio.run(_run(action, in_flight))
