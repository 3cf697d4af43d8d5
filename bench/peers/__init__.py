"""The usual way of doing the same, in an environment of its own: ``.venv-peers``, which ``make bench`` prepares.

Each peer is written as its own documentation teaches and does the whole of the work that it is compared by.
"""

import socket
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.place import Place

_BIN = Path(__file__).parents[2] / ".venv-peers" / "bin"
REDIS = ("127.0.0.1", 6379)

# Threads of one process: more or fewer made the peers slower.
_THREADS = 8

Program = tuple[list[str], dict[str, str]]


@cache
def are_here() -> bool:
    return (_BIN / "gunicorn").exists()


@cache
def redis_is_here() -> bool:
    try:
        with socket.create_connection(REDIS, timeout=1):
            return True
    except OSError:
        return False


def present() -> list[str]:
    """Whom we compare with, in which versions, and who is left out."""
    if not are_here():
        return ["No peers: make bench prepares .venv-peers."]
    return [f"Peers: {_versions()}"] + ([] if redis_is_here() else ["No Celery: no Redis on 127.0.0.1:6379."])


def _versions() -> str:
    listed = subprocess.run(
        [_BIN / "python", "-c", _LIST_VERSIONS, *_NAMED], capture_output=True, text=True, check=True
    )
    return listed.stdout.strip()


_NAMED = (
    "Django",
    "Flask",
    "viberbot",
    "gunicorn",
    "uvicorn",
    "celery",
    "redis",
    "procrastinate",
    "psycopg",
    "aiohttp",
)
_LIST_VERSIONS = (
    "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
)


def gunicorn(application: str, port: int, place: "Place", **settings: str) -> Program:
    """One process, threads with kept connections."""
    command = [
        str(_BIN / "gunicorn"), f"{application}:application", "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", str(_THREADS), "--log-level", "error", "--backlog", "512",
    ]  # fmt: skip
    return command, _environment(place, **settings)


def uvicorn(application: str, port: int, place: "Place", **settings: str) -> Program:
    """The server that ours runs under."""
    command = [
        str(_BIN / "uvicorn"), f"{application}:asgi", "--host", "127.0.0.1", "--port", str(port), "--no-access-log",
        "--log-level", "error", "--lifespan", "off",
    ]  # fmt: skip
    return command, _environment(place, **settings)


def celery(place: "Place", api: str, in_flight: int) -> tuple[Program, Program]:
    """Queue all that is owed; send it."""
    environment = _environment(place, PEER_API=api, PEER_REDIS="redis://{}:{}/9".format(*REDIS))
    work = [
        str(_BIN / "celery"), "--app", "celery_outbox", "worker", "--pool", "threads", "--concurrency", str(in_flight),
        "--queues", "answers,notices", "--loglevel", "error", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip
    return ([str(_BIN / "python"), "celery_outbox.py"], environment), (work, environment)


def procrastinate(place: "Place", api: str, in_flight: int) -> tuple[Program, Program]:
    """Queue all that is owed; send it."""
    environment = _environment(place, PEER_API=api)
    call = [
        str(_BIN / "python"),
        "-c",
        "import sys, procrastinate_outbox as outbox; outbox.run(sys.argv[1], int(sys.argv[2]))",
    ]
    return ([*call, "enqueue", "0"], environment), ([*call, "work", str(in_flight)], environment)


def _environment(place: "Place", **settings: str) -> dict[str, str]:
    """The peers read their own settings and see nothing of ours."""
    ours = ("TELAL_", "DJANGO_", "PYTHONPATH")
    kept = {name: value for name, value in place.environment.items() if not name.startswith(ours)}
    named = {
        "PEER_DATABASE": place.environment["TELAL_DATABASE_URL"],
        "PEER_TOKEN": place.environment["TELAL_VIBER_TOKEN"],
    }
    return kept | named | settings | {"PYTHONWARNINGS": "ignore"}
