"""An outbox on Celery and Redis: a task a message, threads that keep their connections, a queue a lane.

A task is acknowledged when it is done, so that a crash loses none; the next message to the same person is queued when the one
before it has left, since Celery keeps no order of its own.

``python celery_outbox.py`` queues all that is owed; ``celery --app celery_outbox worker`` sends it.
"""

import os
import threading
import time

import requests
import sql
from celery import Celery
from psycopg_pool import ConnectionPool

_API = os.environ["PEER_API"]
_HEADERS = {"X-Viber-Auth-Token": os.environ["PEER_TOKEN"]}
_QUEUES = ("answers", "notices")

app = Celery("celery_outbox", broker=os.environ["PEER_REDIS"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)
_database = ConnectionPool(
    os.environ["PEER_DATABASE"], min_size=1, max_size=12, open=False, kwargs={"autocommit": True}
)
_thread = threading.local()


@app.task(bind=True, max_retries=None, name="send")
def send(self, message_id):
    _wait_for_a_token()
    claimed = _ask(sql.CLAIM, [message_id])
    if claimed is None:
        return
    address, text = claimed
    message = {
        "receiver": address, "min_api_version": 3, "sender": {"name": "Općina"}, "tracking_data": str(message_id), "type": "text",
        "text": text,
    }  # fmt: skip
    answer = _session().post(f"{_API}/send_message", json=message, headers=_HEADERS, timeout=10).json()
    if answer["status"] != 0:
        raise self.retry(countdown=2 ** min(self.request.retries, 12))
    following = _ask(sql.RECORD, {"id": message_id, "token": answer["message_token"]})
    if following:
        _queue(*following)


def _queue(message_id, lane):
    send.apply_async((message_id,), queue=_QUEUES[lane])


def _ask(statement, parameters):
    _database.open()
    with _database.connection() as connection:
        return connection.execute(statement, parameters).fetchone()


def _session():
    if not hasattr(_thread, "session"):
        _thread.session = requests.Session()
    return _thread.session


# ── The limit of the whole bot: far above what is measured, and asked all the same ──

_RATE, _tokens, _filled, _lock = 20_000, 20_000.0, time.monotonic(), threading.Lock()


def _wait_for_a_token():
    global _tokens, _filled
    while True:
        with _lock:
            now = time.monotonic()
            _tokens, _filled = min(_RATE, _tokens + (now - _filled) * _RATE), now
            if _tokens >= 1:
                _tokens -= 1
                return
        time.sleep(1 / _RATE)


if __name__ == "__main__":
    _database.open()
    with _database.connection() as connection:
        for id_, lane in connection.execute(sql.HEADS).fetchall():
            _queue(id_, lane)
