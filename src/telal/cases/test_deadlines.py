"""Until when must a case be decided? The rules of the law, and whatever order the news comes in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.cases import deadlines
from telal.cases.deadlines import Clock, Moment, Reckoning, Rules, Terms, WorkingDays
from telal.cases.office import Exceptional, Timetable, read_hours
from telal.cases.statuses import STATUSES

EIGHT_TO_FOUR = read_hours("8-16")
BY_LAW = Rules()
MONDAY_TO_FRIDAY = Timetable({**dict.fromkeys(range(5), EIGHT_TO_FOUR), 5: (), 6: ()})
OFFICE = WorkingDays(MONDAY_TO_FRIDAY)
WITH_SATURDAY = WorkingDays(Timetable({**dict.fromkeys(range(6), EIGHT_TO_FOUR), 6: EIGHT_TO_FOUR}))


def line(no: int, status: str, on: date, hour: int = 9) -> Moment:
    return Moment(datetime(on.year, on.month, on.day, hour, tzinfo=UTC), no, on, status)


def timeline(*lines: tuple[str, date]) -> list[Moment]:
    return [line(no, status, on) for no, (status, on) in enumerate(lines, 1)]


def reckon(
    moments: Sequence[Moment],
    begins: date | None,
    kind: str = "administrative",
    terms: Terms | None = None,
    rules: Rules = BY_LAW,
    office: WorkingDays = OFFICE,
) -> Reckoning | None:
    clock = deadlines.wound(moments, begins)
    return deadlines.reckon(begins, deadlines.days_for(kind, terms, clock, rules), clock, office)


def due(*lines: tuple[str, date], begins: date | None, **others) -> date | None:
    reckoning = reckon(timeline(*lines), begins, **others)
    return reckoning.due_on if reckoning else None


RECEIVED = ("received", date(2027, 2, 10))


def test_thirty_days_from_a_complete_request() -> None:
    assert due(RECEIVED, begins=date(2027, 2, 10)) == date(2027, 3, 12)


@pytest.mark.parametrize(
    ("kind", "terms", "last"),
    [
        ("administrative", None, date(2027, 3, 12)),
        ("administrative", Terms("shortened"), date(2027, 2, 25)),
        ("administrative", Terms("special"), date(2027, 4, 12)),  # 60 days end on a Sunday
        ("administrative", Terms("special", 7), date(2027, 2, 17)),
        ("certificate", None, date(2027, 2, 15)),
        ("certificate", Terms("of_facts"), date(2027, 2, 18)),
        ("non_administrative", None, None),
        ("non_administrative", Terms("information"), date(2027, 2, 18)),
    ],
)
def test_the_service_counts_before_the_procedure_and_the_procedure_before_the_kind(kind, terms, last) -> None:
    assert due(RECEIVED, begins=date(2027, 2, 10), kind=kind, terms=terms) == last


def test_it_stands_while_the_applicant_completes_the_request() -> None:
    moments = timeline(RECEIVED, ("awaiting_applicant", date(2027, 2, 15)), ("in_progress", date(2027, 3, 1)))
    assert reckon(moments, date(2027, 2, 10)) == Reckoning(date(2027, 2, 10), 30, 14, date(2027, 3, 26))
    assert deadlines.stood_still(moments, date(2027, 2, 10)) == {"awaiting_applicant": 14}


def test_from_one_standstill_to_the_next() -> None:
    moments = timeline(
        RECEIVED, ("awaiting_applicant", date(2027, 2, 15)), ("suspended", date(2027, 2, 20)),
        ("in_progress", date(2027, 2, 23)),
    )  # fmt: skip
    assert deadlines.wound(moments, RECEIVED[1]).held == 8
    assert deadlines.stood_still(moments, RECEIVED[1]) == {"awaiting_applicant": 5, "suspended": 3}


def test_waiting_before_the_request_was_complete_takes_no_time_from_anybody() -> None:
    lines = (RECEIVED, ("awaiting_applicant", date(2027, 2, 12)), ("in_progress", date(2027, 2, 22)))
    assert due(*lines, begins=date(2027, 2, 22)) == date(2027, 3, 24)
    assert deadlines.wound(timeline(*lines), date(2027, 2, 17)).held == 5


def test_an_incomplete_request_has_no_deadline_where_the_municipality_says_so() -> None:
    strict = Rules(complete_when_received=False)
    assert deadlines.start(strict, date(2027, 2, 10), None) is None
    assert deadlines.start(strict, date(2027, 2, 10), date(2027, 2, 12)) == date(2027, 2, 12)
    assert deadlines.start(Rules(), date(2027, 2, 10), None) == date(2027, 2, 10)
    assert due(RECEIVED, begins=None) is None


def test_an_opinion_makes_it_longer_and_does_not_stop_it() -> None:
    lines = (
        RECEIVED, ("awaiting_other_body", date(2027, 2, 15)), ("in_progress", date(2027, 3, 20)),
    )  # fmt: skip
    begins = date(2027, 2, 10)
    assert due(*lines, begins=begins) == date(2027, 4, 12)
    assert due(*lines, begins=begins, rules=Rules(opinion_extends=False)) == date(2027, 3, 12)
    assert due(*lines, begins=begins, terms=Terms("ordinary", 30)) == date(2027, 3, 12)
    assert due(*lines, begins=begins, kind="certificate") == date(2027, 2, 15)


def test_fifteen_new_days_after_a_remand_whatever_was_before() -> None:
    lines = (
        RECEIVED, ("suspended", date(2027, 2, 20)), ("decided", date(2027, 3, 1)), ("appealed", date(2027, 3, 10)),
        ("remanded", date(2027, 4, 1)), ("in_progress", date(2027, 4, 3)),
    )  # fmt: skip
    assert due(*lines, begins=date(2027, 2, 10), terms=Terms("ordinary", 7)) == date(2027, 4, 16)
    again = (*lines, ("awaiting_applicant", date(2027, 4, 5)), ("in_progress", date(2027, 4, 7)))
    assert due(*again, begins=date(2027, 2, 10)) == date(2027, 4, 19)  # 18 April is a Sunday


def test_news_of_something_else_does_not_restart_it() -> None:
    lines = (("remanded", date(2027, 4, 1)), ("remanded", date(2027, 4, 10)))
    assert due(*lines, begins=date(2027, 2, 10)) == date(2027, 4, 16)


@pytest.mark.parametrize(
    ("day", "moved_to"),
    [
        (date(2027, 3, 13), date(2027, 3, 15)),  # a Saturday
        (date(2027, 3, 1), date(2027, 3, 2)),  # Independence Day, a Monday
        (date(2027, 1, 1), date(2027, 1, 4)),  # New Year, two days and a Sunday
    ],
)
def test_it_does_not_end_when_nobody_works(day: date, moved_to: date) -> None:
    assert OFFICE.first(day) == moved_to


def test_saturday_is_as_the_office_has_it_and_sunday_never_counts() -> None:
    assert WITH_SATURDAY.first(date(2027, 3, 13)) == date(2027, 3, 13)
    assert WITH_SATURDAY.first(date(2027, 3, 14)) == date(2027, 3, 15)
    assert date(2027, 3, 13) not in WorkingDays()
    assert date(2027, 3, 12) in WorkingDays()


def test_exceptions_and_the_choices_of_the_staff_count() -> None:
    closed = Exceptional(date(2027, 3, 12), date(2027, 3, 12), (), "nestanak struje")
    saturday = Exceptional(date(2027, 3, 13), date(2027, 3, 13), EIGHT_TO_FOUR, "")
    week = Timetable(MONDAY_TO_FRIDAY.weekly, (closed, saturday))
    assert WorkingDays(week).first(date(2027, 3, 12)) == date(2027, 3, 13)
    bajram = date(2027, 3, 9)
    assert WorkingDays(MONDAY_TO_FRIDAY, {bajram: False}).first(bajram) == date(2027, 3, 10)
    forever = Exceptional(date(2027, 1, 1), date(2030, 1, 1), (), "")
    assert WorkingDays(Timetable(MONDAY_TO_FRIDAY.weekly, (forever,))).first(bajram) == bajram


def test_the_end_of_time_is_no_trouble() -> None:
    assert due(RECEIVED, begins=date.max) == date.max


# ── What holds for every case ────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
OFFICES = st.sampled_from([OFFICE, WITH_SATURDAY, WorkingDays()])
NUMBERS = st.integers(0, 400)


@st.composite
def timelines(draw) -> list[Moment]:
    """Any statuses, at any time, several at once."""
    begins = draw(DAYS)
    steps = draw(st.lists(st.tuples(st.sampled_from(list(STATUSES)), st.integers(0, 40)), max_size=12))
    moments, on = [line(1, "received", begins)], begins
    for no, (status, days) in enumerate(steps, 2):
        on += timedelta(days=days)
        moments.append(line(no, status, on))
    return moments


@given(DAYS, NUMBERS, NUMBERS, OFFICES)
def test_it_is_never_before_its_start_nor_on_a_day_off(begins, days, held, office) -> None:
    reckoning = deadlines.reckon(begins, days, Clock(held=held), office)
    assert reckoning
    assert reckoning.due_on >= begins + timedelta(days=days + held)
    assert reckoning.due_on in office
    assert reckoning.due_on.weekday() != 6
    assert (reckoning.due_on - begins).days - days - held < 10


@given(DAYS, NUMBERS, NUMBERS, NUMBERS, OFFICES)
def test_more_days_are_never_sooner(begins, days, more, held, office) -> None:
    sooner = deadlines.reckon(begins, days, Clock(held=held), office)
    later = deadlines.reckon(begins, days + more, Clock(held=held), office)
    assert sooner
    assert later
    assert sooner.due_on <= later.due_on


@given(
    DAYS,
    NUMBERS,
    st.integers(0, 200),
    st.integers(0, 200),
    st.sampled_from(["awaiting_applicant", "suspended"]),
)
def test_holding_for_so_many_days_is_having_so_many_more(begins, days, until, held, status) -> None:
    stops = begins + timedelta(days=until)
    clock = deadlines.wound(
        timeline(
            ("received", begins), ("in_progress", begins), (status, stops),
            ("in_progress", stops + timedelta(days=held)),
        ),
        begins,
    )  # fmt: skip
    assert clock.held == held
    assert clock.held_since is None
    held_so = deadlines.reckon(begins, days, clock, OFFICE)
    longer = deadlines.reckon(begins, days + held, Clock(), OFFICE)
    assert held_so
    assert longer
    assert held_so.due_on == longer.due_on


@given(timelines(), st.randoms(use_true_random=False))
def test_in_which_order_news_comes_does_not_matter(moments, chance) -> None:
    shuffled = list(moments)
    chance.shuffle(shuffled)
    begins = moments[0].on
    assert deadlines.wound(shuffled, begins) == deadlines.wound(moments, begins)
    assert deadlines.stood_still(shuffled, begins) == deadlines.stood_still(moments, begins)


@given(timelines())
def test_step_by_step_is_the_same_as_all_at_once(moments) -> None:
    clock, before = Clock(), ""
    for moment in moments:
        clock, before = clock.after(before, moment.status, moment.on, moments[0].on), moment.status
    assert clock == deadlines.wound(moments, moments[0].on)
    assert sum(deadlines.stood_still(moments, moments[0].on).values()) == clock.held


@given(timelines(), NUMBERS)
def test_it_never_stands_for_longer_than_the_case_is_open(moments, days) -> None:
    clock = deadlines.wound(moments, moments[0].on)
    assert 0 <= clock.held <= (moments[-1].on - moments[0].on).days


@given(timelines(), st.data())
def test_saying_the_same_status_once_more_changes_nothing(moments, data) -> None:
    place = data.draw(st.integers(0, len(moments) - 1))
    again = line(moments[place].no, moments[place].status, moments[place].on, hour=10)
    rest = [line(one.no, one.status, one.on, hour=11) for one in moments[place + 1 :]]
    begins = moments[0].on
    assert deadlines.wound([*moments[: place + 1], again, *rest], begins) == deadlines.wound(moments, begins)
