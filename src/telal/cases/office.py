"""When the office is open. Pure: pattern, exceptions and holidays in, the hours of a day out.

Hours are written ``8:00–12:00, 12:30–16:00`` and kept so; an empty text means that nobody works.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

# So far ahead somebody is told what will be different, and a working day is looked for.
LOOK_AHEAD = timedelta(days=14)
_FARTHEST = 60


@dataclass(frozen=True, slots=True)
class Span:
    """Open without a break, on one day."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{_clock(self.opens)}–{_clock(self.closes)}"


Hours = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Holiday:
    """A holiday and its names by language. ``is_off``: nobody works, by law or because the staff say so."""

    day: date
    names: Mapping[str, str]
    is_off: bool


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Other hours from ``first`` to ``last``, or none."""

    first: date
    last: date
    hours: Hours
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """The hours of one day. ``holiday`` or ``reason`` says why they are not the usual ones."""

    on: date
    hours: Hours
    holiday: Holiday | None = None
    reason: str = ""

    @property
    def is_unusual(self) -> bool:
        return self.holiday is not None or bool(self.reason)

    def closes_at(self, now: time) -> time | None:
        """When it closes, if it is open now."""
        return next((span.closes for span in self.hours if span.opens <= now < span.closes), None)

    def opens_at(self, now: time) -> time | None:
        """When it opens next on this day."""
        return next((span.opens for span in self.hours if span.opens > now), None)


@dataclass(frozen=True, slots=True)
class Timetable:
    """``weekly`` has the hours of Monday (0) to Sunday (6); empty while nobody has written any down."""

    weekly: Mapping[int, Hours]
    exceptional: Sequence[Exceptional] = ()
    holidays: Mapping[date, Holiday] | None = None

    def __bool__(self) -> bool:
        return any(self.weekly.values())

    def on(self, day: date) -> Day:
        """An exception for one day holds whatever day it is; a longer one (Ramadan, heat) changes only days worked anyway."""
        usual = self.weekly.get(day.weekday(), ())
        for other in self._exceptions_on(day):
            if other.first == other.last:
                return Day(day, other.hours, reason=other.reason or _UNNAMED)
        holiday = (self.holidays or {}).get(day)
        if holiday and holiday.is_off:
            return Day(day, (), holiday=holiday)
        for other in self._exceptions_on(day):
            if usual:
                return Day(day, other.hours, reason=other.reason or _UNNAMED)
        return Day(day, usual)

    def next_open(self, after: date) -> Day | None:
        """The next day after this one on which somebody works."""
        days = (self.on(after + timedelta(days=n)) for n in range(1, _FARTHEST))
        return next((day for day in days if day.hours), None)

    def answer_due(self, asked: datetime) -> datetime | None:
        """The close of the next working day after the one on which somebody asked; None while nobody has written hours down."""
        day = self.next_open(asked.date())
        return datetime.combine(day.on, day.hours[-1].closes) if day else None

    def unusual(self, since: date) -> list[Day]:
        """What will be different soon, on days that would be worked otherwise or are worked for once."""
        days = (self.on(since + timedelta(days=n)) for n in range(LOOK_AHEAD.days))
        return [day for day in days if day.is_unusual and (day.hours or self.weekly.get(day.on.weekday()))]

    def coming_holidays(self, since: date) -> list[Holiday]:
        """The next days off by the calendar."""
        return sorted(
            (one for one in (self.holidays or {}).values() if one.is_off and one.day >= since),
            key=lambda one: one.day,
        )

    def _exceptions_on(self, day: date) -> Iterator[Exceptional]:
        return (other for other in self.exceptional if other.first <= day <= other.last)


@dataclass(frozen=True, slots=True)
class Office:
    """The municipality, as a citizen may turn to it; ``now`` is local time there, ``dpo`` its data protection officer."""

    now: datetime
    address: str
    phone: str
    email: str
    dpo: str
    timetable: Timetable


# An exception without a reason is one all the same.
_UNNAMED = "–"

# ── Hours as people write them ───────────────────────────────────────────────────────────────────────────────────────

_TIME = r"([01]?\d|2[0-3])(?:\s*[.:]\s*([0-5]\d))?"
_SPAN = re.compile(rf"\s*(?:od\s+)?{_TIME}\s*h?\s*(?:-|–|—|do)\s*{_TIME}\s*h?\s*")
_AND = re.compile(r"[,;+]|\bi\b")


def read_hours(text: str) -> Hours:
    """From ``8-16``, ``8.00 – 12.00, 12:30–16:00`` or ``od 8 do 16``. Raises ValueError; empty text is no hours at all."""
    if not text.strip():
        return ()
    spans = tuple(_span(part) for part in _AND.split(text.lower()))
    edges = [edge for span in spans for edge in (span.opens, span.closes)]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise ValueError("out of order")
    return spans


def written_hours(hours: Hours) -> str:
    """``8:00–12:00, 12:30–16:00``"""
    return ", ".join(map(str, hours))


def written_time(at: time) -> str:
    return _clock(at)


def same_hours(weekly: Mapping[int, Hours]) -> Iterator[tuple[int, int, Hours]]:
    """The week in as few lines as it takes: (first weekday, last weekday, hours)."""
    first = 0
    for weekday in range(1, 8):
        if weekday == 7 or weekly.get(weekday, ()) != weekly.get(first, ()):
            yield first, weekday - 1, weekly.get(first, ())
            first = weekday


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise ValueError("not hours")
    from_hour, from_minute, to_hour, to_minute = found.groups(default="0")
    return Span(time(int(from_hour), int(from_minute)), time(int(to_hour), int(to_minute)))


def _clock(at: time) -> str:
    return f"{at.hour}:{at:%M}"
