"""``telal retention``: how long each class is kept, what of it is over now, and what has been dropped so far."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils import timezone

from telal.retention import keeping
from telal.retention.classes import CLASSES
from telal.retention.models import Progress
from telal.retention.sweeping import SWEEPS, Sweep

_MEANINGS = {kept.code: kept.meaning for kept in CLASSES}


def lines(now: datetime) -> Iterator[str]:
    """A line for each sweep, and what the days mean. Changes nothing; counts every row, so it may take seconds."""
    progress = {done.sweep: done for done in Progress.objects.all()}
    days = keeping.days()
    yield f"{'class':<15} {'days':>6} {'due now':>9} {'dropped':>9}  last dropped"
    for one in SWEEPS:
        done = progress.get(one.code, Progress())
        kept = days.get(one.code, "-")
        yield f"{one.code:<15} {kept:>6} {_due(one, done, now, days):>9} {done.dropped:>9}  {_moment(done.dropped_at)}"
    looked = max((done.looked_at for done in progress.values() if done.looked_at), default=None)
    yield f"A worker last looked: {_moment(looked)}."
    yield from (f"{kept.variable}: {kept.meaning}." for kept in CLASSES)


def due(now: datetime, days: Mapping[str, int]) -> dict[str, int]:
    """How many rows of each class would have to go, were each kept so many days. Counts every row, as above."""
    progress = {done.sweep: done for done in Progress.objects.all()}
    return {
        one.code: _due(one, progress.get(one.code, Progress()), now, days)
        for one in SWEEPS
        if one.code in _MEANINGS
    }


def _due(one: Sweep, done: Progress, now: datetime, days: Mapping[str, int]) -> int:
    rows = one.rows(now, days)
    return (rows.filter(pk__gt=done.through) if one.in_order else rows).count()


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "never"
