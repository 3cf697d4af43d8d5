"""Health and metrics, for whoever watches over the installation. No personal data."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from importlib.metadata import version

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from telal import sql
from telal.messaging.models import Scope
from telal.notices.pins import refused_lately
from telal.retention.models import Progress
from telal.worker.watch import Sight, look

# With less than this SQLite cannot be trusted to write; long before it, somebody should know.
FULL, NEARLY_FULL = 16 * 2**20, 2**30
# What waits longer than this is not on its way.
STUCK = timedelta(minutes=1)
_STOPPED = {Scope.ALL.value: "Sending is stopped", Scope.PAID.value: "Only answers are sent"}


def ready() -> tuple[int, bytes]:
    """Can this process take in what is sent to it? If not, 503 and why; else 200, and what somebody should look after."""
    try:
        with sql.healthy_connection():
            problem = _problem()
            remarks = [] if problem else _remarks(look())
    except Error:
        problem, remarks = "The database does not answer.", []
    if problem:
        return 503, f"{problem}\n".encode()
    # The house stands and takes everything in; that nothing leaves is said, but is no reason to take it out of service.
    return 200, "\n".join(["Ready.", *remarks, ""]).encode()


def metrics() -> tuple[int, bytes]:
    """What Prometheus reads."""
    try:
        with sql.healthy_connection():
            return 200, generate_latest(REGISTRY)
    except Error:
        return 503, b"The database does not answer.\n"


# ── Ready ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _problem() -> str:
    """Why requests that store something would fail here, or an empty string."""
    if _migrations_on_disk() - _migrations_applied():
        return "The database is not up to date: run telal migrate."
    if sql.on_postgres() and _asked(
        "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
    ):
        return "The database may only be read: it is a standby."
    if not sql.on_postgres() and _free_bytes() < FULL:
        return "The disk is full."
    return ""


def _remarks(sight: Sight) -> list[str]:
    remarks = [f"{_STOPPED[scope]}: {reason}" for scope, reason in sight.stopped_because.items()]
    if not sight.workers:
        remarks.append("No worker is alive: everything is kept, and nothing is answered or sent.")
    remarks += [
        f"The oldest of {queue.length} {name} has been waiting for {int(queue.oldest.total_seconds())} seconds."
        for name, queue in sight.queues.items()
        if queue.oldest > STUCK
    ]
    if not sql.on_postgres() and _free_bytes() < NEARLY_FULL:
        remarks.append(f"The disk is nearly full: {_free_bytes() >> 20} MiB are free.")
    return remarks


@cache
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _migrations_applied() -> set[tuple[str, str]]:
    if "django_migrations" not in connection.introspection.table_names():
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def _asked(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def _free_bytes() -> int:
    return shutil.disk_usage(settings.TELAL_HOME).free


# ── Metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class HouseCollector(Collector):
    """How it stands, read from the database at the moment of asking: the same from every process."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        sight = look()
        yield _gauge("telal_queue_length", "How many wait.", "queue", _lengths(sight))
        yield _gauge(
            "telal_queue_oldest_seconds",
            "How long the first that could be dealt with has waited.",
            "queue",
            _ages(sight),
        )
        yield _gauge("telal_messages_open", "Messages not yet handed over.", "state", sight.messages)
        yield GaugeMetricFamily("telal_workers", "Workers that are alive.", value=sight.workers)
        if sight.last_worked is not None:
            yield GaugeMetricFamily(
                "telal_worker_last_seen_seconds", "Since a worker last gave a sign of life.",
                value=sight.last_worked.total_seconds(),
            )  # fmt: skip
        yield _gauge(
            "telal_channel_stopped", "1 while nothing, or nothing paid, may be sent.", "scope",
            {scope: float(scope in sight.stopped_because) for scope in _STOPPED},
        )  # fmt: skip
        yield GaugeMetricFamily(
            "telal_contacts_unreachable",
            "People who left the chat or cannot be reached.",
            value=sight.unreachable,
        )
        yield GaugeMetricFamily(
            "telal_pins_refused", "PINs that were refused in the last hour.", value=refused_lately()
        )
        dropped = dict(Progress.objects.values_list("sweep", "dropped"))
        yield _gauge("telal_retention_dropped", "Rows that had been kept long enough.", "class", dropped)
        yield GaugeMetricFamily("telal_disk_free_bytes", "Free where TELAL_HOME is.", value=_free_bytes())
        yield _gauge("telal_build_info", "The release that runs.", "version", {version("telal"): 1})


def _lengths(sight: Sight) -> dict[str, float]:
    return {name: queue.length for name, queue in sight.queues.items()}


def _ages(sight: Sight) -> dict[str, float]:
    return {name: queue.oldest.total_seconds() for name, queue in sight.queues.items()}


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
