"""Staff see every text as a citizen would get it; a text that nobody thought of fails here."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from telal.cases.days_off import calendar
from telal.cases.office import Office, Timetable, read_hours
from telal.cases.statuses import LANGUAGES, SERBIAN_IN_LATIN
from telal.conversation import words as conversation
from telal.counter import samples
from telal.counter.samples import Sample, Scene
from telal.counter.words import TEXTS_WHEN
from telal.notices import compose
from telal.notices.words import Words

OFFICE = Office(
    now=datetime(2026, 11, 25, 9, 0),
    address="Zelenih beretki 4",
    phone="033 282 300",
    email="info@starigrad.ba",
    dpo="zastita@starigrad.ba",
    timetable=Timetable(dict.fromkeys(range(5), read_hours("8-16")), holidays=calendar((2026, 2027), {})),
)
TEXTS = [
    *((compose.WORDS, samples.notice, name) for name in compose.WORDS.texts),
    *((conversation.WORDS, samples.answer, name) for name in conversation.WORDS.texts),
]


def is_said(words: Words, language: str, name: str, told: str) -> bool:
    """Do all paragraphs of the text stand in the message, whatever the values?"""
    unlikely = "\ue000"
    values = dict.fromkeys(words.texts[name], unlikely)
    patterns = (
        re.escape(each).replace(unlikely, ".+") for each in words.paragraphs(language, name, **values)
    )
    return all(re.search(pattern, told) for pattern in patterns)


@pytest.mark.parametrize("language", [*LANGUAGES, SERBIAN_IN_LATIN])
@pytest.mark.parametrize(("words", "sample", "name"), TEXTS, ids=[name for *_, name in TEXTS])
def test_every_text_is_said_on_its_occasion(
    words: Words, sample: Callable[[Scene, str], Sample], name: str, language: str
):
    told = sample(Scene(language, OFFICE), name).told
    assert is_said(words, language, name, told.text)
    assert told.buttons


@pytest.mark.parametrize("module", [compose, conversation])
def test_every_text_belongs_to_one_occasion(module):
    listed = [name for names in module.WHEN_SAID.values() for name in names]
    assert sorted(listed) == sorted(module.WORDS.texts)
    assert set(module.WHEN_SAID) <= TEXTS_WHEN.keys()


@pytest.mark.parametrize("kind", ["sensitive", "discreet"])
def test_news_without_details_gives_none_away(kind: samples.Kind):
    for name in compose.WORDS.texts:
        told = samples.notice(Scene("bs", OFFICE, kind), name).told
        assert "1847" not in told.text
        assert not any("1847" in button.text for button in told.buttons)
