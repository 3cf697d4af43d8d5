"""Two spellings of one, a name that changes, and whoever mentions either meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telal.cases import merging
from telal.cases.merging import Busy, Gone, Taken, merge, rename
from telal.cases.models import Applicant, Case, Change
from telal.cases.names import Department, Institution

pytestmark = pytest.mark.django_db

RIGHT, WRONG = "Služba za urbanizam", "Sluzba za urbanizam"


@pytest.fixture
def make():
    """A case of this department and officer."""

    def make(department: str = "", officer: str = "", **change: Any) -> Case:
        today = timezone.localdate()
        case = Case.register(
            source="api", ref=f"r{Case.objects.count()}", number=f"06-23-{Case.objects.count()}/26", kind="administrative",
            subject="Garaža", received_on=today, applicant=Applicant.called("Amra Hodžić"),
        )  # fmt: skip
        case.move_to(Change("assigned", department=department, officer=officer, **change), source="api")
        return case

    return make


def queries(do: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def test_a_name_is_made_on_first_mention_and_waits_to_be_looked_at(db):
    made = Department.called(f"  {RIGHT.replace(' ', '  ')} ")
    assert (made.name, made.active, made.checked) == (RIGHT, True, False)
    assert Department.called(RIGHT) == made
    assert Department.called("  ") is None


def test_a_known_name_costs_one_question_and_the_one_at_hand_none(db):
    known = Department.called(RIGHT)
    assert queries(lambda: Department.called(RIGHT)) == 1
    assert queries(lambda: Department.called(RIGHT, known=known)) == 0


def test_the_system_goes_on_writing_the_old_name(make):
    case = make(RIGHT)
    department = Department.objects.get()
    rename(department, "Služba za prostorno uređenje")
    again = case.move_to(Change("assigned", department=RIGHT), source="api")
    assert (again.department, again.is_news) == ("Služba za prostorno uređenje", False)
    assert [line.department for line in case.events.order_by("no")][1] == RIGHT
    assert Department.objects.count() == 1


def test_back_to_the_old_name(db):
    department = Department.called(RIGHT)
    for name in ("Odjel", RIGHT, "Odjel"):
        rename(department, name)
    assert (Department.called(RIGHT), Department.called("Odjel")) == (department, department)
    assert [spelling.name for spelling in department.spellings.all()] == [RIGHT]


def test_nobody_takes_a_name_that_is_another_ones(db):
    first, second = Department.called(RIGHT), Department.called("Odjel")
    rename(first, "Služba A")
    for name in (RIGHT, "Služba A"):
        with pytest.raises(Taken):
            rename(second, name)


def test_the_cases_of_two_spellings_become_those_of_one(make):
    wrong, right = make(WRONG), make(RIGHT)
    old, into = Department.objects.get(name=WRONG), Department.objects.get(name=RIGHT)
    assert merge(old, into) == 1
    wrong.refresh_from_db()
    assert (wrong.department, right.department_id) == (into, into.pk)
    assert [line.department for line in wrong.events.all()] == ["", WRONG]
    assert make(WRONG).department == into
    assert Department.objects.count() == 1


def test_a_merge_of_what_was_merged_before_keeps_every_name(make):
    a, b, c = map(Department.called, "ABC")
    merge(a, b)
    merge(b, c)
    assert {Department.called(name) for name in "ABC"} == {c}


def test_the_same_news_under_another_name_is_no_news(make):
    case = make(WRONG, officer="Alma D.", officer_phone="033 1")
    merge(Department.objects.get(), Department.called(RIGHT))
    told = [
        case.move_to(Change("assigned", department=name, officer=officer), source="api").is_news
        for name, officer in ((RIGHT, None), (WRONG, None), ("Druga služba", None), ("Druga služba", ""))
    ]
    assert told == [False, False, True, True]


def test_nothing_is_merged_with_itself_or_with_what_is_gone(db):
    one, other = Institution.called("EP BiH"), Institution.called("Elektroprivreda BiH")
    with pytest.raises(Gone):
        merge(one, one)
    merge(one, other)
    with pytest.raises(Gone):
        merge(one, other)
    with pytest.raises(Gone):
        merge(other, one)
    assert Institution.objects.count() == 1


# ── At the same moment ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def elsewhere():
    """Does something on another connection, in a thread."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with ThreadPoolExecutor(1) as pool:

        def closing(do: Any) -> Any:
            try:
                return do()
            finally:
                connection.close()

        yield lambda do: pool.submit(closing, do)


def wait_until_somebody_waits() -> None:
    """For us, that is."""
    end = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return
    raise AssertionError("nobody waits")


@pytest.mark.django_db(transaction=True)
def test_a_case_that_is_just_being_written_goes_over_too(make, elsewhere):
    case = make(RIGHT)
    old, into = Department.called(WRONG), Department.objects.get(name=RIGHT)
    with transaction.atomic():
        (locked,) = Case.locked("id", [case.pk])
        locked.write_down(Change("assigned", department=WRONG), source="api")
        going_over = elsewhere(lambda: merge(old, into))
        wait_until_somebody_waits()
    assert going_over.result() == 1
    case.refresh_from_db()
    assert case.department == into


@pytest.mark.django_db(transaction=True)
def test_who_mentions_it_during_the_merge_finds_the_one_that_stays(make, elsewhere):
    case = make(RIGHT)
    old, into = Department.called(WRONG), Department.objects.get(name=RIGHT)
    with transaction.atomic():
        merge(old, into)
        mentioning = elsewhere(lambda: case.move_to(Change("assigned", department=WRONG), source="api"))
        wait_until_somebody_waits()
    assert mentioning.result().department == RIGHT
    assert Department.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_merge_gives_way_to_whoever_changes_cases(make, elsewhere, monkeypatch):
    monkeypatch.setattr(merging, "_PATIENCE_MS", 50)
    case = make(WRONG)
    old, into = Department.objects.get(), Department.called(RIGHT)
    with transaction.atomic():
        Case.locked("id", [case.pk])
        attempt = elsewhere(lambda: merge(old, into))
        assert isinstance(attempt.exception(), Busy)
    assert Department.objects.count() == 2
    assert merge(old, into) == 1
