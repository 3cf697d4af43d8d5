"""What could not be taken in waits here: it becomes a change when its case is there, or is dismissed with a reason."""

import pytest
from django.test import Client

from telal.cases import unmatched
from telal.cases.models import Case, Change, Unmatched
from telal.cases.unmatched import Refusal
from telal.counter.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(db) -> Unmatched:
    change = Change("assigned", key="e1", department="Služba za urbanizam")
    unmatched.keep(
        [
            Refusal(
                "unknown_case",
                '{"status": "assigned"}',
                ref="A-77",
                key="e1",
                status="assigned",
                change=change,
            )
        ],
        source="api",
        sender="DMS",
    )
    return Unmatched.objects.get()


def shown(client: Client, query: str = "") -> str:
    return client.get(f"/counter/unmatched{query}").content.decode()


def test_it_is_shown_with_what_when_why_and_from_where(clerk: Client, waiting):
    for words in ("A-77", "sistem općine", "DMS", "Telal ne zna za ovaj predmet.", "Dodijeljen službi u rad"):
        assert words in shown(clerk)
    assert 'data-testid="try-again"' not in shown(clerk)


def test_it_becomes_a_change_once_the_case_is_there(clerk: Client, waiting, case):
    Case.objects.filter(pk=case.pk).update(ref="A-77")
    assert 'data-testid="try-again"' in shown(clerk)
    for _ in range(2):
        clerk.post(f"/counter/unmatched/{waiting.pk}")
    event = case.events.get(no=2)
    assert (event.status, event.department, event.source, event.actor) == (
        "assigned",
        "Služba za urbanizam",
        "api",
        "DMS",
    )
    waiting.refresh_from_db()
    assert (waiting.ended_by, waiting.ended_as, waiting.said, waiting.change) == ("ana", "taken_in", "", "")


def test_without_its_case_it_stays(clerk: Client, waiting):
    answer = clerk.post(f"/counter/unmatched/{waiting.pk}", follow=True)
    assert "još nema u Telalu" in answer.content.decode()
    assert Unmatched.objects.get().ended_at is None


def test_it_is_dismissed_only_with_a_reason(clerk: Client, waiting):
    answer = clerk.post("/counter/unmatched/dismissal", {"pk": waiting.pk, "because": " "}, follow=True)
    assert "Upišite zašto" in answer.content.decode()
    clerk.post("/counter/unmatched/dismissal", {"pk": [waiting.pk, "x"], "because": "probni podaci"})
    waiting.refresh_from_db()
    assert (waiting.ended_by, waiting.ended_because, waiting.said) == ("ana", "probni podaci", "")


def test_one_sender_is_chosen_and_counted(clerk: Client, waiting):
    unmatched.keep(
        [Refusal("row_missing: status", "{}", line=3)], source="import", sender="izvoz.csv", total=9
    )
    assert "izvoz.csv" in shown(clerk)
    of_api = shown(clerk).partition('href="?from=')[2].partition('"')[0]
    assert "A-77" in shown(clerk, f"?from={of_api}")
    assert "red 3" not in shown(clerk, f"?from={of_api}")
    assert "Ukupno 1," in shown(clerk, f"?from={of_api}")


def test_a_row_is_explained_in_the_language_of_the_screen_with_what_to_do(clerk: Client, db: None):
    rows = [Refusal("row_cut_off", "{}", line=2), Refusal("row_no_date: received_on", "{}", line=99)]
    unmatched.keep(rows, source="import", sender="izvoz.csv")
    page = shown(clerk)
    assert "row_" not in page
    assert "Datoteka se prekida usred ovog reda" in page
    assert "datum koji se ne može pročitati</b> <code>dan prijema</code>" in page
    assert "Neka onaj ko vodi predmet to ispravi u sistemu općine" in page
    clerk.cookies["django_language"] = "en"
    assert "The file ends in the middle of this row" in shown(clerk)


def test_an_auditor_does_not_see_what_came(waiting):
    auditor = signed_in("revizor", "auditor")
    assert "A-77" in shown(auditor)
    assert "Šta je stiglo" not in shown(auditor)
    assert auditor.post(f"/counter/unmatched/{waiting.pk}").status_code == 403
    assert auditor.post("/counter/unmatched/dismissal", {"pk": waiting.pk, "because": "x"}).status_code == 403
