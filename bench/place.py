"""Places to measure in: an installation with a database of its own, processes on a chosen core, a certificate that they trust."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.database import new_postgres_database
from tests.house import TOKEN, ask

_PEERS = Path(__file__).parent / "peers"
_spawn = multiprocessing.get_context("spawn")


def cores() -> tuple[int, int]:
    """Two processors to pin to: the thing under test on the first, whoever loads or serves it on the second."""
    return min(_everywhere), max(_everywhere)


_everywhere = os.sched_getaffinity(0)


def run_anywhere() -> None:
    """This process may use all processors again."""
    os.sched_setaffinity(0, _everywhere)


def processor_seconds(pid: int) -> float:
    """How long the process has kept a processor busy so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    """What the process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


class Place:
    """An installation, migrated and empty. Work in it is done in a process of its own, as the product's settings demand."""

    def __init__(self, database: str, *, api: str = "https://127.0.0.1:9/pa") -> None:
        self.home = Path(tempfile.mkdtemp(prefix="telal-bench-"))
        self.environment = trusting_environment() | {
            "DJANGO_SETTINGS_MODULE": "telal.config.settings",
            "TELAL_HOME": str(self.home),
            "TELAL_SECRET_KEY": "bench",
            "TELAL_VIBER_TOKEN": TOKEN,
            "TELAL_VIBER_API": api,
            "TELAL_VIBER_URI": "telalbench",
        }
        if database == "postgresql":
            self.environment["TELAL_DATABASE_URL"] = new_postgres_database()
        self._worker = ProcessPoolExecutor(1, _spawn, _settle, (self.environment, cores()[0]))
        self.telal("migrate")

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.shutdown()

    @property
    def on_postgres(self) -> bool:
        return "TELAL_DATABASE_URL" in self.environment

    def database_processes(self) -> list[int]:
        """The processes of PostgreSQL that serve this place, where they run on this machine."""
        with psycopg.connect(self.environment["TELAL_DATABASE_URL"]) as database:
            rows = database.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return [pid for (pid,) in rows if Path(f"/proc/{pid}/stat").exists()]

    def do(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call the function in the one process that works here, on the first core, with Django set up."""
        return self._worker.submit(function, *arguments).result()

    @contextmanager
    def running(self, function: Callable[..., None], *arguments: object) -> Iterator[None]:
        """Meanwhile, the function runs in another such process."""
        with background(_settled, self.environment, cores()[0], function, *arguments):
            yield

    def telal(self, *arguments: str) -> str:
        """Run a command of the product to its end; returns what it printed."""
        command = [sys.executable, "-m", "telal.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True
        ).stdout

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a command of the product, on whichever core is free."""
        with (self.home / f"{arguments[0]}.log").open("ab") as log:
            command = [sys.executable, "-m", "telal.cli", *arguments]
            return subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, preexec_fn=run_anywhere
            )


def _settle(environment: dict[str, str], core: int) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.sched_setaffinity(0, {core})
    import django

    django.setup()
    from telal.config import logging

    # As in a process of the product: each step of a message is a line, which has its price.
    os.dup2(os.open(f"{environment['TELAL_HOME']}/bench.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    logging.configure(steps=True)


def _settled(
    environment: dict[str, str], core: int, function: Callable[..., None], *arguments: object
) -> None:
    _settle(environment, core)
    function(*arguments)


@contextmanager
def background(function: Callable[..., None], *arguments: object) -> Iterator[None]:
    """Meanwhile, the function runs in another process."""
    process = _spawn.Process(target=function, args=arguments)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run another program to its end."""
    subprocess.run(command, env=environment, cwd=_PEERS, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def program(
    command: list[str], environment: dict[str, str], *, core: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Meanwhile, another program runs, on this core if one is given."""
    allowed = {core} if core is not None else _everywhere
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=_PEERS,
        preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]", seconds: float = 15) -> None:
    """Ask it to stop, and insist."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(url: str, status: int = 200, *, seconds: float = 30, pause: float = 0.02) -> float:
    """Wait until it answers so; returns after how many seconds it did."""
    began = time.perf_counter()
    while time.perf_counter() < began + seconds:
        try:
            if ask("GET", url).status == status:
                return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(pause)
    raise RuntimeError(f"{url} does not come up")


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def certificate() -> tuple[Path, Path]:
    """The certificate of 127.0.0.1 with that of its authority behind it, and its key, made for this run."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _issued("Telal bench", authority_key, x509.BasicConstraints(ca=True, path_length=0))
    own = _issued("127.0.0.1", key, x509.BasicConstraints(ca=False, path_length=None))
    own = own.add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
    )
    folder = Path(tempfile.mkdtemp(prefix="telal-bench-tls-"))
    chain, secret = folder / "certificate.pem", folder / "key.pem"
    signed = (one.sign(authority_key, hashes.SHA256()) for one in (own, authority))
    chain.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in signed))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, secret


def _issued(
    name: str, key: ec.EllipticCurvePrivateKey, constraints: x509.BasicConstraints
) -> x509.CertificateBuilder:
    """A certificate of this name and key, for a day."""
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        _name("Telal bench"),
        _name(name),
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(hours=1),
        now + timedelta(days=1),
    ).add_extension(constraints, critical=True)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def trusting_environment() -> dict[str, str]:
    """Ours without settings of the product, and with trust in our certificate alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TELAL_", "DJANGO_"))}
    chain = str(certificate()[0])
    return kept | {"SSL_CERT_FILE": chain, "REQUESTS_CA_BUNDLE": chain}
