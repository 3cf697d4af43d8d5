"""A case is put, put again, and read."""

import pytest
from django.utils import timezone

from telal.cases.models import Case, Untold
from telal.notices import consents
from telal.notices.models import Consent

pytestmark = pytest.mark.django_db


def problem(answer, status):
    """The problem document, after checking that it is one."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    return document


def test_a_new_case_is_received(dms):
    answer = dms.put()
    assert answer.status_code == 201
    case = answer.json()
    assert case["status"] == "received"
    assert case["applicant"] == {"name": "Ana Anić", "phone": "+38761123456"}
    assert "invitation" not in case
    assert [(line["no"], line["status"], line["expected"]) for line in dms.get()["timeline"]] == [
        (1, "received", True)
    ]


def test_the_invitation_is_shown_once(dms):
    first = dms.put(consent=dms.consent).json()["invitation"]
    assert first["url"].endswith(f"/f/{first['token']}")
    assert first["token"] in first["viber_link"]
    assert len(first["pin"]) == 6

    again = dms.put(consent=dms.consent)
    assert again.status_code == 200
    assert "invitation" not in again.json()
    assert consents.find_invitation(first["token"]).ended_at is None


def test_a_consent_taken_back_does_not_return_with_the_next_put(dms):
    dms.put(consent=dms.consent)
    assert dms.send("DELETE", "cases/A-1/consent").status_code == 204
    again = dms.put(consent=dms.consent).json()
    assert "invitation" not in again
    assert again["consent"]["withdrawn_at"]


def test_a_consent_may_come_later(dms):
    dms.put()
    assert dms.put(consent={**dms.consent, "language": "sr"}).json()["invitation"]["token"]
    assert Consent.objects.get().language == "sr"


@pytest.mark.parametrize("ref", ["2026/11/1847", "Predmet št. 5 & co?", "a/events/b", "%2F", "x" * 200])
def test_a_ref_may_be_anything_printable(dms, ref):
    assert dms.put(ref).json()["ref"] == ref
    assert dms.event(ref=ref, status="assigned").status_code == 201
    assert dms.get(ref)["status"] == "assigned"


def test_an_update_replaces_what_is_sent(dms):
    dms.put(
        department="Služba za urbanizam", officer={"name": "Amra Hadžić", "room": "114"}, due_on="2026-12-20"
    )
    changed = dms.put(number="06-23-9/2025", department=None, kind="certificate", barcode="111929").json()
    assert (changed["department"], changed["officer"]["room"], changed["due_on"]) == ("", "114", "2026-12-20")
    assert (changed["kind"], changed["barcode"]) == ("certificate", "111929")
    assert Case.objects.get().number_key == "6-23-9/2025"
    assert len(dms.get()["timeline"]) == 1


def test_the_applicant_keeps_the_phone_until_another_comes(dms):
    dms.put()
    assert dms.put(applicant={"name": "Ana Anić"}).json()["applicant"]["phone"] == "+38761123456"
    assert dms.put(applicant={"name": "Ana Anić", "phone": None}).json()["applicant"]["phone"] == ""
    dms.put()
    assert dms.put(applicant={"name": "Eno Enić"}).json()["applicant"]["phone"] == ""


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("number", {"number": "  "}),
        ("number", {"number": "x" * 101}),
        ("number", {"number": "ß" * 100}),
        ("number", {"number": 1847}),
        ("kind", {"kind": "criminal"}),
        ("subject", {"subject": "a\0b"}),
        ("received_on", {"received_on": "20.11.2026"}),
        ("received_on", {"received_on": "2026-02-30"}),
        ("received_on", {"received_on": 1700000000}),
        ("due_on", {"due_on": "1826-11-20"}),
        ("due_on", {"due_on": "9999-12-31"}),
        ("applicant.phone", {"applicant": {"name": "Ana", "phone": "nema"}}),
        ("applicant.name", {"applicant": {}}),
        ("applicant", {"applicant": "Ana"}),
        ("consent.given_at", {"consent": {"given_at": "jučer", "recorded_by": "m", "text_version": "1"}}),
        (
            "consent.given_at",
            {"consent": {"given_at": "2040-01-01T00:00:00Z", "recorded_by": "m", "text_version": "1"}},
        ),
        ("consent.text_version", {"consent": {"given_at": "2026-11-20", "recorded_by": "m"}}),
        (
            "consent.language",
            {
                "consent": {
                    "given_at": "2026-11-20",
                    "recorded_by": "m",
                    "text_version": "1",
                    "language": "de",
                }
            },
        ),
        ("sensitive", {"sensitive": "true"}),
        ("officer.mobile", {"officer": {"name": "Amra", "mobile": "061"}}),
        ("colour", {"colour": "red"}),
    ],
)
def test_what_is_wrong_is_named(dms, field, changes):
    document = problem(dms.put(**changes), 422)
    assert [error["field"] for error in document["errors"]] == [field]
    assert document["errors"][0]["detail"].endswith(".")
    assert not Case.objects.exists()


def test_a_wrong_phone_is_not_repeated(dms):
    answer = dms.put(applicant={"name": "Ana", "phone": "061 12"})
    assert "061 12" not in problem(answer, 422)["detail"].replace("061 123 456", "")


def test_nobody_can_be_invited_without_consent(dms):
    dms.put()
    assert "consent" in problem(dms.send("POST", "cases/A-1/invitation"), 409)["detail"]


def test_a_new_invitation_ends_the_old(dms):
    old = dms.put(consent=dms.consent).json()["invitation"]
    answer = dms.send("POST", "cases/A-1/invitation")
    assert answer.status_code == 201
    assert answer.json()["ref"] == "A-1"
    assert answer.json()["invitation"]["token"] != old["token"]
    assert consents.find_invitation(old["token"]).ended_at


def test_a_case_that_is_not_there(dms):
    for method, path in (("GET", "cases/X"), ("DELETE", "cases/X/consent"), ("POST", "cases/X/invitation")):
        assert "PUT" in problem(dms.send(method, path), 404)["detail"]


def test_a_case_whose_data_was_dropped_is_not_brought_back_by_sending_it_again(dms):
    dms.put()
    assert dms.event("e1", status="archived", occurred_at="2026-11-21T09:00:00+01:00").status_code == 201
    Untold.objects.all().delete()
    Case.reduce([Case.objects.get().pk], timezone.now())
    assert "dropped" in problem(dms.put(), 410)["detail"]
    again = {"status": "archived", "occurred_at": "2026-11-21T09:00:00+01:00"}
    problem(dms.event("e1", **again), 410)
    (line,) = dms.lines({"case": "A-1", "key": "e1", **again})
    assert line["status"] == 410
    assert dms.event("e2", status="in_progress").status_code == 201
    assert dms.put().status_code == 200
