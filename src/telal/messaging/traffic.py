"""Whether messages may leave, and how fast: stops, pauses and the pace that the platform bears.

All workers share this through the database. What the platform complains of in one of them slows or stops them all.
"""

import math
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.models import F, Q

from telal import sql
from telal.messaging.channel import Accepted, Outcome, Stopped, TryLater, Uncertain
from telal.messaging.claims import Ended
from telal.messaging.models import ChannelState, Scope, Stop
from telal.messaging.retry import until_probe

# So many sends in a row that the platform did not answer properly: it is the platform, not the messages.
BREAKS_AFTER = 20
# The pace after the first complaint; then half of it after each, and twice as much after so long without one.
FIRST_PACE, SLOWEST_PACE, FASTEST_PACE = 50.0, 1.0, 5000.0
DOUBLES_EVERY = timedelta(seconds=10)
COMPLAINT_COUNTS_FOR = timedelta(seconds=1)
# How much of an idle time may be made up for at once.
BURST = 0.25

Failure = Stopped | TryLater | Uncertain

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Traffic:
    """How it stands with a channel at ``now``.

    ``pace``: messages a second allowed to all workers together, None for any number; ``workers`` share it. ``stops``: what is held
    back, by scope.
    """

    channel: str
    now: datetime
    pace: float | None
    workers: int
    stops: Mapping[Scope, Stop]

    @property
    def share(self) -> float | None:
        """One worker's part of the pace."""
        return None if self.pace is None else self.pace / max(1, self.workers)


def look(channel: str, ceiling: float | None) -> Traffic:
    """Ask the database how it stands just now, by its own clock. ``ceiling`` is the pace that is never exceeded."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT clock.now, s.pace, s.slowed_at, (SELECT count(*) FROM messaging_sender w WHERE w.expires_at > clock.now),
                EXISTS (SELECT 1 FROM messaging_stop t WHERE t.channel = %s AND t.ended_at IS NULL)
            FROM (SELECT {sql.clock()} AS now) clock LEFT JOIN messaging_channelstate s ON s.channel = %s
            """,  # noqa: S608  (built from constants)
            [channel, channel],
        )
        now, pace, slowed_at, workers, is_stopped = cursor.fetchone()
    now = sql.as_time(now)
    return Traffic(
        channel=channel,
        now=now,
        pace=_pace(pace, sql.as_time(slowed_at), now, ceiling) if pace else ceiling,
        workers=workers,
        stops=_stops(channel) if is_stopped else {},
    )


def heed(ended: Sequence[Ended], broken: Failure | None, traffic: Traffic) -> Traffic:
    """Draw the consequences of what the platform answered; ``broken`` is the breaker's finding. Returns how it stands now."""
    outcomes = [one.outcome for one in ended]
    complaint = next((o for o in outcomes if isinstance(o, TryLater) and o.slower), None)
    if complaint:
        _slow_down(traffic)
        if complaint.after:
            _stop(traffic, Scope.ALL, complaint, needs_human=False, until=traffic.now + complaint.after)
    for scope, stop in traffic.stops.items():
        if any(_proves_passage(one, scope, stop) for one in ended):
            _resume(scope, stop, traffic.now)
    for outcome in outcomes:
        if isinstance(outcome, Stopped):
            _stop(traffic, Scope.PAID if outcome.only_paid else Scope.ALL, outcome, needs_human=True)
    if broken:
        _stop(traffic, Scope.ALL, broken, needs_human=False)
    return replace(traffic, stops=_stops(traffic.channel))


def is_calm(ended: Sequence[Ended], broken: Failure | None, traffic: Traffic) -> bool:
    """Nothing to heed: nothing is stopped, and nobody complained."""
    return not (traffic.stops or broken) and not any(
        isinstance(one.outcome, Stopped) or (isinstance(one.outcome, TryLater) and one.outcome.slower)
        for one in ended
    )


def may_probe(scope: Scope, traffic: Traffic) -> int:
    """How many messages to try although their like is stopped: one, and of all workers only one is told so; else none."""
    stop = traffic.stops[scope]
    if stop.probe_at > traffic.now:
        return 0
    wait = until_probe(stop.probes + 1, stop.needs_human, random.random())  # noqa: S311  (spreads probes)
    probes = Stop.objects.filter(pk=stop.pk, probes=stop.probes)
    return probes.update(probes=F("probes") + 1, probe_at=traffic.now + wait)


class Bucket:
    """A worker's share of the pace, as tokens: they gather while it sends nothing, but only so many."""

    def __init__(self) -> None:
        self._tokens = 0.0
        self._filled_at = time.monotonic()

    def take(self, wanted: int, pace: float | None) -> int:
        """How many of these may be sent at once, at ``pace`` messages a second."""
        now = time.monotonic()
        elapsed, self._filled_at = now - self._filled_at, now
        if pace is None:
            return wanted
        self._tokens = min(max(1.0, pace * BURST), self._tokens + pace * elapsed)
        granted = min(wanted, math.floor(self._tokens))
        self._tokens -= granted
        return granted

    def put_back(self, unused: int) -> None:
        """So many were granted and not needed."""
        self._tokens += unused


class Breaker:
    """Counts the sends in a row that the platform did not answer properly."""

    def __init__(self) -> None:
        self._failures = 0

    def count(self, ended: Sequence[Ended]) -> TryLater | Uncertain | None:
        """Take these into account, in the order in which they ended; returns why sending must pause, if it must."""
        for one in ended:
            if one.outcome is not None:
                self._failures = self._failures + 1 if _is_failure(one.outcome) else 0
        last = ended[-1].outcome if ended else None
        is_broken = self._failures >= BREAKS_AFTER and isinstance(last, TryLater | Uncertain)
        return last if is_broken else None  # type: ignore[return-value]


def _is_failure(outcome: Outcome) -> bool:
    return isinstance(outcome, Uncertain) or (isinstance(outcome, TryLater) and not outcome.slower)


def _pace(pace: float, slowed_at: datetime, now: datetime, ceiling: float | None) -> float | None:
    """It grows again by itself, until it no longer matters."""
    grown: float = pace * 2.0 ** min(30.0, (now - slowed_at) / DOUBLES_EVERY)
    if ceiling is not None:
        return min(grown, ceiling)
    return grown if grown < FASTEST_PACE else None


def _slow_down(traffic: Traffic) -> None:
    """Half as fast as now; many complaints of the same moment are one."""
    pace = FIRST_PACE if traffic.pace is None else max(SLOWEST_PACE, min(FIRST_PACE * 2, traffic.pace) / 2)
    ChannelState.objects.get_or_create(pk=traffic.channel)
    settled = Q(slowed_at__isnull=True) | Q(slowed_at__lt=traffic.now - COMPLAINT_COUNTS_FOR)
    if ChannelState.objects.filter(settled, pk=traffic.channel).update(pace=pace, slowed_at=traffic.now):
        log.warning("channel_slowed", messages_a_second=round(pace, 1))


def _stop(
    traffic: Traffic, scope: Scope, outcome: Failure, *, needs_human: bool, until: datetime | None = None
) -> None:
    because = f"{outcome.code}: {outcome.detail}"[:300]
    wait = until_probe(0, needs_human, random.random())  # noqa: S311
    stop, is_new = Stop.objects.get_or_create(
        channel=traffic.channel, scope=scope, ended_at=None,
        defaults={
            "because": because, "needs_human": needs_human, "began_at": traffic.now, "probe_at": until or traffic.now + wait,
        },
    )  # fmt: skip
    worse = needs_human and Stop.objects.filter(pk=stop.pk, needs_human=False).update(
        because=because, needs_human=True
    )
    if (is_new and needs_human) or worse:
        log.critical("channel_stopped", scope=scope.value, reason=because)
    elif is_new:
        log.warning("channel_paused", reason=because)


def _resume(scope: Scope, stop: Stop, now: datetime) -> None:
    if Stop.objects.filter(pk=stop.pk, ended_at=None).update(ended_at=now):
        log.warning("channel_resumed", scope=scope.value)


def _proves_passage(one: Ended, scope: Scope, stop: Stop) -> bool:
    """Has the cause of this stop gone? Only what was begun after the stop can tell."""
    if one.outcome is None or one.claimed.started_at < stop.began_at:
        return False
    if stop.needs_human:
        return isinstance(one.outcome, Accepted) and (scope == Scope.ALL or one.claimed.is_paid)
    return not _is_failure(one.outcome) and not isinstance(one.outcome, Stopped)


def _stops(channel: str) -> dict[Scope, Stop]:
    return {Scope(stop.scope): stop for stop in Stop.objects.filter(channel=channel, ended_at=None)}
