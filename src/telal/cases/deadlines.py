"""The deadline for deciding: from when it counts, how long, and what makes it stand still. Pure.

Source: the domain reference, 1.5 and 1.7 (ZUP FBiH). All numbers are settings of the municipality; ours are where it begins.
What follows from a deadline that has passed is not for a computer to conclude: here are dates, and how they come about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from telal.cases.days_off import calendar
from telal.cases.office import Span, Timetable, read_hours
from telal.cases.statuses import STATUSES

# Days in which a procedure must end; None where no law sets a time. ``remanded`` is for a new decision, ``opinion`` for another
# institution to answer, ``appeal`` for the party.
DAYS: Mapping[str, int | None] = {
    "shortened": 15,
    "ordinary": 30,
    "special": 60,
    "from_records": 5,
    "of_facts": 8,
    "information": 8,
    "other": None,
    "remanded": 15,
    "opinion": 15,
    "appeal": 15,
}

# The procedure of a case whose service says nothing else.
_PROCEDURES = {
    "administrative": "ordinary",
    "non_administrative": "other",
    "certificate": "from_records",
}
# What another institution's opinion makes a special examination.
_EXTENDED = ("shortened", "ordinary")
_TICKING = ("runs", "holds", "restarts")

_SUNDAY = 6
_FARTHEST = 60
# Where nobody has written down the week.
_USUAL_WEEK: Mapping[int, tuple[Span, ...]] = dict.fromkeys(range(5), read_hours("8-16"))


@dataclass(frozen=True, slots=True)
class Rules:
    """What the municipality has set. ``opinion_extends``: awaiting another institution makes the time that of a special
    examination. ``complete_when_received``: a request counts as complete until somebody says since when it is.
    """

    days: Mapping[str, int | None] = field(default_factory=lambda: DAYS)
    opinion_extends: bool = True
    complete_when_received: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What a service says of its time. Its own days count before those of its procedure."""

    procedure: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """On which days a deadline may end: ``day in working_days``. Never on a Sunday; else as the office works.

    ``choices`` are the holidays about which the staff have decided whether they are worked.
    """

    week: Timetable = field(default_factory=lambda: Timetable({}))
    choices: Mapping[date, bool] = field(default_factory=dict)
    _years: dict[int, Timetable] = field(default_factory=dict, compare=False)

    def __contains__(self, day: date) -> bool:
        return day.weekday() != _SUNDAY and bool(self._year(day.year).on(day).hours)

    def first(self, day: date) -> date:
        """The day itself, or the next one that is worked. An office that has closed for good moves nothing."""
        days = (_plus(day, n) for n in range(_FARTHEST))
        return next((one for one in days if one in self), day)

    def _year(self, year: int) -> Timetable:
        if year not in self._years:
            weekly = self.week.weekly if self.week else _USUAL_WEEK
            self._years[year] = replace(self.week, weekly=weekly, holidays=calendar((year,), self.choices))
        return self._years[year]


@dataclass(frozen=True, slots=True)
class Clock:
    """What the timeline has done to the deadline so far.

    ``counted_from`` is the day of the last remand, from which all counts anew. It stood still for ``held`` days, and does so again
    since ``held_since``. ``asked_others``: an opinion was awaited.
    """

    counted_from: date | None = None
    held: int = 0
    held_since: date | None = None
    asked_others: bool = False

    def after(self, before: str, status: str, on: date, start: date | None) -> "Clock":
        """The clock when the case goes from one status to another. ``start`` is since when the request is complete, if it is.

        The same status once more is news of something else, and changes nothing.
        """
        if status == before:
            return self
        effect = STATUSES[status].clock
        if effect == "restarts":
            return Clock(counted_from=on)
        clock = self._going_on(on, start)
        return replace(
            clock,
            held_since=on if effect == "holds" else None,
            asked_others=clock.asked_others or status == "awaiting_other_body",
        )

    def _going_on(self, on: date, start: date | None) -> "Clock":
        """Time before the request was complete has not been taken from anybody."""
        since = self.counted_from or start
        if self.held_since is None or since is None:
            return self
        return replace(self, held=self.held + max((on - max(self.held_since, since)).days, 0))


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A line of the timeline, as far as the clock is concerned. In order: by when it happened, then by its number."""

    at: datetime
    no: int
    on: date
    status: str


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A deadline and how it comes about: ``days`` after ``since``, ``held`` days later, and not on a day off."""

    since: date
    days: int
    held: int
    due_on: date

    @property
    def is_moved(self) -> bool:
        return self.due_on != _plus(self.since, self.days + self.held)


def start(rules: Rules, received_on: date, complete_since: date | None) -> date | None:
    """The day of the event from which the time counts; None while the request is not complete."""
    return complete_since or (received_on if rules.complete_when_received else None)


def wound(moments: Iterable[Moment], begins: date | None) -> Clock:
    """The clock after a whole timeline, whatever order it comes in."""
    clock, before = Clock(), ""
    for moment in sorted(moments):
        clock, before = clock.after(before, moment.status, moment.on, begins), moment.status
    return clock


def stood_still(moments: Iterable[Moment], begins: date | None) -> dict[str, int]:
    """For how many days in which status, since the count began."""
    clock, before = Clock(), ""
    stood: dict[str, int] = {}
    for moment in sorted(moments):
        after = clock.after(before, moment.status, moment.on, begins)
        if after.counted_from != clock.counted_from:
            stood = {}
        elif after.held > clock.held:
            stood[before] = stood.get(before, 0) + after.held - clock.held
        clock, before = after, moment.status
    return stood


def is_ticking(status: str) -> bool:
    """Does a deadline for deciding still matter?"""
    return STATUSES[status].clock in _TICKING


def days_for(kind: str, terms: Terms | None, clock: Clock, rules: Rules) -> int | None:
    """How long deciding may take; None where nothing sets a time."""
    if clock.counted_from:
        return rules.days["remanded"]
    if terms and terms.days is not None:
        return terms.days
    procedure = terms.procedure if terms else _PROCEDURES[kind]
    days, special = rules.days[procedure], rules.days["special"]
    if days and special and clock.asked_others and rules.opinion_extends and procedure in _EXTENDED:
        return max(days, special)
    return days


def reckon(
    begins: date | None, days: int | None, clock: Clock, working_days: WorkingDays
) -> Reckoning | None:
    """The deadline; None while there is none. The day from which it counts is not counted itself."""
    since = clock.counted_from or begins
    if since is None or days is None:
        return None
    return Reckoning(since, days, clock.held, working_days.first(_plus(since, days + clock.held)))


def until(since: date, days: int | None, working_days: WorkingDays) -> date | None:
    """The last day of a time that is not for deciding; None where nothing sets it."""
    return working_days.first(_plus(since, days)) if days else None


def _plus(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))
