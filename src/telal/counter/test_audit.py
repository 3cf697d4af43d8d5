"""Who has looked at what: noted by itself, found again, taken away, verified."""

import csv
import io
import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case, Unmatched
from telal.cases.unmatched import Refusal, keep
from telal.conversation.models import Kind, Question
from telal.counter.account import urlpatterns as of_account
from telal.counter.audit import ACTIONS
from telal.counter.conftest import signed_in
from telal.counter.paging import ON_A_PAGE
from telal.counter.urls import urlpatterns as of_counter
from telal.messaging.models import Contact
from telal.notices.consents import record_consent
from telal.notices.models import Invitation, Unbound
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


def test_what_shows_nobody_is_not_noted(clerk: Client, case: Case):
    clerk.post("/counter/cases/new/phone", {"phone": "062 000 000"})
    clerk.post("/counter/cases/new/number", {"number": "06-23-999/26"})
    clerk.get("/counter/texts")
    assert noted() == []


def test_who_is_shown_while_a_number_is_typed_is_noted_once(clerk: Client, case: Case):
    for _ in range(3):
        clerk.post("/counter/cases/new/phone", {"phone": "061 123 456"})
    assert noted() == [("counter:phone_hint", f"cases/{case.pk}")]


def test_a_message_that_was_foreseen_without_the_page_of_its_case_is_noted(clerk: Client, case: Case):
    address, typed = f"/counter/cases/{case.pk}/preview/move", {"status": "assigned", "key": uuid.uuid4()}
    clerk.post(address, typed)
    assert noted() == [("counter:preview_move", f"cases/{case.pk}")]


def test_what_a_page_asks_by_itself_is_a_part_of_the_look_at_it(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    clerk.get(f"/counter/cases/{case.pk}")
    before = noted()
    clerk.get(f"/counter/consents/{consent.pk}/binding")
    clerk.post(f"/counter/cases/{case.pk}/preview/move", {"status": "assigned", "key": uuid.uuid4()})
    assert noted() == before
    signed_in("emir", "counter").get(f"/counter/consents/{consent.pk}/binding")
    assert noted("emir") == [("counter:binding", f"cases/{case.pk} consents/{consent.pk}")]


def test_each_case_that_was_changed_with_others_is_noted(clerk: Client, make_case):
    cases = [make_case(number=f"06-23-{n}/26") for n in range(3)]
    asked = {"case": [case.pk for case in cases], "step": "move", "status": "assigned", "key": uuid.uuid4()}
    looked_at = {"seen": [f"{case.pk}:1" for case in cases]}
    clerk.post("/counter/bulk", {**asked, **looked_at, "do": "1"})
    clerk.post("/counter/undo", {"key": f"counter:{asked['key']}"})
    about = [set(things.split()) for action, things in noted() if action in ("counter:bulk", "counter:undo")]
    assert about == [{f"cases/{case.pk}" for case in cases}] * 2


def test_what_is_changed_on_a_work_list_is_noted_with_its_case(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    waits = Unbound.objects.get(consent=consent)
    clerk.post(f"/counter/unbound/{waits.pk}")
    assert noted() == [("counter:drop_unbound", f"cases/{case.pk} unbound/{waits.pk}")]


def test_a_slip_on_paper_is_noted_with_its_case(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    page = clerk.post(f"/counter/consents/{consent.pk}/invitation")
    clerk.post(f"/counter/cases/{case.pk}/slip", {"slip": page.context["signed"]})
    assert ("counter:slip_paper", f"cases/{case.pk} consents/{consent.pk}") in noted()


def test_what_the_dms_sent_in_vain_is_noted_when_it_is_read_and_when_it_is_dismissed(clerk: Client):
    keep([Refusal("invalid: phone", "Amra Hodžić; 061 123 456")], source="api", sender="dms")
    kept = Unmatched.objects.get()
    clerk.get("/counter/unmatched")
    clerk.post("/counter/unmatched/dismissal", {"pk": kept.pk, "because": "test"})
    assert noted() == [
        ("counter:unmatched", f"unmatched/{kept.pk}"),
        ("counter:dismiss_unmatched", f"unmatched/{kept.pk}"),
    ]


def test_an_auditor_who_reads_a_question_is_noted_though_they_cannot_answer_it(rev: Client):
    contact = Contact.objects.create(channel="viber", address="x", name="Amra", reachable=True)
    question = Question.objects.create(contact=contact, kind=Kind.QUESTION, text="?", asked_at=timezone.now())
    rev.get("/counter/questions")
    assert noted("rev") == [("counter:questions", f"questions/{question.pk}")]


def test_what_breaks_halfway_is_noted_too(clerk: Client, case: Case, monkeypatch):
    def breaks(*_: object) -> None:
        raise RuntimeError

    consent = record_consent(case, recorded_by="ana", medium="paper")
    monkeypatch.setattr("telal.counter.slip.show_slip", breaks)
    with pytest.raises(RuntimeError):
        clerk.post(f"/counter/consents/{consent.pk}/invitation")
    assert Invitation.objects.exists()
    assert noted() == [("counter:new_invitation", f"cases/{case.pk} consents/{consent.pk}")]


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
    "query",
    [
        "cases=x",
        "cases=",
        "first=2026-99-99",
        "first=0001-01-01",
        "last=9999-12-31",
        "after=x",
        "who=%00",
        "cases=" + "9" * 40,
    ],
)
def test_a_forged_address_finds_nothing_or_everything_and_breaks_nothing(rev: Client, query: str):
    assert rev.get(f"/counter/audit?{query}").status_code == 200


def test_it_is_paged(rev: Client):
    record([Draft(Door.COUNTER, "ana", "counter:case", 200) for _ in range(36)])
    first = rev.get("/counter/audit?who=ana").content.decode()
    assert rows(first) == ON_A_PAGE == 25
    older = first.partition("after=")[2].partition('"')[0]
    assert rows(rev.get(f"/counter/audit?who=ana&after={older}").content.decode()) == 11


def test_what_was_found_is_taken_away_as_a_file_and_that_is_noted(rev: Client, clerk: Client, case: Case):
    User.objects.filter(username="ana").update(username="=HYPERLINK")
    clerk.get(f"/counter/cases/{case.pk}")
    answer = rev.post("/counter/audit/export?action=counter:case")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert [(line["who"], line["about"]) for line in lines] == [("'=HYPERLINK", f"cases/{case.pk}")]
    assert Entry.objects.filter(who="rev", action="counter:export_audit").exists()


def test_the_chain_is_verified_on_the_screen(rev: Client, case: Case):
    assert "Lanac je cijel" in rev.post("/counter/audit/verify").content.decode()


def test_every_screen_that_leaves_a_line_has_a_name_that_people_know():
    screens = [(f"counter:{one.name}", one) for one in of_counter] + [(one.name, one) for one in of_account]
    noted = [
        name for name, one in screens if (rule := getattr(one.callback, "rule", None)) and not rule.quiet
    ]
    assert len(noted) > 100
    assert [name for name in noted if name not in ACTIONS] == []


def test_things_are_called_as_people_call_them(rev: Client, clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    clerk.post(f"/counter/consents/{consent.pk}/withdrawal")
    assert f"saglasnost {consent.pk}" in found(rev, who="ana")
