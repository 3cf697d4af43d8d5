"""The durable webhook (verify, parse, de-duplicate, store, 200) against the same server that stores nothing."""

import hashlib
import hmac
import json
import multiprocessing
import os
import time
from itertools import count

from bench.load import Result, run
from bench.report import Table, cores
from tests.house import TOKEN, ask, free_port

_serial = count(5_741_311_803_571_721_087)


def callbacks(port: int, number: int) -> list[bytes]:
    """So many distinct, signed messages as raw HTTP requests."""
    return [_request(port, next(_serial)) for _ in range(number)]


def _request(port: int, token: int) -> bytes:
    event = {
        "event": "message",
        "timestamp": int(time.time() * 1000),
        "chat_hostname": "SN-CHAT-05_",
        "message_token": token,
        "sender": {
            "id": f"{token % 5000:022d}==",
            "name": "Ivana",
            "language": "bs",
            "country": "BA",
            "api_version": 10,
        },
        "message": {
            "type": "text",
            "text": "Dobar dan, kakvo je stanje predmeta 06-23-1847/24",
            "tracking_data": "1",
        },
        "silent": False,
    }
    body = json.dumps(event, ensure_ascii=False).encode()
    signature = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /hooks/viber/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"X-Viber-Content-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def serve(port: int, *, durable: bool) -> None:
    """The real door under uvicorn; without ``durable`` its inbox takes everything and keeps nothing."""
    os.sched_setaffinity(0, {cores()[0]})
    import django
    import uvicorn

    django.setup()
    from telal.config.asgi import Door
    from telal.messaging import gateway

    if not durable:

        async def keep_nothing(self: object, callback: object) -> None:
            pass

        gateway.Inbox.store = keep_nothing  # type: ignore[method-assign]
    uvicorn.run(
        Door(works=False), host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False
    )


def bench(rounds: int, seconds: float) -> Table:
    os.sched_setaffinity(0, {cores()[1]})
    ports = {"durable": free_port(), "no-op": free_port()}
    servers = [
        multiprocessing.Process(target=serve, args=(port,), kwargs={"durable": name == "durable"})
        for name, port in ports.items()
    ]
    for server in servers:
        server.start()
    try:
        for port in ports.values():
            _wait_for(port)
        results: dict[str, list[Result]] = {name: [] for name in ports}
        for _ in range(rounds):
            for name, port in ports.items():
                results[name].append(run(port, callbacks(port, int(seconds * 25_000)), seconds=seconds))
    finally:
        for server in servers:
            server.terminate()
            server.join()
    table = Table("webhook, 64 connections", "requests/s")
    for name in ("no-op", "durable"):
        table.add(
            name,
            [result.rate for result in results[name]],
            [result.percentile(0.99) for result in results[name]],
        )
        assert not sum(result.failures for result in results[name]), f"{name}: some were not answered 200"
    table.ratio("durable", "no-op", at_least=0.55)
    return table


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            if ask("GET", f"http://127.0.0.1:{port}/health/live").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server does not come up")
