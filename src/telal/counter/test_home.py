"""Finding a case."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case
from telal.counter.conftest import signed_in
from telal.counter.paging import ON_A_PAGE
from telal.counter.reach import CONNECTED, LEFT, NO_CONSENT, WAITING, WITHDRAWN, reach_of
from telal.messaging.models import Contact, Stop
from telal.notices.consents import invite, record_consent, withdraw
from telal.notices.models import Consent


@pytest.mark.parametrize(
    "typed",
    [
        "06-23-1847/26",
        "06/23-1847-26",
        "6 23 1847/2026",
        "23-1847/26",
        "1847/26",
        "1847",
        "111929",
        "hodzic",
        "amra HODŽIĆ",
        "061 123 456",
    ],
)
def test_a_single_hit_opens_at_once(clerk: Client, make_case: Callable[..., Case], typed: str):
    case = make_case(barcode="111929")
    make_case(number="05-11-999/26", name="Đuro Perić", phone="+38762555666")
    assert clerk.post("/counter/search", {"q": typed}).url == f"/counter/cases/{case.pk}"


@pytest.mark.parametrize("typed", ["duro", "djuro", "đuro", "Perić Đuro"])
def test_names_are_found_without_their_hooks(clerk: Client, make_case: Callable[..., Case], typed: str):
    case = make_case(number="05-11-999/26", name="Đuro Perić")
    make_case()
    assert clerk.post("/counter/search", {"q": typed}).url == f"/counter/cases/{case.pk}"


def test_several_hits_are_listed(clerk: Client, make_case: Callable[..., Case]):
    make_case(number="06-23-1847/26")
    make_case(number="06-23-1848/26")
    page = clerk.post("/counter/search", {"q": "hodzic"}, follow=True).content.decode()
    assert "06-23-1847/26" in page
    assert "06-23-1848/26" in page


@pytest.mark.parametrize(
    "typed", ["hodzic", "Amra", "061 123 456", "61 123", "0101990123456", "hodzic 1847/26"]
)
def test_who_was_looked_for_never_stands_in_an_address(
    clerk: Client, make_case: Callable[..., Case], typed: str
):
    for number in ("06-23-1847/26", "05-11-1847/26"):
        make_case(number=number, name="Amra Hodžić 0101990123456")
    address = clerk.post("/counter/search", {"q": typed}).url
    assert re.fullmatch(r"/counter/\?sought=[0-9a-f]{8}%3A[\w%]+", address)
    found = clerk.get(address)
    assert found.context["q"] == typed
    assert clerk.get(address).context["rows"] == found.context["rows"]
    assert signed_in("edin", "counter").get(address).context["q"] == ""


def test_a_number_that_was_looked_for_stands_in_the_address(clerk: Client, make_case: Callable[..., Case]):
    for n in range(2):
        make_case(number=f"06-23-1847/2{n}")
    assert clerk.post("/counter/search", {"q": "1847/21"}).url.startswith("/counter/cases/")
    assert clerk.post("/counter/search", {"q": "1848/26"}).url == "/counter/?q=1848%2F26"
    assert "Nema takvog predmeta." in clerk.get("/counter/?q=1848%2F26").content.decode()


@pytest.mark.parametrize(
    "made_up", ["q=hodzic", "q=061123456", "sought=x", "sought=00000000:AAAA", "sought=%C4%8D"]
)
def test_an_address_that_nobody_got_from_us_shows_the_first_screen(clerk: Client, case: Case, made_up: str):
    page = clerk.get(f"/counter/?{made_up}")
    assert page.context["q"] == ""
    assert "Posljednje promjene" in page.content.decode()


@pytest.mark.parametrize("typed", ["[(nema*", "http://[", "\0nema", "9" * 300, "č" * 100_000, "..."])
def test_what_is_not_there_is_said(clerk: Client, case: Case, typed: str):
    page = clerk.post("/counter/search", {"q": typed}, follow=True).content.decode()
    assert "Nema takvog predmeta." in page


def test_the_code_of_a_slip_opens_its_case_and_never_stands_in_an_address(clerk: Client, case: Case):
    slip = invite(record_consent(case, recorded_by="ana", medium="paper"))
    assert clerk.post("/counter/search", {"q": slip.url}).url == f"/counter/cases/{case.pk}"
    foreign = clerk.post("/counter/search", {"q": "https://elsewhere.example/f/secret"})
    assert foreign.status_code == 200
    assert "secret" not in foreign.content.decode()


@pytest.mark.parametrize("typed", ["hodzic", "061 123 456"])
def test_neither_a_name_nor_a_number_stands_in_an_address(clerk: Client, make_case, typed: str):
    make_case(number="06-23-1847/26")
    make_case(number="06-23-1848/26")
    address = clerk.post("/counter/search", {"q": typed}).url
    assert typed.split()[0] not in address
    page = clerk.get(address).content.decode()
    assert f'value="{typed}"' in page
    assert "06-23-1848/26" in page


@pytest.mark.parametrize("sought", ["hodzic", "sealed:00000000:AAAA", "sealed:š", "\0", "%ff"])
def test_a_forged_search_is_none(clerk: Client, case: Case, sought: str):
    assert "Posljednje promjene" in clerk.get("/counter/", {"sought": sought}).content.decode()


def test_the_list_is_paged_without_losing_or_repeating_a_case(clerk: Client, make_case: Callable[..., Case]):
    cases = [make_case(number=f"06-23-{n}/26") for n in range(100, 100 + 2 * ON_A_PAGE + 1)]
    # The same moment for all: the id alone decides.
    Case.objects.update(changed_at=timezone.now())
    seen, where = [], "/counter/"
    while where:
        context = clerk.get(where).context
        seen += [case.pk for case, _ in context["rows"]]
        where = f"/counter/?{urlencode({'after': context['older']})}" if context["older"] else ""
    assert seen == [case.pk for case in reversed(cases)]


@pytest.mark.parametrize("after", ["x", "2026-01-01_1", "2026-99-99T00:00:00Z_1", "2026-01-01T00:00:00Z_x"])
def test_a_broken_page_key_shows_the_beginning(clerk: Client, case: Case, after: str):
    assert case.number in clerk.get("/counter/", {"after": after}).content.decode()


def test_each_row_says_whether_the_citizen_is_reached(
    make_case: Callable[..., Case], connect: Callable[[Case], Contact]
):
    none, waiting, withdrawn, connected, left = (make_case(number=f"06-23-{n}/26") for n in range(100, 105))
    record_consent(waiting, recorded_by="ana", medium="paper")
    connect(withdrawn)
    withdraw(Consent.objects.get(case=withdrawn), recorded_by="ana", medium="paper")
    connect(connected)
    Contact.objects.filter(pk=connect(left).pk).update(reachable=False)
    assert reach_of([none.pk, waiting.pk, withdrawn.pk, connected.pk, left.pk]) == {
        none.pk: NO_CONSENT,
        waiting.pk: WAITING,
        withdrawn.pk: WITHDRAWN,
        connected.pk: CONNECTED,
        left.pk: LEFT,
    }


def test_when_nothing_can_be_sent_every_screen_says_so_and_why(clerk: Client):
    assert 'data-testid="alarm"' not in clerk.get("/counter/").content.decode()
    since = timezone.now() - timedelta(minutes=5)
    Stop.objects.create(
        channel="viber", scope="all", needs_human=True, began_at=since, probe_at=since,
        because="2: invalidAuthToken: Viber does not know our token.",
    )  # fmt: skip
    page = clerk.get("/counter/").content.decode()
    assert "Slanje poruka je zaustavljeno" in page
    assert "Viber ne prihvata naš pristupni ključ." in page
    assert "invalidAuthToken" not in page
