"""Who has looked at what: noted by itself, found again, taken away, verified."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case
from telal.counter.conftest import signed_in
from telal.notices.consents import record_consent
from telal.staff.audit import Draft, record
from telal.staff.models import Door, Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def rev() -> Client:
    return signed_in("rev", "auditor")


def noted(who: str = "ana") -> list[tuple[str, str]]:
    """What was done, and to what."""
    entries = Entry.objects.filter(who=who).exclude(action="sign_in")
    return list(entries.order_by("no").values_list("action", "about"))


def found(rev: Client, **sought: str) -> str:
    return rev.post("/counter/audit/find", sought, follow=True).content.decode()


def rows(page: str) -> int:
    return page.count("<tr>") - 1 if "<table" in page else 0


def test_a_look_at_a_case_is_noted_with_its_number_and_nothing_of_the_person(clerk: Client, case: Case):
    clerk.get(f"/counter/cases/{case.pk}", headers={"x-forwarded-for": "1.2.3.4"})
    assert noted() == [("counter:case", f"cases/{case.pk}")]
    entry = Entry.objects.get(action="counter:case")
    assert (entry.door, entry.result, entry.address) == ("counter", 200, "127.0.0.1")
    assert "Amra" not in str(list(Entry.objects.values()))


def test_a_list_is_a_look_at_each_case_on_it(clerk: Client, make_case):
    one, two = make_case(), make_case(number="06-23-2/26", name="Edin")
    clerk.get("/counter/")
    assert noted() == [("counter:home", f"cases/{two.pk} cases/{one.pk}")]


def test_a_change_is_noted_with_the_case_it_leads_to(clerk: Client, filled: dict[str, str]):
    clerk.post("/counter/cases/new", filled)
    (action, about), *_ = noted()
    assert action == "counter:register"
    assert f"cases/{Case.objects.get().pk}" in about.split()


def test_a_refusal_is_noted(clerk: Client, case: Case):
    assert clerk.get("/counter/audit").status_code == 403
    assert Entry.objects.get(action="counter:audit").result == 403


def test_what_a_page_asks_by_itself_and_what_shows_nobody_is_not_noted(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    clerk.get(f"/counter/consents/{consent.pk}/binding")
    clerk.post("/counter/cases/new/phone", {"phone": "061 123 456"})
    clerk.get("/counter/texts")
    assert noted() == []


def test_the_auditor_finds_who_looked_at_a_case_by_its_number_and_by_the_persons_name(
    rev: Client, clerk: Client, make_case
):
    case, other = make_case(), make_case(number="06-23-2/26", name="Edin Kovač", phone="")
    clerk.get(f"/counter/cases/{case.pk}")
    clerk.get(f"/counter/cases/{other.pk}")
    for sought in ("1847/26", "Hodžić", "061 123 456"):
        assert rows(found(rev, sought=sought)) == 1
    assert rows(found(rev, sought="Niko Nepoznat")) == 0
    address = rev.post("/counter/audit/find", {"sought": "Hodžić"}).url
    assert address == f"/counter/audit?cases={case.pk}"


def test_the_auditor_finds_by_user_action_and_day(rev: Client, clerk: Client, case: Case):
    clerk.get(f"/counter/cases/{case.pk}")
    today = f"{timezone.localdate():%d.%m.%Y}"
    assert rows(found(rev, who="ana", action="counter:case", first=today, last=today)) == 1
    assert rows(found(rev, who="ana", action="counter:case", first="1.1.2020", last="2.1.2020")) == 0
    assert rows(found(rev, who="niko")) == 0


@pytest.mark.parametrize(
    "query", ["cases=x", "cases=", "first=2026-99-99", "before=x", "who=%00", "cases=" + "9" * 40]
)
def test_a_forged_address_finds_nothing_or_everything_and_breaks_nothing(rev: Client, query: str):
    assert rev.get(f"/counter/audit?{query}").status_code == 200


def test_it_is_paged(rev: Client):
    record([Draft(Door.COUNTER, "ana", "counter:case", 200) for _ in range(61)])
    first = rev.get("/counter/audit?who=ana").content.decode()
    assert rows(first) == 50
    older = first.partition("before=")[2].partition('"')[0]
    assert rows(rev.get(f"/counter/audit?who=ana&before={older}").content.decode()) == 11


def test_what_was_found_is_taken_away_as_a_file_and_that_is_noted(rev: Client, clerk: Client, case: Case):
    User.objects.filter(username="ana").update(username="=HYPERLINK")
    clerk.get(f"/counter/cases/{case.pk}")
    answer = rev.post("/counter/audit/export?action=counter:case")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert [(line["who"], line["about"]) for line in lines] == [("'=HYPERLINK", f"cases/{case.pk}")]
    assert Entry.objects.filter(who="rev", action="counter:export_audit").exists()


def test_the_chain_is_verified_on_the_screen(rev: Client, case: Case):
    assert "Lanac je cijel" in rev.post("/counter/audit/verify").content.decode()
