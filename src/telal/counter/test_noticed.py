"""What the clerk is told while they still type."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case
from telal.messaging.models import Contact
from telal.notices import proofs
from telal.notices.consents import record_consent, withdraw
from telal.notices.models import Doubt

NEW = "/counter/cases/new"
NUMBER = "+38761123456"


def noticed(clerk: Client, **typed: str) -> str:
    return clerk.post(f"{NEW}/number", typed).content.decode()


def hinted(clerk: Client, phone: str = "061 123 456") -> str:
    return clerk.post(f"{NEW}/phone", {"phone": phone}).content.decode()


def proven(**fields: object) -> Contact:
    now = timezone.now()
    contact = Contact.objects.create(
        channel="viber", address="ivana==", **{"reachable": True, "heard_at": now, **fields}
    )
    proofs.prove(contact, NUMBER, now)
    return contact


@pytest.mark.parametrize("number", ["06-23-1847/26", "06 - 23 - 1847 / 2026", "6/23/1847/26"])
def test_a_number_that_exists_is_noticed_in_any_spelling(clerk: Client, case: Case, number: str):
    page = noticed(clerk, number=number, received_on=f"{case.received_on:%d.%m.%Y}")
    assert f'href="/counter/cases/{case.pk}"' in page
    assert "Amra Hodžić" in page


@pytest.mark.parametrize("number", ["06-23-18", "", "06-23-1848/26", "\0", "9" * 5000])
def test_a_number_that_does_not_exist_is_passed_over(clerk: Client, case: Case, number: str):
    assert "Već postoji" not in noticed(clerk, number=number, received_on="31.2.26")


def test_a_barcode_that_exists_is_noticed(clerk: Client, make_case: Callable[..., Case]):
    case = make_case(barcode="111929")
    assert f'href="/counter/cases/{case.pk}"' in noticed(clerk, number="", barcode="111929")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("061/123-456", "+387 61 123 456"),
        ("033 223 456", "+387 33 223 456 nije mobilni"),
        ("061", "Ovo još nije cijeli broj telefona."),
        ("", "Na tom telefonu treba biti Viber."),
    ],
)
def test_the_phone_is_said_back_while_typing(clerk: Client, typed: str, said: str):
    assert said in hinted(clerk, typed)


def test_a_phone_that_nobody_left_is_known_to_nobody(clerk: Client, case: Case):
    assert "data-fill" not in hinted(clerk, "061 123 457")


def test_a_known_phone_offers_its_name_and_says_how_many_cases_there_are(
    clerk: Client, make_case: Callable[..., Case]
):
    make_case()
    make_case(number="06-23-1848/26")
    page = hinted(clerk)
    assert ">Amra Hodžić</button>" in page
    assert "2 predmeta s ovim brojem" in page
    assert "Viber još nije povezan" in page
    assert "Urbanistička" not in page


def test_a_family_phone_offers_all_names(clerk: Client, make_case: Callable[..., Case]):
    make_case()
    make_case(number="06-23-1848/26", name="Edin Hodžić")
    assert hinted(clerk).count("data-fill") == 2


def test_a_phone_proven_in_viber_needs_no_slip(clerk: Client, case: Case):
    proven()
    assert "povezuje se sam" in hinted(clerk)


def test_who_has_been_silent_for_long_is_asked_first(clerk: Client, case: Case):
    proven(heard_at=timezone.now() - timedelta(days=400))
    assert "prvo pitamo je li to i dalje ista osoba" in hinted(clerk)


def test_who_is_in_doubt_is_asked_first(clerk: Client, case: Case):
    Doubt.objects.create(contact=proven(), because=Doubt.Because.SHARED, asked_at=timezone.now())
    assert "prvo pitamo" in hinted(clerk)


def test_who_has_turned_messages_off_is_said_to_have(clerk: Client, case: Case):
    proven(reachable=False)
    assert "isključila poruke" in hinted(clerk)


def test_who_came_by_a_slip_needs_another(clerk: Client, case: Case, connect: Callable[[Case], Contact]):
    connect(case)
    assert "treba skenirati novu potvrdu" in hinted(clerk)


def test_a_statement_already_signed_is_said_to_hold_for_this_case_too(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    assert "izjava je već potpisana danas" in hinted(clerk)
    withdraw(consent, recorded_by="ana", medium="paper")
    assert "izjava je već potpisana" not in hinted(clerk)


def test_nothing_of_what_was_typed_is_taken_from_the_address(clerk: Client, case: Case):
    for where in ("number", "phone"):
        assert clerk.get(f"{NEW}/{where}?phone=061123456&number=06-23-1847/26").status_code == 405
