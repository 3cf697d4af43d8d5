"""Somebody is called away from a half-filled form for longer than a session lasts."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from telal.cases.models import Case
from telal.counter.conftest import signed_in
from telal.staff.models import Entry

pytestmark = pytest.mark.django_db

WAITS = "/counter/unsent"


def is_away_for_long(client: Client) -> None:
    session = client.session
    session["seen_at"] -= 3601
    session.save()


def comes_back(client: Client, name: str = "ana") -> None:
    client.force_login(User.objects.get(username=name))


def waiting_form(client: Client) -> tuple[str, dict[str, str]]:
    """Where the button would send it, and what."""
    page = client.get(WAITS).content.decode()
    form = re.search(r'<form [^>]*action="([^"]+)" data-testid="unsent">(.*?)</form>', page, re.DOTALL)
    assert form
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form[2])
    return form[1], {name: unescape(value) for name, value in fields}


def test_a_citizen_typed_in_before_the_session_ended_is_registered_after_it(
    clerk: Client, filled: dict[str, str]
):
    is_away_for_long(clerk)
    answer = clerk.post("/counter/cases/new", filled)
    assert answer.url == f"/counter/sign-in?next={WAITS}"
    assert not Case.objects.exists()
    assert clerk.get(WAITS).url.startswith("/counter/sign-in")
    comes_back(clerk)
    assert "upis predmeta" in clerk.get(WAITS).content.decode()
    where, fields = waiting_form(clerk)
    assert {name: fields[name] for name in filled} == filled
    clerk.post(where, fields)
    assert Case.objects.get().applicant.name == filled["applicant_name"]
    assert clerk.get(WAITS).url == "/counter/start"


def test_nobody_else_reads_what_was_typed_and_it_lies_nowhere_open(clerk: Client, filled: dict[str, str]):
    is_away_for_long(clerk)
    clerk.post("/counter/cases/new", filled)
    assert "Hod" not in str(dict(clerk.session.items()))
    signed_in("edin", "counter")
    comes_back(clerk, "edin")
    assert clerk.get(WAITS).url == "/counter/start"
    assert "Hod" not in str(list(Entry.objects.values()))


def test_whoever_goes_on_with_something_else_leaves_nothing_behind(clerk: Client, filled: dict[str, str]):
    is_away_for_long(clerk)
    clerk.post("/counter/cases/new", filled)
    comes_back(clerk)
    clerk.post("/counter/search", {"q": "1847"})
    assert clerk.get(WAITS).status_code == 302


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("/counter/account/password", {"oldpassword": "tajna", "password1": "x", "password2": "x"}),
        ("/counter/cases/new", {"subject": "č" * 300_000}),
    ],
)
def test_passwords_and_what_nobody_has_typed_are_not_kept(clerk: Client, where: str, sent: Any):
    is_away_for_long(clerk)
    assert clerk.post(where, sent).url == "/counter/sign-in"
    assert not clerk.session.keys()


def test_a_stranger_leaves_nothing_in_the_house(filled: dict[str, str], db: None):
    stranger = Client()
    assert stranger.post("/counter/cases/new", filled).url == "/counter/sign-in"
    assert not stranger.session.keys()


def test_a_page_that_asks_by_itself_does_not_end_the_session_that_its_form_needs(
    clerk: Client, case: Case, filled: dict[str, str]
):
    is_away_for_long(clerk)
    asked = clerk.get(f"/counter/cases/{case.pk}/timeline", headers={"hx-request": "true"})
    assert asked.headers["HX-Redirect"] == "/counter/sign-in"
    assert clerk.post("/counter/cases/new", filled).url == f"/counter/sign-in?next={WAITS}"
