"""A municipality puts its own words into TELAL_HOME/texts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from telal.config import texts
from telal.conversation import words as conversation_words
from telal.notices import compose
from telal.notices.words import Words


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of this test alone."""
    packages = {"notices": compose, "conversation": conversation_words}
    own = {
        app: Words(Path(module.__file__).parent / "texts", module.WORDS.texts, module.WORDS.labels)
        for app, module in packages.items()
    }
    monkeypatch.setattr(texts, "_APPS", own)


def write(home: Path, name: str, text: str) -> Path:
    path = home / "texts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_own_words_nothing_is_wrong(tmp_path: Path):
    assert texts.override(tmp_path / "texts") == []
    assert texts.overridden() == []


def test_what_is_in_use_is_named(tmp_path: Path):
    write(tmp_path, "notices/bs/received.txt", "Stigao je.")
    write(tmp_path, "conversation/sr/labels.txt", "closed = не ради се\n")
    assert texts.override(tmp_path / "texts") == []
    assert texts.overridden() == ["conversation/sr/labels.txt", "notices/bs/received.txt"]


def test_what_belongs_nowhere_is_said_together_with_all_else(tmp_path: Path):
    write(tmp_path, "bs/received.txt", "Stigao je.")
    write(tmp_path, "notices/bs/recieved.txt", "Stigao je.")
    write(tmp_path, "conversation/bs/answered.txt", "Odgovor.")
    problems = texts.override(tmp_path / "texts")
    assert len(problems) == 3
    assert "texts/notices or texts/conversation" in problems[0]
    assert "(perhaps received.txt?)" in problems[1]
    assert "{answer}" in problems[2]


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
    problems = texts.override(tmp_path / "texts")
    assert [line.partition(" ")[0] in problem for problem in problems] == ([] if understood else [True])


def test_the_buttons_that_come_with_telal_are_all_understood(tmp_path: Path):
    for app, words in texts._APPS.items():
        for language in ("bs", "hr", "sr", "en"):
            folder = Path(texts.__file__).parents[1] / app / "texts" / language
            write(tmp_path, f"{app}/{language}/labels.txt", (folder / "labels.txt").read_text("utf-8"))
        assert set(texts._BUTTONS[app]) <= set(words.labels)
    assert texts.override(tmp_path / "texts") == []


def test_a_broken_text_stops_the_start_in_words(tmp_path: Path):
    path = write(tmp_path, "notices/bs/sensitive_status.txt", "Stigao je.\n{datum}")
    result = subprocess.run(
        [sys.executable, "-m", "telal.cli", "check"],
        env={**os.environ, "TELAL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "Telal cannot start" in result.stderr
    assert f"{path}, line 2: says {{datum}}, which is not known here; known: {{date}}" in result.stderr
    assert "Traceback" not in result.stderr
