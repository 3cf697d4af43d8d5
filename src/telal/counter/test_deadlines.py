"""The staff set the rules, see how each deadline comes about, and decide when open cases follow new rules."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Applicant, Case, Change
from telal.cases.rules import DeadlineRules, Service, in_force
from telal.counter.deadlines import RulesForm
from telal.notices.announcer import announce
from telal.notices.models import Notice

pytestmark = pytest.mark.django_db

Make = Callable[..., Case]


def page(client: Client, where: str) -> str:
    return client.get(f"/counter/{where}").content.decode()


def rules(**changes: str) -> dict[str, str]:
    """The form as it is, with these changes."""
    form = RulesForm(DeadlineRules.present())
    ticked = {name: "on" for name in ("opinion_extends", "complete_when_received") if form[name].value()}
    days = {field.name: str(field.value() or "") for field in (*form.for_deciding(), *form.others())}
    return {**ticked, **days, **changes}


def move(case: Case, status: str, on: date, **change: str) -> None:
    at = timezone.make_aware(datetime(on.year, on.month, on.day, 9))
    case.move_to(Change(status, occurred_at=at, **change), source="counter", actor="ana")


def test_a_case_of_a_service_that_another_process_has_just_made_can_be_looked_at(
    clerk: Client, make_case: Make, monkeypatch
):
    monkeypatch.setattr("telal.cases.rules._here.unsettled_until", 0.0)
    in_force()
    (service,) = Service.objects.bulk_create([Service(name="Novo", completeness_days=5)])  # says it to nobody
    case = make_case(service=service)
    assert "potpunost provjeriti do" in page(clerk, f"cases/{case.pk}")


def test_rules_are_as_the_law_has_them_until_somebody_changes_them(secretary: Client):
    assert 'name="ordinary" value="30"' in page(secretary, "deadlines")
    answer = secretary.post("/counter/deadlines/rules", rules(ordinary="20", other="", opinion_extends=""))
    assert answer.url == "/counter/deadlines/recount"
    kept = DeadlineRules.objects.get()
    assert (kept.ordinary, kept.other, kept.opinion_extends, kept.special) == (20, None, False, 60)
    assert 'name="ordinary" value="20"' in page(secretary, "deadlines")


@pytest.mark.parametrize("days", ["0", "-1", "x", "99999"])
def test_nonsense_is_said_and_nothing_changes(secretary: Client, days: str):
    told = secretary.post("/counter/deadlines/rules", rules(ordinary=days)).content.decode()
    assert "Nije sačuvano" in told
    assert f'value="{days}"' in told
    assert DeadlineRules.present().ordinary == 30


def test_open_cases_follow_new_rules_when_somebody_says_so_and_only_then_is_it_told(
    secretary: Client, make_case: Make, connect: Callable[[Case], object]
):
    case = make_case()
    connect(case)
    announce(lambda _: ())
    assert "po sadašnjim pravilima" in page(secretary, "deadlines/recount")
    secretary.post("/counter/deadlines/rules", rules(ordinary="90"))
    shown = page(secretary, "deadlines/recount")
    assert "Kasniji rok" in shown
    assert case.number in shown
    assert announce(lambda _: ()) == 0

    assert "Promijenjenih rokova: 1." in secretary.post("/counter/deadlines/recount/do").content.decode()
    assert announce(lambda _: ()) == 1
    message = Notice.objects.latest("id").message
    assert message
    case.refresh_from_db()
    assert case.due_on
    assert "Rok za rješavanje Vašeg predmeta je promijenjen." in message.text
    assert f"Rok za rješavanje: {case.due_on.day}. {case.due_on.month}. {case.due_on.year}." in message.text
    shown = page(secretary, f"cases/{case.pk}")
    assert "Promijenjen je rok" in shown
    assert "računanje roka" in shown


def test_the_screen_says_how_the_deadline_comes_about(secretary: Client):
    case = Case.register(
        source="api",
        ref="1847",
        number="06-23-1847/26",
        kind="administrative",
        subject="Dozvola",
        received_on=date(2026, 2, 10),
        applicant=Applicant.called("Amra Hodžić"),
    )
    move(case, "in_progress", date(2026, 2, 11))
    move(case, "awaiting_applicant", date(2026, 2, 15))
    assert "stoji od 15. 2. 2026." in page(secretary, f"cases/{case.pk}")
    move(case, "in_progress", date(2026, 3, 1))
    shown = page(secretary, f"cases/{case.pk}")
    assert "26. 3. 2026." in shown
    assert "30 dana od 10. 2. 2026., stajao 14 dana zbog dopune" in shown
    move(case, "awaiting_other_body", date(2026, 3, 2), waiting_for="Zavod")
    shown = page(secretary, f"cases/{case.pk}")
    assert "duži rok jer se traži mišljenje drugog organa" in shown
    assert "mišljenje se očekuje do 17. 3. 2026." in shown


def test_a_given_date_is_said_to_be_given(secretary: Client, make_case: Make):
    case = make_case(due_on=timezone.localdate() + timedelta(days=9))
    assert "upisan, ne računa se" in page(secretary, f"cases/{case.pk}")


def test_staff_see_until_when_to_check_and_until_when_somebody_may_appeal(secretary: Client, make_case: Make):
    service = Service.objects.create(name="Dozvola", completeness_days=1)
    case = make_case(service=service)
    assert "potpunost provjeriti do" in page(secretary, f"cases/{case.pk}")
    move(case, "decided", date(2026, 3, 2))
    move(case, "served", date(2026, 3, 3))
    assert "rok za žalbu 18. 3. 2026." in page(secretary, f"cases/{case.pk}")
