"""Who gets in, and who may change something."""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from telal.cases.models import Case
from telal.counter.conftest import signed_in
from telal.counter.urls import urlpatterns
from telal.notices.consents import record_consent

PUBLIC = {"sign_in", "sign_out"}
LOOKS = {
    "home",
    "work",
    "unreached",
    "questions",
    "unbound",
    "unmatched",
    "reviews",
    "hours",
    "texts",
    "wording",
    "wording_preview",
    "search",
    "case",
    "case_timeline",
    "statement",
    "binding",
    "check_pin",
    "nothing_here",
}
STAFF = [pattern for pattern in urlpatterns if pattern.name not in PUBLIC]


def address(pattern: URLPattern, case: Case) -> str:
    needed = pattern.pattern.converters
    text = {"app": "notices", "part": "text", "language": "bs", "name": "received"}
    values = {"pk": case.pk, "rest": "elsewhere", "day": "2027-01-01", **text}
    return reverse(f"counter:{pattern.name}", kwargs={name: values[name] for name in needed})


def knock(client: Client, where: str):
    """Through the method that the address takes."""
    answer = client.get(where)
    return client.post(where) if answer.status_code == 405 else answer


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", STAFF, ids=lambda pattern: pattern.name)
def test_a_stranger_is_sent_to_sign_in(pattern: URLPattern, case: Case):
    answer = knock(Client(), address(pattern, case))
    assert answer.status_code == 302
    assert answer.url.startswith("/counter/sign-in")


@pytest.mark.parametrize("pattern", STAFF, ids=lambda pattern: pattern.name)
def test_the_auditor_looks_and_changes_nothing(pattern: URLPattern, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    case.pk = consent.case_id
    answer = knock(signed_in("rev", "auditor"), address(pattern, case))
    assert (answer.status_code == 403) == (pattern.name not in LOOKS)


def test_somebody_without_a_role_does_not_get_in(db: None):
    answer = signed_in("niko").get("/counter/")
    assert answer.status_code == 403
    assert "Nemate pristup" in answer.content.decode()


def test_the_auditor_is_not_shown_what_only_others_may_press(case: Case):
    screen = signed_in("rev", "auditor").get(f"/counter/cases/{case.pk}").content.decode()
    assert case.number in screen
    assert 'data-testid="move"' not in screen
    assert 'data-testid="new-case"' not in screen


def test_a_wrong_password_is_refused_in_bosnian(db: None):
    answer = Client().post(
        "/counter/sign-in", {"username": "ana", "password": "?"}, headers={"accept-language": "en"}
    )
    assert "Korisničko ime ili lozinka nisu tačni." in answer.content.decode()


def test_a_part_of_a_page_whose_session_has_ended_sends_the_page_to_sign_in(case: Case):
    answer = Client().get(f"/counter/cases/{case.pk}/timeline", headers={"hx-request": "true"})
    assert answer.headers["HX-Redirect"] == "/counter/sign-in"


def test_no_page_stays_in_the_browser_after_signing_out(clerk: Client):
    assert "no-store" in clerk.get("/counter/").headers["Cache-Control"]
    clerk.post("/counter/sign-out")
    assert clerk.get("/counter/").status_code == 302


def test_a_wrong_address_is_explained_in_bosnian(clerk: Client):
    for where in ("/counter/cases/999999", "/counter/nema"):
        answer = clerk.get(where)
        assert answer.status_code == 404
        assert "Nema te stranice" in answer.content.decode()
