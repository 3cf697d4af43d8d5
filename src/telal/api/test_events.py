"""Events are told once, however often they are sent."""

import json

import pytest

from telal.api.test_cases import problem
from telal.cases.models import CaseEvent, Unmatched

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(dms):
    dms.put()
    return dms


def test_an_event_moves_the_case(case):
    answer = case.event(
        status="awaiting_other_body",
        occurred_at="2026-11-21T10:00:00",
        department="Služba za urbanizam",
        officer={"name": "Amra Hadžić", "phone": "033 282 310"},
        waiting_for="JP Elektroprivreda BiH",
        due_on="2026-12-24",
        note="poslano poštom",
    )
    assert answer.status_code == 201
    event = answer.json()
    assert (event["case"], event["key"], event["no"]) == ("A-1", "e1", 2)
    assert event["occurred_at"] == "2026-11-21T10:00:00+01:00"
    assert event["waiting_since"] == "2026-11-21"
    now = case.get()
    assert (now["status"], now["waiting_for"], now["due_on"]) == (
        "awaiting_other_body",
        "JP Elektroprivreda BiH",
        "2026-12-24",
    )


def test_the_same_again_is_the_same_answer(case):
    first = case.event(status="assigned", department="Služba za urbanizam")
    case.event("e2", status="in_progress")
    again = case.event(department="Služba za urbanizam", status="assigned")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert CaseEvent.objects.count() == 3


def test_another_event_needs_another_key(case):
    case.event(status="assigned")
    assert "key" in problem(case.event(status="in_progress"), 409)["detail"]


@pytest.mark.parametrize("key", [None, "", "  ", "x" * 201, "a\tb"])
def test_without_a_key_an_event_is_refused(case, key):
    assert "Idempotency-Key" in problem(case.event(key, status="assigned"), 400)["detail"]


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("e1", {"status": "nonsense", "occured_at": "x"}, "invalid: status, occured_at"),
        ("e1", b'{"status": ', "unreadable"),
        ("e1", b"\xe8\xe6", "unreadable"),
        ("e1", b"", "unreadable"),
        ("e1", b"[]", "invalid: body"),
        (None, {"status": "assigned"}, "unreadable"),
        ("x" * 201, {"status": "assigned"}, "unreadable"),
    ],
)
def test_what_cannot_be_read_is_kept_for_the_staff_as_a_line_of_many_is(case, key, body, reason):
    for _ in range(2):
        answer = case.send("POST", "cases/A-1/events", body, **{"Idempotency-Key": key})
        assert answer.status_code in (400, 422)
    kept = Unmatched.objects.get()
    assert (kept.ref, kept.source, kept.sender, kept.reason, kept.times) == ("A-1", "api", "DMS", reason, 2)
    assert kept.change == ""
    if isinstance(body, dict):
        assert json.loads(kept.said) == body


def test_only_events_are_kept_and_only_of_those_who_have_a_key(case):
    case.put(received_on="x")
    case.send("POST", "cases/A-1/invitation", b"{")
    case.send("POST", "cases/A-1/events", b"{", Authorization="Bearer x")
    case.send("POST", "cases/A-1/events", b"{", content_type="text/plain")
    assert not Unmatched.objects.exists()


def test_an_unusual_move_is_accepted_and_marked(case):
    assert case.event(status="served").json()["expected"] is False


@pytest.mark.parametrize(
    ("field", "event"),
    [
        ("status", {"status": "done"}),
        ("status", {}),
        ("outcome", {"status": "decided", "outcome": "won"}),
        ("outcome", {"status": "in_progress", "outcome": "granted"}),
        ("waiting_for", {"status": "in_progress", "waiting_for": "EPBiH"}),
        ("occurred_at", {"status": "assigned", "occurred_at": "2040-01-01T00:00:00Z"}),
        ("officer.name", {"status": "assigned", "officer": {"name": ""}}),
        ("statuss", {"status": "assigned", "statuss": "x"}),
    ],
)
def test_what_is_wrong_is_named(case, field, event):
    document = problem(case.event(**event), 422)
    assert [error["field"] for error in document["errors"]] == [field]


def test_an_unknown_status_lists_the_known_ones(case):
    assert "awaiting_other_body" in problem(case.event(status="done"), 422)["errors"][0]["detail"]


def test_null_is_the_same_as_left_out(case):
    nothing = dict.fromkeys(
        ("occurred_at", "department", "officer", "waiting_for", "outcome", "due_on", "note")
    )
    assert case.event(status="assigned", **nothing).status_code == 201


def test_an_event_needs_its_case(dms):
    problem(dms.event(status="assigned"), 404)
