"""The durable webhook (verify, parse, de-duplicate, store, 200) against the same server that stores nothing, and against peers."""

import hashlib
import hmac
import json
import time
from contextlib import ExitStack
from itertools import count

from bench import peers
from bench.load import Result, run
from bench.place import Place, cores, program, wait_for
from bench.report import Table
from tests.house import TOKEN, free_port

CONNECTIONS = 64

_serial = count(5_741_311_803_571_721_087)

NO_OP, OURS = "same server, no-op", "Telal, durable"
DJANGO, DJANGO_GUNICORN = "Django view, a row a request, same server", "the same view under gunicorn"
BARE_DJANGO = "the same without middleware"
FLASK = "Flask + viberbot, stores nothing"

# The server, the application and its settings.
_PEERS = {
    DJANGO: (peers.uvicorn, "django_row", {"PEER_TABLE": "peer_callback", "PEER_IS_ASGI": "1"}),
    DJANGO_GUNICORN: (peers.gunicorn, "django_row", {"PEER_TABLE": "peer_callback_gunicorn"}),
    BARE_DJANGO: (peers.gunicorn, "django_row", {"PEER_TABLE": "peer_callback_bare", "PEER_IS_BARE": "1"}),
    FLASK: (peers.gunicorn, "flask_viberbot", {}),
}

# More than any of them answers a second; each request is sent once.
_MOST_A_SECOND = {
    NO_OP: 30_000,
    OURS: 25_000,
    DJANGO: 4_000,
    DJANGO_GUNICORN: 4_000,
    BARE_DJANGO: 5_000,
    FLASK: 8_000,
}


def callbacks(port: int, number: int) -> list[bytes]:
    """So many distinct, signed messages as raw HTTP requests."""
    return [_request(port, next(_serial)) for _ in range(number)]


def _request(port: int, token: int) -> bytes:
    body = said(f"{token % 5000:022d}==", token, "Dobar dan, kakvo je stanje predmeta 06-23-1847/24")
    return signed(f"127.0.0.1:{port}", body)


def said(address: str, token: int, text: str) -> bytes:
    """What Viber sends when somebody writes."""
    event = {
        "event": "message",
        "timestamp": int(time.time() * 1000),
        "chat_hostname": "SN-CHAT-05_",
        "message_token": token,
        "sender": {"id": address, "name": "Ivana", "language": "bs", "country": "BA", "api_version": 10},
        "message": {"type": "text", "text": text, "tracking_data": "1"},
        "silent": False,
    }
    return json.dumps(event, ensure_ascii=False).encode()


def signed(host: str, body: bytes) -> bytes:
    """The callback as an HTTP request."""
    head = (
        f"POST /hooks/viber/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"X-Viber-Content-Signature: {signature(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def signature(body: bytes) -> str:
    """What Viber signs it with."""
    return hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()


def serve(port: int, durable: bool) -> None:
    """The real door under uvicorn; without ``durable`` its inbox takes everything and keeps nothing."""
    import uvicorn

    from telal.config.asgi import Door
    from telal.messaging import gateway

    if not durable:

        async def keep_nothing(self: object, callback: object) -> None:
            pass

        gateway.Inbox.store = keep_nothing  # type: ignore[method-assign]
    uvicorn.run(
        Door(works=False),
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


def bench(place: Place, rounds: int, seconds: float) -> Table:
    ports = {NO_OP: free_port(), OURS: free_port()}
    with ExitStack() as running:
        running.enter_context(place.running(serve, ports[NO_OP], False))
        running.enter_context(place.running(serve, ports[OURS], True))
        if peers.are_here() and place.on_postgres:
            for name, (server, application, settings) in _PEERS.items():
                ports[name] = free_port()
                command = server(application, ports[name], place, **settings)
                running.enter_context(program(*command, core=cores()[0]))
        for port in ports.values():
            wait_for(f"http://127.0.0.1:{port}/health/live")
        results = measure(ports, rounds, seconds)
    return _table(results, seconds)


def measure(ports: dict[str, int], rounds: int, seconds: float) -> dict[str, list[Result]]:
    """Each in turn, round by round; the first, short round warms up and does not count."""
    results: dict[str, list[Result]] = {name: [] for name in ports}
    for n in range(rounds + 1):
        for name, port in ports.items():
            length = seconds if n else seconds / 5
            requests = callbacks(port, int(length * _MOST_A_SECOND.get(name, _MOST_A_SECOND[OURS])))
            result = run(port, requests, connections=CONNECTIONS, seconds=length)
            assert not result.failures, f"{name}: {result.failures} requests were not answered 200"
            if n:
                results[name].append(result)
    return results


def _table(results: dict[str, list[Result]], seconds: float) -> Table:
    table = Table(f"webhook: {CONNECTIONS} connections, {seconds:g} s a round", "requests/s")
    for name, of_rounds in results.items():
        p99 = sorted(result.percentile(0.99) * 1000 for result in of_rounds)[len(of_rounds) // 2]
        table.add(name, [result.rate for result in of_rounds], f"p99 {p99:.1f} ms")
    table.ratio(OURS, NO_OP, at_least=0.55)
    if DJANGO in results:
        table.ratio(OURS, DJANGO, at_least=15)
        table.ratio(OURS, DJANGO_GUNICORN)
        table.ratio(OURS, FLASK, at_least=4)
    table.goal(f"{OURS}, p99 in ms", [result.percentile(0.99) * 1000 for result in results[OURS]], below=50)
    return table
