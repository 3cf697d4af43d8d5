"""Dates and times as registers write them: ISO, or ``22.11.2026. 14:30``. Never month before day."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})\.?"
    r"(?:[ ,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?: ?h| sati)?)?"
)
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_YEARS = range(1900, 2200)


def read_moment(text: str, zone: ZoneInfo, time_format: str = "") -> datetime:
    """A moment with its zone: ``zone`` where the text names none, midnight where it has no time of day.

    ``time_format`` is a ``strptime`` format for registers that write otherwise. Raises ValueError.
    """
    read = datetime.strptime(text, time_format) if time_format else _read(text)  # noqa: DTZ007
    if read.year not in _YEARS:
        raise ValueError("no such year in a register")
    return read if read.tzinfo else read.replace(tzinfo=zone)


def read_day(text: str, zone: ZoneInfo, time_format: str = "") -> date:
    """The day, in ``zone``, of a date or a moment. Raises ValueError."""
    return read_moment(text, zone, time_format).astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _read(text: str) -> datetime:
    found = _DAY_FIRST.fullmatch(text)
    if not found:
        return datetime.fromisoformat(text)
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in _PARTS)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
