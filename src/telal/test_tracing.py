"""One id through the whole path."""

from uuid import UUID

import pytest

from telal import tracing

THEIRS = "0af7651916cd43dd8448eb211c80319c"
CALLER = tracing.Caller(UUID(THEIRS), 0xB7AD6B7169203331)


def test_an_id_has_32_digits_and_later_ones_sort_behind_earlier_ones():
    first, second = tracing.new()[:12], tracing.new()[:12]
    assert len(tracing.new()) == 32
    assert first <= second


def test_the_trace_of_whoever_calls_us_goes_on():
    assert tracing.from_traceparent(f"00-{THEIRS}-b7ad6b7169203331-01") == CALLER
    assert tracing.from_traceparent(f"cc-{THEIRS}-b7ad6b7169203331-01-what-a-later-version-adds") == CALLER


@pytest.mark.parametrize(
    "header",
    [
        "",
        THEIRS,
        f"ff-{THEIRS}-b7ad6b7169203331-01",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{THEIRS}-{'0' * 16}-01",
        f"00-{THEIRS.upper()}-b7ad6b7169203331-01",
        f"00-{THEIRS}-b7ad6b7169203331-01\n",
    ],
)
def test_what_is_no_traceparent_begins_a_new_path(header):
    assert tracing.from_traceparent(header) is None


def test_what_is_begun_within_a_trace_belongs_to_it():
    with tracing.following(CALLER):
        assert (tracing.current(), tracing.callers_span()) == (UUID(THEIRS), 0xB7AD6B7169203331)
    assert tracing.callers_span() == 0
    assert tracing.current() != UUID(THEIRS)
