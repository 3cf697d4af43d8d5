"""The bot hears what a citizen means, in any spelling, and asks back rather than guess."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.conversation.understand import to_json, understand

YEAR = 2026

# The twenty-five questions of the domain reference.
QUESTIONS = [
    ("Dobar dan, kakvo je stanje predmeta 06-23-1847/24", "status.by_number"),
    ("jel rijeseno 1847/24 ?", "status.by_number"),
    ("sta ima s mojim zahtjevom", "status.mine"),
    ("Шта је са предметом УП-1 05-23-345/23", "status.by_number"),
    ("111929", "status.by_number"),
    ("kad ce bit gotovo više", "deadline.when"),
    ("do kad imate rok za urbanisticku", "deadline.when"),
    ("ko mi radi predmet i gdje sjedi", "who.handles"),
    ("dobila sam pismo da nesto fali, sta moram donijeti", "docs.missing"),
    ("jel mogu doc po rjesenje danas", "decision.pickup"),
    ("odbili ste me kako da se zalim i koliko imam dana", "appeal.how"),
    ("prošlo 3 mjeseca a vi ništa!!", "silence.complaint"),
    ("hocu obavijesti na viber za moj predmet", "notify.subscribe"),
    ("STOP", "notify.unsubscribe"),
    ("nemojte mi vise slat poruke ba", "notify.unsubscribe"),
    ("šta radite sa mojim podacima", "privacy.info"),
    ("obrišite sve o meni", "privacy.delete"),
    ("dodaj predmet br. 06-31-55/24 pin 4821", "link.case"),
    ("promijenio sam broj sad mi je 062/987-654", "phone.change"),
    ("kad radite sutra, jel praznik", "office.hours"),
    ("sta treba za upotrebnu dozvolu", "howto.request"),
    ("hocu covjeka, dajte mi nekog da pricam", "human.handover"),
    ("rupa na cesti u ulici Kovači pa kad mislite popravit", "problem.report"),
    ("moze cirilica? / piši latinicom", "lang.switch"),
    ("komsijin predmet 06-23-900/24 jel ga riješio", "status.other_person"),
]

# What our own keyboards say.
BUTTONS = [
    ("Moji predmeti", "status.mine"), ("Моји предмети", "status.mine"), ("My cases", "status.mine"),
    ("Historija 06-23-1847/24", "status.history"), ("Povijest 06-23-1847/24", "status.history"),
    ("Историја 06-23-1847/24", "status.history"), ("History 06-23-1847/24", "status.history"),
    ("Pomoć", "help.menu"), ("Помоћ", "help.menu"), ("Help", "help.menu"),
    ("Počni", "smalltalk.greet"), ("Почни", "smalltalk.greet"), ("Start", "smalltalk.greet"),
    ("Odjava", "notify.unsubscribe"), ("Одјава", "notify.unsubscribe"), ("Unsubscribe", "notify.unsubscribe"),
    ("STATUS", "status.mine"), ("DETALJI", "status.mine"), ("06-23-1847/24", "status.by_number"),
]  # fmt: skip

STOPS = [
    "STOP",
    "stop",
    "Stop!",
    "СТОП",
    "стоп.",
    "STOP 🛑",
    "stop, molim vas",
    "ODJAVA",
    "ОДЈАВА",
    "ODJAVI ME",
    "odjavi me!!",
]
NO_STOPS = ["jel bi moglo da se stop znak vrati na raskrsnicu", "ne znam sta da radim", "auto stop do Ilidže"]


def utterances(which: str) -> Iterator[tuple[str, set[str]]]:
    table = (Path(__file__).parent / "utterances.tsv").read_text("utf-8")
    for text, intents, chosen in (line.split("\t") for line in table.splitlines()):
        if chosen == which:
            yield text, set(intents.split(","))


def intents(text):
    return understand(text, year=YEAR).intents


@pytest.mark.parametrize(("text", "intent"), QUESTIONS + BUTTONS)
def test_each_question_means_one_thing(text, intent):
    assert intents(text) == (intent,)


@pytest.mark.parametrize("text", STOPS)
def test_stop_is_understood_at_once(text):
    assert intents(text) == ("notify.unsubscribe",)


@pytest.mark.parametrize("text", NO_STOPS)
def test_a_stop_inside_something_else_stops_nothing(text):
    assert "notify.unsubscribe" not in intents(text)


def test_nearly_everything_in_the_tuned_table_is_understood():
    table = list(utterances("tune"))
    missed = [text for text, meant in table if set(intents(text)) != meant]
    assert len(missed) <= 0.05 * len(table), missed


@pytest.mark.parametrize(
    "spelling",
    [
        "rješenje",
        "rjesenje",
        "rijesenje",
        "решење",
        "рјешење",
        "RJEŠENJE",
        "rješenjeee",
        "rjesnje",
        "rjeseje",
    ],
)
def test_one_word_has_many_spellings(spelling):
    assert intents(f"gdje da preuzmem {spelling}") == ("decision.pickup",)


def test_two_questions_are_two_intents_in_their_order():
    assert intents("kad radite i sta ima s mojim predmetom") == ("office.hours", "status.mine")
    assert intents("sta ima s mojim predmetom i kad radite") == ("status.mine", "office.hours")


@pytest.mark.parametrize(
    "text", ["", " ", "?", "asdfgh", "\ue000", "da", "05.03.1988", "tetka dolazi u petak na kafu"]
)
def test_what_is_not_understood_is_asked_back(text):
    assert intents(text) == ("unclear",)


def test_the_pin_is_read_beside_its_number():
    for text in ("dodaj 06-31-55/24 pin 482113", "06-31-55/24 482113", "06-31-55/24\nПИН 482113"):
        understood = understand(text, year=YEAR)
        assert (understood.intents, understood.pin) == (("link.case",), "482113")
        assert [reference.keys for reference in understood.references] == [("6-31-55/2024",)]


@pytest.mark.parametrize(
    ("text", "script", "language"),
    [
        ("sta ima s predmetom", "latn", None),
        ("шта је с предметом", "cyrl", "sr"),
        ("what is the status of my case", "latn", "en"),
        ("tko vodi moj predmet", "latn", "hr"),
        ("english please", "latn", "en"),
        ("пребаци на латиницу", "cyrl", "bs"),
        ("moze cirilica?", "latn", "sr"),
        ("06-23-1847/24", "latn", None),
    ],
)
def test_script_and_language_show(text, script, language):
    understood = understand(text, year=YEAR)
    assert (understood.script, understood.language) == (script, language)


def test_the_command_line_gets_plain_json():
    understood = understand("Промијенио сам број 062/987-654, предмет 06-23-1847-24", year=YEAR)
    assert json.loads(json.dumps(to_json(understood))) == {
        "intents": ["phone.change"],
        "cases": ["6-23-1847/2024", "6-23-1847-24/?"],
        "phones": ["+38762987654"],
        "script": "cyrl",
    }


@given(st.text(max_size=200))
def test_no_text_breaks_it(text):
    assert understand(text, year=YEAR).intents


def test_a_long_message_takes_no_time():
    started = time.process_time()
    for text in (
        "predmet " * 900,
        "kad gotovo predmet " * 370,
        "a" * 7000,
        "👍" * 7000,
        "06-23-1847/24 " * 500,
    ):
        understand(text, year=YEAR)
    assert time.process_time() - started < 1
