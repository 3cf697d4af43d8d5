"""A case keeps its own deadline: computed unless somebody has given one, and told when it is another one."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telal.cases import recount
from telal.cases.models import CLOCK, Applicant, Case, Change
from telal.cases.rules import DeadlineRules, HolidayChoice, Service

pytestmark = pytest.mark.django_db

START = date(2026, 2, 10)


def at(day: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def register(**fields: Any) -> Case:
    defaults: dict[str, Any] = {
        "number": "06-23-1847/26", "kind": "administrative", "subject": "Dozvola", "received_on": START,
    }  # fmt: skip
    return Case.register(
        source="counter",
        ref=f"test:{uuid.uuid4()}",
        applicant=Applicant.called("Amra Hodžić"),
        **defaults | fields,
    )


def move(case: Case, status: str, on: date, **change: Any) -> None:
    case.move_to(Change(status, occurred_at=at(on), **change), source="api")


def test_a_new_case_has_a_deadline_and_so_has_its_first_line() -> None:
    case = register()
    assert case.due_on == date(2026, 3, 12)
    assert not case.due_given
    assert case.events.get().due_on == date(2026, 3, 12)


def test_what_somebody_gives_stays() -> None:
    case = register(due_on=date(2026, 4, 1))
    move(case, "awaiting_applicant", date(2026, 2, 15))
    move(case, "in_progress", date(2026, 3, 1))
    assert (case.due_on, case.due_given) == (date(2026, 4, 1), True)
    other = register()
    move(other, "in_progress", date(2026, 2, 12), due_on=date(2026, 5, 5))
    move(other, "awaiting_other_body", date(2026, 2, 14))
    assert (other.due_on, other.due_given) == (date(2026, 5, 5), True)


def test_what_somebody_gave_is_counted_again_as_if_nobody_had() -> None:
    case, other = register(due_on=date(2026, 4, 1)), register()
    for one in (case, other):
        move(one, "awaiting_applicant", date(2026, 2, 15))
        move(one, "in_progress", date(2026, 3, 1))
    move(case, "in_progress", date(2026, 3, 2), due_counted=True)
    assert (case.due_on, case.due_given) == (other.due_on, False) == (date(2026, 3, 26), False)
    newest = case.events.last()
    assert newest
    assert newest.is_news
    for one in (case, other):
        move(one, "awaiting_applicant", date(2026, 3, 5))
        move(one, "in_progress", date(2026, 3, 8))
    assert case.due_on == other.due_on


def test_the_applicant_took_two_weeks_and_so_has_the_office() -> None:
    case = register()
    move(case, "awaiting_applicant", date(2026, 2, 15))
    assert case.due_on == date(2026, 3, 12)
    move(case, "in_progress", date(2026, 3, 1))
    assert case.due_on == date(2026, 3, 26)
    newest = case.events.last()
    assert newest
    assert newest.due_on == date(2026, 3, 26)
    assert newest.is_news


def test_what_is_decided_keeps_its_date() -> None:
    case = register()
    move(case, "suspended", date(2026, 2, 20))
    move(case, "decided", date(2026, 2, 25))
    assert case.due_on == date(2026, 3, 17)
    DeadlineRules(ordinary=60).save()
    move(case, "served", date(2026, 3, 1))
    assert case.due_on == date(2026, 3, 17)
    assert not list(recount.shifts())
    move(case, "appealed", date(2026, 3, 5))
    move(case, "remanded", date(2026, 4, 1))
    assert case.due_on == date(2026, 4, 16)


def test_news_that_comes_late_counts_from_when_it_happened() -> None:
    in_order, late = register(), register()
    steps = [
        ("in_progress", 12),
        ("awaiting_applicant", 14),
        ("in_progress", 20),
        ("inspection_or_hearing", 26),
    ]
    for status, day in steps:
        move(in_order, status, date(2026, 2, day))
    for status, day in (steps[0], steps[2], steps[1], steps[3]):
        move(late, status, date(2026, 2, day))
    assert late.due_on == in_order.due_on == date(2026, 3, 18)
    assert late.held_days == 6


def test_two_late_ones_after_each_other() -> None:
    case = register()
    for status, day in (("in_progress", 24), ("awaiting_applicant", 12), ("in_progress", 15)):
        move(case, status, date(2026, 2, day))
    assert case.due_on == date(2026, 3, 16)  # 15 March is a Sunday


def test_the_service_sets_the_time() -> None:
    service = Service.objects.create(name="Saglasnost za sklonište", code="08-18", days=7)
    assert register(service=service).due_on == date(2026, 2, 17)
    assert (
        Service.called("08-18", "administrative")
        == Service.called("saglasnost za SKLONISTE", "certificate")
        == service
    )
    new = Service.called("Izvod", "certificate")
    assert new
    assert (new.procedure, new.days) == ("from_records", None)


def test_a_change_costs_no_question_more() -> None:
    given, computed = register(due_on=date(2026, 4, 1)), register()
    register()  # what is in force is known now
    costs = []
    for case in (given, computed):
        with CaptureQueriesContext(connection) as asked:
            move(case, "in_progress", date(2026, 2, 12))
        costs.append(len(asked))
    assert costs[0] == costs[1]


# ── Counted anew ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_other_rules_change_nothing_until_somebody_says_so() -> None:
    case, given, decided = register(), register(due_on=date(2026, 4, 1)), register()
    move(decided, "decided", date(2026, 2, 12))
    DeadlineRules(ordinary=20).save()
    assert [(one.case_id, one.before, one.after) for one in recount.shifts()] == [
        (case.pk, date(2026, 3, 12), date(2026, 3, 2))
    ]
    case.refresh_from_db()
    assert case.due_on == date(2026, 3, 12)

    assert recount.shift(100, actor="ana") == 1
    case.refresh_from_db()
    line = case.events.last()
    assert line
    assert case.due_on == line.due_on == date(2026, 3, 2)
    assert (line.source, line.actor, line.status, line.expected, line.is_news) == (
        CLOCK,
        "ana",
        "received",
        True,
        True,
    )
    assert not list(recount.shifts())
    assert recount.shift(100) == 0
    given.refresh_from_db()
    assert given.due_on == date(2026, 4, 1)


def test_a_holiday_that_the_office_keeps_moves_the_cases_that_end_on_it() -> None:
    on_it, another = register(), register(received_on=START + timedelta(days=6))
    HolidayChoice.objects.create(day=date(2026, 3, 12), worked=False)
    assert not list(recount.shifts())  # no holiday of the calendar
    bajram = date(2026, 3, 20)
    case = register(received_on=date(2026, 2, 18))
    assert case.due_on == bajram
    HolidayChoice.objects.create(day=bajram, worked=False)
    assert [(one.case_id, one.after) for one in recount.shifts()] == [(case.pk, date(2026, 3, 23))]
    assert {on_it.due_on, another.due_on} == {date(2026, 3, 12), date(2026, 3, 18)}


def test_what_stood_still_while_nobody_knew_from_when_it_counts_is_known_afterwards() -> None:
    kept = DeadlineRules(complete_when_received=False)
    kept.save()
    case = register()
    move(case, "awaiting_applicant", date(2026, 2, 15))
    move(case, "in_progress", date(2026, 3, 1))
    assert case.due_on is None
    kept.complete_when_received = True
    kept.save()
    assert [one.after for one in recount.shifts()] == [date(2026, 3, 26)]
    move(case, "inspection_or_hearing", date(2026, 3, 3))
    assert case.due_on == date(2026, 3, 26)


def test_only_so_many_at_once() -> None:
    for _ in range(3):
        register()
    DeadlineRules(ordinary=20).save()
    assert recount.shift(2) == 2
    assert len(list(recount.shifts())) == 1


def test_a_case_from_before_there_was_a_clock_is_counted_by_its_timeline() -> None:
    case = register()
    move(case, "awaiting_applicant", date(2026, 2, 15))
    move(case, "in_progress", date(2026, 3, 1))
    Case.objects.update(due_on=None, held_days=None)
    assert [one.after for one in recount.shifts()] == [date(2026, 3, 26)]
    move(case, "inspection_or_hearing", date(2026, 3, 3))
    assert (case.due_on, case.held_days) == (date(2026, 3, 26), 14)


def test_counting_anew_does_not_disturb_what_comes_from_before() -> None:
    case = register()
    move(case, "in_progress", date(2026, 2, 12))
    DeadlineRules(ordinary=20).save()
    recount.shift(10)
    move(case, "awaiting_applicant", date(2026, 2, 13))
    move(case, "in_progress", date(2026, 2, 16))
    assert case.due_on == date(2026, 3, 5)
    assert all(line.expected for line in case.events.filter(status="awaiting_applicant"))
