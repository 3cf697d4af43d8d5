"""Words for people, kept in files that everybody can read and change.

``<directory>/<language>/<name>.txt`` is a text: UTF-8, paragraphs separated by an empty line, data in
``{placeholders}``. ``<directory>/<language>/labels.txt`` holds the short words, one a line: ``name = words``.
Everything is read and checked once, so that a forgotten file stops the server at its start and not a message
at night.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from telal.cases.statuses import LANGUAGES

# Which placeholders each text carries, in every language.
Placeholders = Mapping[str, Collection[str]]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_EMPTY_LINE = re.compile(r"\n\s*\n")
# fmt: off
_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")
# fmt: on


class MissingWords(Exception):
    """Words are missing or carry the wrong placeholders. ``problems`` names each file and what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(("Some words are missing:", *problems)))


class Words:
    """All texts and labels of one directory in all languages. Raises MissingWords unless all are there."""

    def __init__(
        self,
        directory: Path,
        texts: Placeholders,
        labels: Placeholders | None = None,
        languages: Sequence[str] = LANGUAGES,
    ) -> None:
        self._texts: dict[tuple[str, str], str] = {}
        self._paragraphs: dict[tuple[str, str], list[str]] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self._problems: list[str] = []
        for language in languages:
            self._load_texts(directory / language, language, texts)
            self._load_labels(directory / language / "labels.txt", language, labels or {})
        if self._problems:
            raise MissingWords(self._problems)

    def text(self, language: str, name: str, /, **values: str) -> str:
        """The whole text. Values are data: whatever they contain is shown as it is."""
        return _fill(self._texts[language, name], values)

    def paragraphs(self, language: str, name: str, /, **values: str) -> list[str]:
        """The text's paragraphs; a value never starts a new one."""
        return [_fill(paragraph, values) for paragraph in self._paragraphs[language, name]]

    def label(self, language: str, name: str, /, **values: str) -> str:
        return _fill(self._labels[language, name], values)

    def counted(self, language: str, name: str, number: int) -> str:
        """The label ``<name>_one``, ``<name>_few`` or ``<name>_other``, whichever agrees with the number."""
        return self.label(language, f"{name}_{plural(language, number)}", number=str(number))

    def _load_texts(self, folder: Path, language: str, texts: Placeholders) -> None:
        for name, placeholders in texts.items():
            path = folder / f"{name}.txt"
            template = self._texts[language, name] = _read(path)
            self._paragraphs[language, name] = _EMPTY_LINE.split(template)
            self._problems += _problems(str(path), template, placeholders)

    def _load_labels(self, path: Path, language: str, labels: Placeholders) -> None:
        lines = _read_labels(path) if labels else {}
        for name, placeholders in labels.items():
            template = self._labels[language, name] = lines.get(name, "")
            self._problems += _problems(f"{path}, {name}", template, placeholders)


def labels_in(path: Path) -> Placeholders:
    """The labels of a file, to be the measure for other languages: which there are, and what each must carry."""
    return {name: _PLACEHOLDER.findall(words) for name, words in _read_labels(path).items()}


def plural(language: str, number: int) -> Literal["one", "few", "other"]:
    """The plural category of a whole number: Unicode CLDR's rules for our languages."""
    if language == "en":
        return "one" if number == 1 else "other"
    if number % 10 == 1 and number % 100 != 11:
        return "one"
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return "few"
    return "other"


@lru_cache(maxsize=4096)
def written_date(language: str, day: date) -> str:
    """``22. 11. 2026.``; in English ``22 November 2026``."""
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day}. {day.month}. {day.year}."


def _read(path: Path) -> str:
    """The file's text without a byte-order mark; empty when there is no such file or it is not UTF-8."""
    try:
        return path.read_text("utf-8-sig").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _read_labels(path: Path) -> dict[str, str]:
    lines = (line for line in _read(path).splitlines() if "=" in line and not line.startswith("#"))
    pairs = (line.split("=", 1) for line in lines)
    return {name.strip(): words.strip() for name, words in pairs}


def _problems(where: str, template: str, placeholders: Collection[str]) -> list[str]:
    if not template:
        return [f"{where}: is missing, empty or not UTF-8"]
    found, wanted = set(_PLACEHOLDER.findall(template)), set(placeholders)
    problems = [f"{where}: must say {{{name}}}" for name in sorted(wanted - found)]
    problems += [f"{where}: says {{{name}}}, which is not known here" for name in sorted(found - wanted)]
    if set(_PLACEHOLDER.sub("", template)) & set("{}"):
        problems.append(f"{where}: has a brace without its partner")
    return problems


def _fill(template: str, values: Mapping[str, str]) -> str:
    if not values:
        return template
    # One pass: braces inside a value are never looked at.
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)
