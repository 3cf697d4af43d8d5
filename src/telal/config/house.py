"""Health and metrics, for whoever watches over the installation. No personal data."""

from django.db import Error, connection
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from telal.messaging import sql


def ready() -> tuple[int, bytes]:
    """Can this process do its work? The database answers and sending is not stopped; else what is wrong, in a sentence."""
    try:
        with sql.healthy_connection(), connection.cursor() as cursor:
            cursor.execute("SELECT stopped_because FROM messaging_channelstate WHERE stopped_at IS NOT NULL")
            stopped = cursor.fetchone()
    except Error:
        return 503, b"The database does not answer, or has not been migrated (telal migrate).\n"
    # The house stands and takes everything in; that nothing leaves is said, but is no reason to take it out of service.
    return 200, f"Ready, but sending is stopped: {stopped[0]}\n".encode() if stopped else b"Ready.\n"


def metrics() -> tuple[int, bytes]:
    """What Prometheus reads."""
    try:
        with sql.healthy_connection():
            return 200, generate_latest(REGISTRY)
    except Error:
        return 503, b"The database does not answer.\n"


class QueueCollector(Collector):
    """What is waiting, read from the database at the moment of asking."""

    def collect(self) -> list[GaugeMetricFamily]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT state, count(*) FROM messaging_message WHERE due_at IS NOT NULL GROUP BY state"
            )
            open_messages = GaugeMetricFamily(
                "telal_messages_open", "Messages not yet handed over.", labels=["state"]
            )
            for state, count in cursor.fetchall():
                open_messages.add_metric([state], count)
            waiting = GaugeMetricFamily(
                "telal_waiting", "Callbacks to answer and events to announce.", labels=["queue"]
            )
            cursor.execute("SELECT count(*) FROM messaging_inbound WHERE handled_at IS NULL")
            waiting.add_metric(["callbacks"], cursor.fetchone()[0])
            cursor.execute("SELECT count(*) FROM cases_untold")
            waiting.add_metric(["events"], cursor.fetchone()[0])
            cursor.execute("SELECT count(*) FROM messaging_channelstate WHERE stopped_at IS NOT NULL")
            stopped = GaugeMetricFamily(
                "telal_channel_stopped", "1 while nothing may be sent.", value=cursor.fetchone()[0]
            )
        return [open_messages, waiting, stopped]
