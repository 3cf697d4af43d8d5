"""Texts that an older release kept in TELAL_HOME/texts go into the database, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telal.config import texts
from telal.conversation.models import Wording
from telal.conversation.sayable import APPS, BUTTONS, flaws
from telal.notices.words import Version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    for words in APPS.values():
        words.adopt([])


def write(home: Path, name: str, text: str) -> Path:
    path = home / "texts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_files_are_taken_over_once_and_what_was_edited_since_stays(tmp_path: Path):
    write(tmp_path, "notices/bs/received.txt", "Stigao je.")
    write(tmp_path, "conversation/sr/labels.txt", "closed = не ради се\n")
    assert texts.take_over(tmp_path / "texts") == (2, [])
    write(tmp_path, "notices/bs/received.txt", "Nešto treće.")
    assert texts.take_over(tmp_path / "texts") == (0, [])
    assert [one.template for one in Wording.objects.order_by("id")] == ["Stigao je.", "не ради се"]
    assert Wording.objects.first().saved_by == "TELAL_HOME/texts"


def test_what_is_wrong_is_said_all_at_once_and_nothing_is_taken(tmp_path: Path):
    write(tmp_path, "bs/received.txt", "Stigao je.")
    write(tmp_path, "notices/bs/recieved.txt", "Stigao je.")
    write(tmp_path, "conversation/bs/answered.txt", "Odgovor.")
    taken, problems = texts.take_over(tmp_path / "texts")
    assert (taken, len(problems)) == (0, 3)
    assert "texts/notices or texts/conversation" in problems[0]
    assert "(perhaps received.txt?)" in problems[1]
    assert "{answer}" in problems[2]
    assert not Wording.objects.exists()


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("my_cases = Stanje mojih predmeta", True),
        ("history = Historija predmeta {number}", True),
        ("help = Zelena livada", False),
        ("history = {number}", False),
        ("closed = šalter ne radi", True),
    ],
)
def test_a_button_must_still_be_understood_when_it_is_tapped(tmp_path: Path, line: str, understood: bool):
    write(tmp_path, "conversation/bs/labels.txt", line)
    taken, problems = texts.take_over(tmp_path / "texts")
    assert (taken, [line.partition(" ")[0] in problem for problem in problems]) == (
        (1, []) if understood else (0, [True])
    )


def test_all_words_that_come_with_telal_may_be_said():
    for app, words in APPS.items():
        assert set(BUTTONS[app]) <= set(words.labels)
        for part, names in (("text", words.texts), ("label", words.labels)):
            for language in ("bs", "hr", "sr", "en"):
                for name in names:
                    version = Version(part, language, name, words.ours(part, language, name))
                    assert flaws(app, version) == [], version
