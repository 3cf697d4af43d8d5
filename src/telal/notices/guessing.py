"""How often a PIN may be wrong, and what a wrong one costs. A PIN has six digits: only time keeps it from being found.

Each limit looks at what was wrong within a time: so many are free, and each further one doubles the pause that must pass before
another is looked at. Pure; the counting is in ``pins``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` wrong ones ``within`` a time cost nothing; the next one costs ``first``, and each further one twice as much, up to
    ``longest``.
    """

    free: int
    within: timedelta
    first: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was wrong within the time of a limit: how many, and when the last was."""

    many: int
    last: datetime | None


# No limit looks further back than a day.
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

# In each place: by whom, for which slip, and by everybody together. In the chat, somebody with many phones who tries one slip until
# it expires finds its PIN once in two thousand times. Clerks type what others tell them, for many people.
LIMITS = {
    "chat": {
        "guesser": Limit(3, DAY, MINUTE, DAY),
        "target": Limit(10, DAY, 5 * MINUTE, DAY),
        "place": Limit(100, HOUR, MINUTE / 6, HOUR / 4),
    },
    "counter": {
        "guesser": Limit(20, HOUR, MINUTE, HOUR),
        "target": Limit(5, DAY, MINUTE, DAY),
        "place": Limit(100, HOUR, MINUTE / 6, HOUR / 4),
    },
}

# More than so many refused within an hour are no slips of the finger. The alert TelalPinsGuessed says the same.
ALARMING = 20


def held_until(counted: Iterable[tuple[Limit, Wrong]]) -> datetime | None:
    """Until when no PIN is looked at; None when one may be."""
    ends = [wrong.last + pause(limit, wrong.many) for limit, wrong in counted if wrong.last]
    return max(ends, default=None)


def pause(limit: Limit, many: int) -> timedelta:
    """What so many wrong ones cost."""
    doublings = many - limit.free - 1
    if doublings < 0:
        return timedelta()
    # Beyond thirty doublings every pause is the longest.
    return min(limit.first * (1 << min(doublings, 30)), limit.longest)
