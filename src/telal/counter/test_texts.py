"""Whoever works at the counter sees what citizens get to read, and finds the way to say it in other words."""

import pytest
from django.test import Client
from django.utils.html import escape

from telal.counter import texts
from telal.counter.conftest import signed_in
from telal.notices import compose
from telal.notices.words import Version

pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "") -> str:
    return client.get(f"/counter/texts?{query}").content.decode()


def test_every_text_has_its_phone_and_can_be_edited(clerk: Client):
    shown = page(clerk)
    for app in texts.APPS.values():
        for name in app.words.texts:
            assert f'href="/counter/texts/{app.name}/text/bs/{name}?' in shown
        for name in app.words.labels:
            assert f'href="/counter/texts/{app.name}/label/bs/{name}"' in shown
            assert escape(app.words.template("label", "bs", name)) in shown
    assert "tekst općine" not in shown


def test_everybody_who_may_look_may_read_and_finds_the_way(db):
    auditor = signed_in("ivo", "auditor")
    assert 'href="/counter/texts"' in auditor.get("/counter/").content.decode()
    assert "Poruke građanima" in page(auditor)
    assert Client().get("/counter/texts").status_code == 302


@pytest.mark.parametrize(
    ("language", "words", "file"),
    [
        ("hr", "suglasnost drugog tijela", "notices/text/hr/received?"),
        ("sr", "Предмет је примљен", "notices/text/sr/received?"),
        ("sr-Latn", "Predmet je primljen", "notices/text/sr/received?"),
        ("en", "We have received your case", "notices/text/en/received?"),
        ("xx", "Predmet je zaprimljen", "notices/text/bs/received?"),
    ],
)
def test_the_language_is_chosen(clerk: Client, language: str, words: str, file: str):
    shown = page(clerk, f"language={language}")
    assert words in shown
    assert file in shown


def test_a_sensitive_case_shows_what_lies_on_a_locked_screen(clerk: Client):
    assert "Urbanistička saglasnost" in page(clerk, "q=received")
    assert "Urbanistička saglasnost" not in page(clerk, "kind=sensitive")


def test_a_text_is_found_by_its_words_or_its_file(clerk: Client):
    shown = page(clerk, "q=opcija+STORNIRAN")
    assert "Nijedna poruka" in shown
    assert page(clerk, "q=poništen+upis").count('data-testid="text-card"') == 1
    assert page(clerk, "q=link_used").count('data-testid="text-card"') == 1


def test_what_somebody_seeks_is_shown_as_text(clerk: Client):
    assert "<script>x" not in page(clerk, "q=<script>x")


def test_a_text_of_the_municipality_is_marked(clerk: Client):
    compose.WORDS.adopt([Version("text", "bs", "received", "Stigao je.")])
    try:
        assert "Stigao je." in page(clerk, "q=received")
        assert page(clerk).count("tekst općine") == 1
        assert "tekst općine" not in page(clerk, "language=en")
    finally:
        compose.WORDS.adopt([])
