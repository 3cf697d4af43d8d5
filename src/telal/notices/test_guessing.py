"""What a wrong PIN costs."""

from datetime import UTC, datetime, timedelta

import pytest

from telal.notices.guessing import LIMITS, Limit, Wrong, held_until, pause

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMIT = Limit(3, timedelta(days=1), MINUTE, timedelta(hours=1))


@pytest.mark.parametrize(
    ("many", "minutes"), [(0, 0), (3, 0), (4, 1), (5, 2), (6, 4), (9, 32), (10, 60), (10**6, 60)]
)
def test_some_are_free_and_each_further_one_doubles_the_pause(many, minutes):
    assert pause(LIMIT, many) == minutes * MINUTE


def test_the_strictest_limit_holds():
    wrong = [(LIMIT, Wrong(5, NOW)), (LIMIT, Wrong(4, NOW)), (LIMIT, Wrong(0, None))]
    assert held_until(wrong) == NOW + 2 * MINUTE
    assert held_until([(LIMIT, Wrong(0, None))]) is None


def test_a_slip_is_tried_at_most_some_twenty_times_a_day():
    limit = LIMITS["chat"]["target"]
    spent, tries = timedelta(), 0
    while spent < limit.within:
        tries += 1
        spent += pause(limit, tries)
    assert tries * 30 < 10**6 / 1500
