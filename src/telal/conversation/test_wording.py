"""Somebody writes a text in other words: all processes say it soon, nobody's work is lost, and an old button still works."""

from collections.abc import Iterator

import pytest
from django.db import Error, transaction

from telal.conversation import bot, wording
from telal.conversation.models import Wording
from telal.conversation.sayable import APPS, flaws
from telal.notices import compose
from telal.notices.words import Version

pytestmark = pytest.mark.django_db

RECEIVED = Version("text", "bs", "received", "Stigao je.")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    wording.refresh()
    yield
    for words in APPS.values():
        words.adopt([])
    wording._Seen.through = wording._Seen.looked = None


def label(name: str, template: str, language: str = "bs") -> Version:
    return Version("label", language, name, template)


def test_what_somebody_saves_elsewhere_is_said_here_at_the_next_look():
    assert wording.save("notices", RECEIVED, by="ana", seen=0)
    assert compose.WORDS.text("bs", "received") != "Stigao je."
    assert wording.refresh()
    assert compose.WORDS.text("bs", "received") == "Stigao je."
    assert not wording.refresh()


def test_looking_costs_one_small_question_every_two_seconds(django_assert_num_queries, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(wording.time, "monotonic", lambda: now)
    wording.refresh()
    with django_assert_num_queries(0):
        wording.keep_up()
    now += wording.LOOK_EVERY
    with django_assert_num_queries(1):
        wording.keep_up()
        wording.keep_up()


def test_the_menu_follows_at_once():
    assert bot.menu("sr-Latn")[0].text == "Moji predmeti"
    wording.save("conversation", label("my_cases", "Стање мојих предмета", "sr"), by="ana", seen=0)
    wording.refresh()
    assert bot.menu("sr-Latn")[0].text == "Stanje mojih predmeta"


def test_of_two_who_write_at_once_the_second_is_told():
    wording.save("notices", RECEIVED, by="ana", seen=0)
    with pytest.raises(wording.Overtaken):
        wording.save("notices", RECEIVED._replace(template="Zaprimili smo."), by="emir", seen=0)
    assert Wording.objects.get().saved_by == "ana"


def test_who_goes_back_to_ours_follows_the_release():
    wording.save("notices", RECEIVED, by="ana", seen=0)
    ours = compose.WORDS.ours("text", "bs", "received")
    first = Wording.objects.get().pk
    assert wording.save("notices", RECEIVED._replace(template=ours), by="ana", seen=first)
    assert Wording.objects.latest("pk").template == ""
    assert not wording.save(
        "notices", RECEIVED._replace(template=ours), by="ana", seen=Wording.objects.latest("pk").pk
    )


def test_a_version_is_never_edited():
    wording.save("notices", RECEIVED, by="ana", seen=0)
    with pytest.raises(Error), transaction.atomic():
        Wording.objects.update(template="Drugo.")


def test_a_key_with_old_words_is_still_understood():
    old = compose.WORDS.label("bs", "yes")
    wording.save("notices", label("yes", "Jesam"), by="ana", seen=0)
    wording.refresh()
    assert compose.still_you_keys()[old] is compose.still_you_keys()["Jesam"] is True


@pytest.mark.parametrize(
    ("app", "version", "kinds"),
    [
        ("notices", label("yes", "Ne, nisam ja"), ["ambiguous"]),
        ("notices", label("yes", "Jesam"), []),
        ("conversation", label("stop", "Hvala"), ["unheard"]),
        ("conversation", label("stop", "Odjavi me"), []),
        ("conversation", label("my_cases", "Нешто десето", "sr"), ["unheard"]),
        ("conversation", label("end", "Odjava"), ["missing"]),
    ],
)
def test_a_button_says_only_what_is_understood(app: str, version: Version, kinds: list[str]):
    assert [flaw.kind for flaw in flaws(app, version)] == kinds
