"""What becomes of a message after a try."""

from datetime import timedelta

import pytest

from telal.messaging.channel import Accepted, Refused, Stopped, TryLater, Uncertain, Unreachable
from telal.messaging.retry import (
    CRASHED,
    CRASHES_FORGIVEN,
    GIVE_UP_AFTER,
    LONGEST_PAUSE,
    PROBE_EVERY,
    RECEIPT_PATIENCE,
    Next,
    after_attempt,
    after_patience,
    pause,
)

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("outcome", "state", "wait"),
    [
        (Accepted(1), "sent", None),
        (Refused("3"), "failed", None),
        (Unreachable("6"), "failed", None),
        (Uncertain("timeout"), "uncertain", RECEIPT_PATIENCE),
        (Stopped("2"), "queued", timedelta()),
        (Stopped("24", only_paid=True), "queued", PROBE_EVERY / 2),
        (TryLater("12", after=HOUR), "queued", HOUR),
    ],
)
def test_each_outcome_has_its_way(outcome, state, wait):
    assert after_attempt(outcome, attempts=1, age=timedelta(), luck=0.5) == Next(state, wait)


def test_pauses_grow_to_an_hour_and_are_spread():
    middle = [pause(attempts, 1.0) for attempts in range(1, 30)]
    assert middle == sorted(middle)
    assert middle[-1] == LONGEST_PAUSE
    assert pause(5, 0.0) == pause(5, 1.0) / 2


def test_after_a_day_a_human_takes_over():
    assert after_attempt(TryLater("x"), attempts=40, age=GIVE_UP_AFTER, luck=0.5) == Next("failed")


def test_a_time_that_the_platform_named_is_waited_for_even_after_a_day():
    verdict = after_attempt(TryLater("23", after=240 * HOUR), attempts=1, age=2 * GIVE_UP_AFTER, luck=0.5)
    assert verdict == Next("queued", 240 * HOUR)


def test_a_silence_is_answered_by_one_more_try_and_no_third():
    doubt = {"code": "timeout", "answered": False, "crashes": 0, "age": timedelta(), "luck": 0.5}
    assert after_patience(**doubt, attempts=1, resent=False) == Next("queued", timedelta(), resent=True)
    assert after_patience(**doubt, attempts=2, resent=True) == Next("uncertain")


def test_an_error_of_the_platform_is_retried_like_any_failure():
    verdict = after_patience(
        code="http_500", answered=True, resent=True, attempts=3, crashes=0, age=HOUR, luck=1.0
    )
    assert verdict == Next("queued", pause(3, 1.0))


def test_a_crash_of_ours_does_not_spend_the_one_repetition():
    crash = {
        "code": CRASHED,
        "answered": False,
        "attempts": 40,
        "resent": False,
        "age": timedelta(),
        "luck": 0.5,
    }
    assert after_patience(**crash, crashes=1) == Next("queued", timedelta(), resent=False)
    assert after_patience(**crash, crashes=CRASHES_FORGIVEN) == Next("failed")
