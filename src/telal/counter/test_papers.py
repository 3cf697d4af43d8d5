"""What a citizen takes home, and what they sign, on paper."""

import io
import re

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from pypdf import PdfReader

from telal.cases.models import Case
from telal.notices.consents import Signatory, Slip, invite, record_consent
from telal.notices.models import Consent

MM = 72 / 25.4


def slip_of(case: Case, **consent: str) -> Slip:
    return invite(record_consent(case, recorded_by="ana", medium="paper", **consent))


def page_of(clerk: Client, consent: Consent) -> str:
    """The screen with the slip, made anew."""
    return clerk.post(f"/counter/consents/{consent.pk}/invitation").content.decode()


def press(clerk: Client, page: str, **choice: str) -> HttpResponse:
    """The button that prints."""
    address = re.search(r'action="(/counter/cases/[0-9]+/slip)"', page)[1]
    kept = re.search(r'name="slip" value="([^"]+)"', page)[1]
    return clerk.post(address, {"slip": kept, **choice})


def printed(clerk: Client, page: str, **choice: str) -> PdfReader:
    """What the printer gets when the clerk presses the button."""
    answer = press(clerk, page, **choice)
    assert answer.headers["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def said(document: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def test_the_slip_goes_onto_a_roll_with_number_and_pin(clerk: Client, case: Case):
    page = page_of(clerk, slip_of(case).consent)
    document = printed(clerk, page, paper="receipt")
    assert round(float(document.pages[0].mediabox.width) / MM) == 80
    assert len(document.pages) == 1
    assert "Potvrda o prijemu" in said(document)
    assert case.number in said(document)
    assert re.search(r'data-testid="pin">([0-9]{6})<', page)[1] in said(document).replace(" ", "")


def test_the_slip_goes_onto_a_sheet(clerk: Client, case: Case):
    document = printed(clerk, page_of(clerk, slip_of(case).consent), paper="a4")
    assert [round(float(side) / MM) for side in document.pages[0].mediabox[2:]] == [210, 297]
    assert len(document.pages) == 1


@pytest.mark.parametrize(
    ("language", "title"),
    [("hr", "Potvrda o primitku"), ("sr", "Потврда о пријему"), ("en", "Acknowledgement of receipt")],
)
def test_the_slip_speaks_the_language_of_the_messages(clerk: Client, case: Case, language: str, title: str):
    consent = slip_of(case, language=language).consent
    assert title in said(printed(clerk, page_of(clerk, consent)))


def test_another_language_can_be_chosen_for_the_paper_alone(clerk: Client, case: Case):
    document = printed(clerk, page_of(clerk, slip_of(case).consent), language="sr")
    assert "Опћина Стари Град Сарајево" in said(document)
    assert Consent.objects.get().language == "bs"


def test_the_slip_of_a_representative_names_the_applicant(clerk: Client, case: Case):
    consent = record_consent(
        case,
        recorded_by="ana",
        medium="paper",
        signatory=Signatory("Edin Softić", "+38762111222", "attorney"),
    )
    assert "Stranka Amra Hodžić" in said(printed(clerk, page_of(clerk, consent)))


def test_what_a_name_or_number_holds_is_never_read_as_markup(clerk: Client, make_case):
    case = make_case(number='#panic("a") *06* $x$ \\ "/26', name='#read("/etc/passwd") _x_')
    consent = record_consent(case, recorded_by="ana", medium="paper")
    assert '#panic("a") *06* $x$' in said(printed(clerk, page_of(clerk, consent)))


@pytest.mark.parametrize("number", ["ž" * 100, "8" * 100, "UP/I " * 20])
def test_a_number_that_no_barcode_holds_is_printed_all_the_same(clerk: Client, make_case, number: str):
    consent = record_consent(make_case(number=number), recorded_by="ana", medium="paper")
    assert len(printed(clerk, page_of(clerk, consent)).pages) == 1


def test_the_paper_that_was_taken_last_is_offered_first(clerk: Client, case: Case):
    page = page_of(clerk, slip_of(case).consent)
    assert re.search(r'value="receipt" selected', page)
    printed(clerk, page, paper="a4")
    assert re.search(r'value="a4" selected', page_of(clerk, Consent.objects.get()))


def test_a_slip_that_a_newer_one_has_ended_is_not_printed(clerk: Client, case: Case):
    old = page_of(clerk, slip_of(case).consent)
    page_of(clerk, Consent.objects.get())
    answer = press(clerk, old)
    assert answer.status_code == 410
    assert "više ne može odštampati" in answer.content.decode()


def test_half_an_hour_later_the_slip_cannot_be_printed_any_more(clerk: Client, case: Case, monkeypatch):
    page = page_of(clerk, slip_of(case).consent)
    later = signing.time.time() + 31 * 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert press(clerk, page).status_code == 410


@pytest.mark.parametrize("kept", ["", "x", signing.dumps({"token": "x", "pin": "1"}), "é" * 5000])
def test_nobody_prints_a_slip_of_their_own_making(clerk: Client, case: Case, kept: str):
    assert clerk.post(f"/counter/cases/{case.pk}/slip", {"slip": kept}).status_code == 410


def test_a_slip_is_printed_as_that_of_its_own_case(clerk: Client, make_case):
    case, other = make_case(), make_case(number="06-23-2/26")
    page = page_of(clerk, slip_of(case).consent)
    printed(clerk, page)
    elsewhere = page.replace(f"/counter/cases/{case.pk}/slip", f"/counter/cases/{other.pk}/slip")
    assert press(clerk, elsewhere).status_code == 410


@pytest.mark.parametrize("paper", ["a4", "receipt"])
@pytest.mark.parametrize(
    ("script", "title", "office"),
    [
        ("bs_latn", "IZJAVA O SAGLASNOSTI", "Općina Stari Grad Sarajevo, Zelenih beretki 4"),
        ("bs_cyrl", "ИЗЈАВА О САГЛАСНОСТИ", "Опћина Стари Град Сарајево, Зелених беретки 4"),
        ("../../etc", "IZJAVA O SAGLASNOSTI", "Općina Stari Grad Sarajevo"),
    ],
)
def test_the_statement_is_in_the_script_that_was_asked_for(
    clerk: Client, case: Case, paper: str, script: str, title: str, office: str
):
    answer = clerk.get(f"/counter/cases/{case.pk}/statement", {"script": script, "paper": paper})
    document = PdfReader(io.BytesIO(answer.content))
    assert title in said(document)
    assert office in said(document)
    assert "Amra Hodžić" in said(document)
    assert "+387 61 123 456" in said(document)
    assert len(document.pages) == 1


def test_the_statement_can_be_printed_before_saving(clerk: Client, filled: dict[str, str]):
    answer = clerk.post("/counter/cases/new/statement", {**filled, "number": "", "script": "bs_cyrl"})
    words = said(PdfReader(io.BytesIO(answer.content)))
    assert "Amra Hodžić" in words
    assert "+387 61 123 456" in words
    assert not Case.objects.exists()


def test_an_unfinished_number_stands_in_the_statement_as_typed(clerk: Client, filled: dict[str, str]):
    answer = clerk.post("/counter/cases/new/statement", {**filled, "phone": "061 12"})
    assert "061 12" in said(PdfReader(io.BytesIO(answer.content)))


def test_whoever_represents_in_no_known_way_is_taken_for_an_attorney(clerk: Client, filled: dict[str, str]):
    typed = {**filled, "signatory": "Edin Softić", "given_as": "x", "script": "bs_latn"}
    answer = clerk.post("/counter/cases/new/statement", typed)
    assert "Punomoćnik stranke Amra Hodžić" in said(PdfReader(io.BytesIO(answer.content)))


def test_a_representative_signs_a_statement_of_their_own(clerk: Client, case: Case):
    typed = {"given_as": "guardian", "name": "Edin Softić", "phone": "062/111-222", "script": "bs_latn"}
    answer = clerk.post(f"/counter/cases/{case.pk}/consent/statement", typed)
    words = said(PdfReader(io.BytesIO(answer.content)))
    assert "Edin Softić" in words
    assert "+387 62 111 222" in words
    assert "Zakonski zastupnik stranke Amra Hodžić" in words
