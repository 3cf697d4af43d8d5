"""A system that leaves deadlines to us, and one that does not."""

import pytest

from telal.cases.models import Case, Untold
from telal.cases.rules import Service

pytestmark = pytest.mark.django_db


def test_a_case_without_a_deadline_gets_one(dms):
    case = dms.put().json()
    assert (case["due_on"], case["due_given"]) == ("2026-12-21", False)  # 20 December is a Sunday
    given = dms.put("A-2", due_on="2026-12-31").json()
    assert (given["due_on"], given["due_given"]) == ("2026-12-31", True)


def test_null_computes_it_again_and_says_so_once(dms):
    dms.put(due_on="2026-12-31")
    for _ in range(2):
        case = dms.put(due_on=None).json()
        assert (case["due_on"], case["due_given"]) == ("2026-12-21", False)
    assert [(line["source"], line["due_on"]) for line in dms.get()["timeline"]] == [
        ("api", "2026-12-31"),
        ("clock", "2026-12-21"),
    ]


def test_the_day_of_completeness_moves_it_and_is_news(dms):
    dms.put()
    Untold.objects.all().delete()
    assert dms.put(complete_since="2026-11-24").json()["due_on"] == "2026-12-24"
    assert dms.put(complete_since="2026-11-24").json()["due_on"] == "2026-12-24"
    assert Untold.objects.count() == 1
    line = dms.get()["timeline"][-1]
    assert (line["status"], line["source"], line["actor"]) == ("received", "clock", "DMS")


def test_what_stays_the_same_is_no_news(dms):
    dms.put()
    dms.put()
    dms.put(subject="Drugi naziv")
    assert len(dms.get()["timeline"]) == 1


def test_a_service_by_code_by_name_and_one_that_nobody_has_entered_yet(dms):
    Service.objects.create(code="08-18", name="Saglasnost za sklonište", days=7, sensitive=True)
    case = dms.put(service="08-18").json()
    assert (case["service"], case["due_on"], case["sensitive"]) == (
        "Saglasnost za sklonište",
        "2026-11-27",
        True,
    )
    assert dms.put("A-2", service="SAGLASNOST za sklonište", sensitive=False).json()["sensitive"] is False
    assert dms.put("A-3", service="Nova usluga").json()["due_on"] == "2026-12-21"
    assert dms.put("A-4", service="nova usluga").json()["service"] == "Nova usluga"
    assert Service.objects.count() == 2
    assert dms.put("A-3", service=None).json()["service"] == ""
    assert dms.put("A-3").json()["service"] == ""


def test_events_carry_the_new_date(dms):
    dms.put()
    results = dms.lines(
        {"case": "A-1", "key": "1", "status": "in_progress", "occurred_at": "2026-11-21T09:00:00"},
        {"case": "A-1", "key": "2", "status": "awaiting_applicant", "occurred_at": "2026-11-22T09:00:00"},
        {"case": "A-1", "key": "3", "status": "in_progress", "occurred_at": "2026-11-24T09:00:00"},
        {"case": "A-1", "key": "4", "status": "decided", "occurred_at": "2026-11-24T10:00:00"},
    )
    assert [line["event"]["due_on"] for line in results] == [
        "2026-12-21",
        "2026-12-21",
        "2026-12-22",
        "2026-12-22",
    ]


def test_whoever_sends_a_date_keeps_it(dms):
    dms.put()
    dms.event(status="in_progress", due_on="2027-01-15")
    dms.event("e2", status="awaiting_other_body", waiting_for="Zavod")
    assert dms.put(complete_since="2026-11-24").json()["due_on"] == "2027-01-15"
    assert Case.objects.get().due_given
