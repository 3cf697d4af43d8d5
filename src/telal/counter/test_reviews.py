"""The municipality's system sends something odd: somebody looks, and sees what the citizen has read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case, Change, Review
from telal.counter.conftest import signed_in
from telal.notices.announcer import announce

pytestmark = pytest.mark.django_db


def shown(client: Client) -> str:
    return client.get("/counter/reviews").content.decode()


def send(case: Case, *statuses: str, source: str = "api", **change) -> None:
    for status in statuses:
        case.move_to(Change(status, **change), source=source, actor="DMS")


def test_what_is_usual_is_not_listed(clerk: Client, case):
    send(case, "assigned", "in_progress", "awaiting_applicant", "in_progress", "decided", "served")
    assert "Nijedna promjena ne čeka provjeru." in shown(clerk)


@pytest.mark.parametrize(
    ("statuses", "why"),
    [
        (("served",), "neuobičajeno poslije prethodnog stanja"),
        (("assigned", "in_progress", "decided", "in_progress"), "korak unazad"),
    ],
)
def test_what_is_odd_is_listed_with_why(clerk: Client, case, statuses, why):
    send(case, *statuses)
    assert case.number in shown(clerk)
    assert why in shown(clerk)


def test_what_happened_before_the_last_is_listed(clerk: Client, case):
    send(case, "assigned")
    send(case, "in_progress", occurred_at=timezone.now() - timedelta(days=3))
    assert "dogodilo se prije prethodne promjene" in shown(clerk)


def test_an_appeal_begins_anew_by_right_and_a_clerk_knows_what_they_do(clerk: Client, case):
    send(case, "assigned", "in_progress", "decided", "served", "appealed", "remanded", "in_progress")
    send(case, "archived", source="counter")
    assert not Review.objects.exists()


def test_what_the_citizen_was_told_is_shown_and_who_looked_is_kept(clerk: Client, case, connect):
    connect(case)
    send(case, "served")
    assert "priprema se" in shown(clerk)
    while announce(lambda _: []):
        pass
    assert "Tekst poruke" in shown(clerk)
    assert "Akt" in shown(clerk)
    review = Review.objects.get()
    for _ in range(2):
        clerk.post(f"/counter/reviews/{review.pk}")
    review.refresh_from_db()
    assert (review.looked_by, review.looked_at is None) == ("ana", False)
    assert "Nijedna promjena ne čeka provjeru." in shown(clerk)


def test_an_auditor_only_looks(case):
    send(case, "served")
    auditor = signed_in("revizor", "auditor")
    assert 'data-testid="approve"' not in shown(auditor)
    assert auditor.post(f"/counter/reviews/{Review.objects.get().pk}").status_code == 403


def test_the_list_goes_page_by_page(clerk: Client, make_case, monkeypatch):
    monkeypatch.setattr("telal.counter.paging.ON_A_PAGE", 1)
    for n in range(2):
        send(make_case(number=f"06-23-{n}/26"), "served")
    assert "06-23-0/26" not in shown(clerk)
    after = shown(clerk).partition("after=")[2].partition('"')[0]
    assert "06-23-0/26" in clerk.get(f"/counter/reviews?after={after}").content.decode()
