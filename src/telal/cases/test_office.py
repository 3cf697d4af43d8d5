"""Is the office open? By its week, its exceptions, and the holidays of the Federation."""

from datetime import date, time, timedelta

import pytest

from telal.cases.days_off import calendar, holidays_of
from telal.cases.office import Exceptional, Span, Timetable, read_hours, same_hours, written_hours

EIGHT_TO_FOUR = read_hours("8-16")
WEEK = {**dict.fromkeys(range(5), EIGHT_TO_FOUR), 5: (), 6: ()}
STATEHOOD_DAY = date(2026, 11, 25)


def timetable(*exceptional: Exceptional, choices: dict[date, bool] | None = None) -> Timetable:
    return Timetable(WEEK, exceptional, calendar((2026, 2027, 2028), choices or {}))


def is_worked(day: date, *exceptional: Exceptional, **others) -> bool:
    return bool(timetable(*exceptional, **others).on(day).hours)


@pytest.mark.parametrize(
    "typed", ["8-16", "8:00–16:00", "08.00 - 16.00", "od 8 do 16", "8 do 16h", "8:00-12:00"]
)
def test_clerks_write_hours_as_they_like(typed: str) -> None:
    assert read_hours(typed)[0].opens == time(8)


def test_hours_with_a_break_come_back_in_one_spelling() -> None:
    assert written_hours(read_hours(" 8-11.30;12 do 16:00")) == "8:00–11:30, 12:00–16:00"
    assert read_hours("  ") == ()


@pytest.mark.parametrize("typed", ["8", "16-8", "8-25", "8-12, 11-16", "zatvoreno", "8:61-9", "8-16,"])
def test_nonsense_is_no_hours(typed: str) -> None:
    with pytest.raises(ValueError):
        read_hours(typed)


def test_days_off_by_law() -> None:
    off = [f"{day.day}.{day.month}." for day, one in holidays_of(2026).items() if one.is_off]
    assert off == ["1.1.", "2.1.", "1.3.", "1.5.", "2.5.", "25.11."]


def test_a_sunday_of_new_year_or_may_moves_to_the_day_after_both_and_no_other_does() -> None:
    assert not is_worked(date(2027, 5, 3))
    assert not is_worked(date(2028, 1, 3))
    assert is_worked(date(2028, 1, 4))
    assert is_worked(date(2026, 3, 2))  # 1 March 2026 was a Sunday
    assert holidays_of(2027)[date(2027, 5, 3)].names["bs"] == "Međunarodni praznik rada"


def test_religious_days_and_the_9th_of_may_are_worked_unless_the_staff_say_otherwise() -> None:
    bajram = date(2027, 3, 9)
    assert is_worked(bajram)
    assert not is_worked(bajram, choices={bajram: False})
    assert is_worked(STATEHOOD_DAY, choices={STATEHOOD_DAY: True})
    assert not holidays_of(2028)[date(2028, 5, 9)].is_off


def test_holidays_have_names_in_every_language_and_script() -> None:
    names = holidays_of(2027)[date(2027, 3, 29)].names
    assert names["sr"] == "Ускршњи понедјељак (Католички)"
    assert names["sr-Latn"] == "Uskršnji ponedjeljak (Katolički)"
    assert names["en"] == "Catholic Easter Monday"


def test_ramadan_hours_change_working_days_only_and_a_day_off_stays_one() -> None:
    ramadan = Exceptional(date(2026, 11, 23), date(2026, 12, 6), read_hours("8-15"), "ramazan")
    assert timetable(ramadan).on(date(2026, 11, 24)).hours == (Span(time(8), time(15)),)
    assert timetable(ramadan).on(date(2026, 11, 24)).reason == "ramazan"
    assert not is_worked(date(2026, 11, 28), ramadan)
    assert not is_worked(STATEHOOD_DAY, ramadan)


def test_one_day_closed_or_a_working_saturday_is_as_the_staff_say() -> None:
    closed = Exceptional(date(2026, 11, 26), date(2026, 11, 26), (), "nestanak struje")
    saturday = Exceptional(date(2026, 11, 28), date(2026, 11, 28), EIGHT_TO_FOUR, "")
    assert not is_worked(date(2026, 11, 26), closed)
    assert is_worked(date(2026, 11, 28), saturday)
    assert [day.on.day for day in timetable(closed, saturday).unusual(date(2026, 11, 24))] == [25, 26, 28]


def test_open_now_and_when_next() -> None:
    broken = Timetable({0: read_hours("8-11:30, 12-16")})
    monday = broken.on(date(2026, 11, 23))
    assert monday.closes_at(time(9)) == time(11, 30)
    assert monday.closes_at(time(11, 45)) is None
    assert monday.opens_at(time(11, 45)) == time(12)
    assert monday.closes_at(time(16)) is monday.opens_at(time(16)) is None
    following = timetable().next_open(STATEHOOD_DAY - timedelta(days=1))
    assert following
    assert following.on == date(2026, 11, 26)
    assert Timetable({}).next_open(STATEHOOD_DAY) is None


def test_the_week_is_told_in_few_lines() -> None:
    assert [(first, last) for first, last, _ in same_hours(WEEK)] == [(0, 4), (5, 6)]
