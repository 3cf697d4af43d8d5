"""Somebody reads the screens in another language than Bosnian."""

import pytest
from django.test import Client

from telal.cases.models import Case
from telal.notices.announcer import announce


def choose(client: Client, language: str, back: str = "/counter/hours") -> str:
    return client.post("/counter/language", {"language": language, "next": back}).url


@pytest.mark.parametrize(
    ("language", "tag", "words"),
    [("hr", "hr", "Radno vrijeme"), ("sr", "sr-Cyrl", "Радно вријеме"), ("en", "en", "Office hours")],
)
def test_a_clerk_chooses_and_comes_back_to_where_they_were(
    clerk: Client, language: str, tag: str, words: str
):
    assert choose(clerk, language) == "/counter/hours"
    page = clerk.get("/counter/").content.decode()
    assert f'<html lang="{tag}">' in page
    assert words in page


def test_what_is_chosen_from_is_in_the_language_of_the_screen_too(clerk: Client, case: Case):
    choose(clerk, "en")
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert '<option value="in_progress">In progress</option>' in page
    assert "U obradi" not in page


def test_what_has_just_been_done_and_why_nobody_was_told_is_said_in_it_too(boss: Client, case: Case):
    choose(boss, "en")
    added = boss.post("/counter/settings/departments/add", {"names": "Arhiva"}, follow=True)
    assert "Added: 1." in added.content.decode()
    announce(menu=lambda language: [])
    assert "there is no consent" in boss.get(f"/counter/cases/{case.pk}").content.decode()


def test_what_the_browser_prefers_is_not_asked(clerk: Client):
    answer = clerk.get("/counter/", headers={"accept-language": "en"})
    assert '<html lang="bs">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "bs"


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(db: None, back: str):
    assert choose(Client(), "hr", back) == "/counter/"


def test_an_unknown_language_changes_nothing(clerk: Client):
    choose(clerk, "tlh")
    assert '<html lang="bs">' in clerk.get("/counter/").content.decode()


def test_who_has_not_signed_in_yet_may_choose_too(db: None):
    client = Client()
    choose(client, "sr", "/counter/sign-in")
    assert "Пријава" in client.get("/counter/sign-in").content.decode()


@pytest.mark.parametrize(
    ("language", "tag", "words"), [("sr", "sr-Cyrl", "Страница је застарјела"), ("en", "en", "out of date")]
)
def test_a_page_about_an_error_is_in_the_language_that_was_chosen(
    db: None, language: str, tag: str, words: str
):
    client = Client(enforce_csrf_checks=True)
    client.cookies["django_language"] = language
    answer = client.post("/counter/sign-in")
    assert answer.status_code == 403
    assert f'<html lang="{tag}">' in answer.content.decode()
    assert answer.headers["Content-Language"] == tag
    assert words in answer.content.decode()
