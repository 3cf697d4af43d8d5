"""What an answer means: every code of Viber's, every kind of HTTP status."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.channels.viber import codes
from telal.messaging.channel import Refused, Stopped, TryLater, Uncertain, Unreachable

NOW = datetime(2025, 12, 22, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)

CLASSES = {
    Stopped: (1, 2, 7, 8, 9, 10, 15),
    Refused: (3, 4, 14, 16, 17, 18, 20, 22),
    Unreachable: (5, 6, 11, 13, 21),
    TryLater: (12, 19, 25, 999, -1),
}


@pytest.mark.parametrize(
    ("status", "outcome"), [(status, outcome) for outcome, all_ in CLASSES.items() for status in all_]
)
def test_every_code_has_one_meaning(status, outcome):
    failure = codes.of_status(status)
    assert type(failure) is outcome
    assert failure.code == str(status)
    assert failure.detail.endswith(".")


def test_the_table_has_every_code_of_vibers():
    assert set(codes.STATUSES) == set(range(1, 25))


@pytest.mark.parametrize("status", [23, 24])
def test_an_empty_purse_stops_only_what_costs_money(status):
    failure = codes.of_status(status)
    assert isinstance(failure, Stopped)
    assert failure.only_paid


def test_complaints_about_our_pace_are_told_from_other_troubles():
    slower = [code for code, failure in codes.STATUSES.items() if getattr(failure, "slower", False)]
    assert slower == [12]
    assert codes.of_http(429, "7", NOW) == TryLater(
        "http_429", "Viber asks us to send more slowly.", timedelta(seconds=7), slower=True
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, Stopped),
        (403, Stopped),
        (408, TryLater),
        (429, TryLater),
        (400, Refused),
        (404, Refused),
        (413, Refused),
        (500, Uncertain),
        (503, Uncertain),
        (301, TryLater),
        (302, TryLater),
        (999, Uncertain),
    ],
)
def test_every_http_status_has_one_meaning(status, outcome):
    failure = codes.of_http(status, None, NOW)
    assert type(failure) is outcome
    assert failure.code == f"http_{status}"


def test_a_redirect_alarms_and_a_server_error_counts_as_answered():
    assert codes.of_http(302, None, NOW).alarm
    assert codes.of_http(502, None, NOW).answered


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("30", timedelta(seconds=30)),
        (" 30 ", timedelta(seconds=30)),
        ("9" * 5000, DAY),
        ("Mon, 22 Dec 2025 11:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 22 Dec 2025 10:00:00 GMT", timedelta()),
        ("Fri, 22 Dec 2045 10:00:00 GMT", DAY),
    ],
)
def test_retry_after_is_heeded_for_a_day_at_most(retry_after, wait):
    assert codes.of_http(429, retry_after, NOW).after == wait


@given(st.text())
def test_no_retry_after_breaks_the_reading(retry_after):
    wait = codes.wait(retry_after, NOW)
    assert wait is None or timedelta() <= wait <= DAY
