"""Many events in one request: each gets its own answer."""

import json

import pytest
from django.db import OperationalError

from telal.api.test_cases import problem
from telal.api.v1 import batches
from telal.cases import unmatched
from telal.cases.models import Case, CaseEvent, Unmatched

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(dms):
    dms.put()
    return dms


def line(key, case="A-1", status="assigned", **event):
    return {"case": case, "key": key, "status": status, **event}


def test_what_was_not_taken_in_waits_for_the_staff_and_a_good_line_leaves_nothing(case):
    case.lines(
        line("1"),
        line("1", "A-3", status="decided"),
        b'{"case": "A-1", "ime": "Amra',
        line("2", status="done"),
    )
    kept = Unmatched.objects.order_by("id")
    assert [(one.line, one.ref, one.reason, one.sender) for one in kept] == [
        (2, "A-3", "unknown_case", "DMS"),
        (3, "", "unreadable", "DMS"),
        (4, "A-1", "invalid: status", "DMS"),
    ]
    assert [bool(one.change) for one in kept] == [True, False, False]


def test_the_same_event_after_it_was_taken_in_by_us_gets_its_answer(case):
    first = line("7", "A-3", status="assigned", department="Služba za urbanizam")
    assert case.lines(first)[0]["status"] == 404
    case.put("A-3")
    assert unmatched.take_in(Unmatched.objects.get(), by="ana") == ""
    assert case.lines(first)[0]["status"] == 200


def test_a_single_event_of_an_unknown_case_waits_too(case):
    assert case.event("9", "A-4", status="assigned").status_code == 404
    assert (Unmatched.objects.get().ref, bool(Unmatched.objects.get().change)) == ("A-4", True)


def test_a_result_a_line_in_order(case):
    case.put("A-2")
    results = case.lines(
        line("1"),
        b"",
        line("1", "A-2"),
        line("2", status="in_progress"),
        line("1"),
        line("1", status="served"),
        line("1", "A-3"),
        line("3", status="done"),
        b'{"case": "A-1", "key"',
        b'{"case": "\xe8"}',
        b"[]",
        line("4\0", "A-1\0"),
        {"status": "assigned", "case": "A-1"},
    )
    assert [result["line"] for result in results] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert [result["status"] for result in results] == [
        201,
        201,
        201,
        200,
        409,
        404,
        422,
        400,
        400,
        422,
        422,
        422,
    ]
    assert results[0]["event"] == results[3]["event"]
    assert (results[5]["case"], results[5]["key"]) == ("A-3", "1")
    assert results[6]["problem"]["errors"][0]["field"] == "status"
    assert "UTF-8" in results[8]["problem"]["detail"]
    assert results[11]["problem"]["errors"][0]["field"] == "key"
    assert all(("event" in result) != ("problem" in result) for result in results)
    assert Case.objects.get(ref="A-1").status == "in_progress"


def test_the_key_is_the_same_in_a_line_and_alone(case):
    alone = case.event("e1", status="assigned", note="x").json()
    assert case.lines(line("e1", note="x"))[0] == {
        "line": 1, "case": "A-1", "key": "e1", "status": 200, "event": alone
    }  # fmt: skip
    case.lines(line("e2", status="in_progress"))
    assert case.event("e2", status="in_progress").status_code == 200


def test_a_line_that_breaks_the_recording_breaks_alone(case, monkeypatch):
    write_down = Case.write_down

    def fragile(self, change, **by):
        if change.note == "break":
            raise RuntimeError("Ana Anić +38761123456")
        return write_down(self, change, **by)

    monkeypatch.setattr(Case, "write_down", fragile)
    results = case.lines(line("1"), line("2", note="break"), line("3", status="in_progress"))
    assert [result["status"] for result in results] == [201, 500, 201]
    assert "Ana" not in str(results)
    assert list(CaseEvent.objects.values_list("key", flat=True)) == [None, "1", "3"]


def test_when_the_database_goes_away_no_line_goes_before_another(case, monkeypatch):
    write_down = Case.write_down

    def fragile(self, change, **by):
        if change.note == "away":
            raise OperationalError
        return write_down(self, change, **by)

    monkeypatch.setattr(Case, "write_down", fragile)
    body = b"\n".join(json.dumps(each).encode() for each in (line("1"), line("2", note="away"), line("3")))
    problem(case.send("POST", "events", body, content_type="application/x-ndjson"), 503)
    assert list(CaseEvent.objects.values_list("key", flat=True)) == [None]


def test_a_line_may_be_long_but_not_endless(case):
    results = case.lines(line("1", note="x" * 2000), line("2", note="x" * batches.LONGEST_LINE), line("3"))
    assert [result["status"] for result in results] == [201, 413, 201]


def test_too_many_lines_are_refused_whole(case, monkeypatch):
    monkeypatch.setattr(batches, "MOST_LINES", 2)
    body = b'{"case":"A-1","key":"1","status":"assigned"}\n' * 3
    problem(case.send("POST", "events", body, content_type="application/x-ndjson"), 413)
    assert CaseEvent.objects.count() == 1


def test_a_batch_is_ndjson(case):
    problem(case.send("POST", "events", [line("1")]), 415)


def test_a_batch_does_not_read_each_case_anew(case, django_assert_max_num_queries):
    lines = [line(str(no), status="in_progress") for no in range(40)]
    with django_assert_max_num_queries(40 * 10 + 12):
        assert {result["status"] for result in case.lines(*lines)} == {201}
