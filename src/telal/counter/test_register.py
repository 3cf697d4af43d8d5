"""A citizen comes to the counter and leaves with a slip."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case
from telal.notices.consents import find_invitation
from telal.notices.models import Consent, Invitation

NEW = "/counter/cases/new"


def test_one_form_registers_the_case_and_the_consent_and_shows_the_slip(
    clerk: Client, filled: dict[str, str]
):
    page = clerk.post(
        NEW, {**filled, "department": "Služba za urbanizam", "officer": "Alma Destanović"}
    ).content.decode()

    case = Case.objects.get()
    assert (case.number, case.status, case.applicant.phone) == ("06-23-1847/26", "received", "+38761123456")
    assert (case.department.name, case.officer.name) == ("Služba za urbanizam", "Alma Destanović")
    consent = Consent.objects.get()
    assert (consent.recorded_by, consent.medium, consent.language) == ("ana", "paper", "bs")
    token = re.search(r'href="[^"]*/f/([^"]+)"', page)[1]
    assert find_invitation(token).consent == consent
    assert re.search(r'data-testid="pin">\d{6}<', page)
    assert "<svg" in page


@pytest.mark.parametrize("day", ["1. 1. 0001.", "22. 11. 0206.", "31. 12. 9999."])
def test_a_year_that_can_only_be_a_slip_of_the_finger_is_no_date(
    clerk: Client, filled: dict[str, str], day: str
):
    for field in ("received_on", "due_on"):
        page = clerk.post(NEW, {**filled, field: day}).content.decode()
        assert "Ovo nije datum" in page
    assert not Case.objects.exists()


def test_consent_is_never_ticked_for_the_citizen(clerk: Client):
    page = clerk.get(NEW).content.decode()
    assert "checked" not in re.search(r'<input[^>]*name="consent"[^>]*>', page)[0]


def test_without_consent_there_is_a_case_and_no_slip(clerk: Client, filled: dict[str, str]):
    del filled["consent"]
    answer = clerk.post(NEW, {**filled, "phone": ""})
    assert answer.url == f"/counter/cases/{Case.objects.get().pk}"
    assert not Invitation.objects.exists()


def test_the_same_form_twice_registers_once(clerk: Client, filled: dict[str, str]):
    clerk.post(NEW, filled)
    again = clerk.post(NEW, {**filled, "confirmed": Case.objects.get().number_key})
    assert again.url == f"/counter/cases/{Case.objects.get().pk}"
    assert Consent.objects.count() == 1


def test_a_number_that_exists_is_said_once_and_then_accepted(
    clerk: Client, filled: dict[str, str], case: Case
):
    filled["number"] = "06 - 23 - 1847 / 2026"
    page = clerk.post(NEW, filled).content.decode()
    assert "Ovaj broj već postoji" in page
    assert Case.objects.count() == 1

    confirmed = re.search(r'name="confirmed" value="([^"]+)"', page)[1]
    clerk.post(NEW, {**filled, "confirmed": confirmed})
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("number", " ", "Upišite ovaj podatak."),
        ("phone", "061 12", "Ovo nije ispravan broj telefona."),
        ("phone", "", "Za saglasnost je potreban broj telefona."),
        ("received_on", "31.2.2026.", "Ovo nije datum."),
        (
            "received_on",
            f"{timezone.localdate() + timedelta(days=1):%d.%m.%Y}",
            "Datum prijema ne može biti u budućnosti.",
        ),
        ("due_on", "1.1.2020", "Rok ne može biti prije prijema."),
        ("subject", "Dozvola za 0101990123456", "Izostavite JMBG"),
        ("barcode", "0101990123456", "Ovo je JMBG"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(
    clerk: Client, filled: dict[str, str], field: str, value: str, said: str
):
    page = clerk.post(NEW, {**filled, field: value}).content.decode()
    assert said in re.search(rf'id="id_{field}_error">([^<]+)<', page)[1]
    assert re.search(rf'<input[^>]*name="{field}"[^>]*autofocus', page)
    assert not Case.objects.exists()


def test_an_earlier_receipt_is_known_by_its_day_only(clerk: Client, filled: dict[str, str]):
    yesterday = timezone.localdate() - timedelta(days=1)
    clerk.post(NEW, {**filled, "received_on": f"{yesterday:%d. %m. %Y.}"})
    occurred = timezone.localtime(Case.objects.get().events.get().occurred_at)
    assert (occurred.date(), occurred.hour) == (yesterday, 0)
