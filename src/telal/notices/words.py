"""Words for people, kept in files that everybody can read and change.

``<directory>/<language>/<name>.txt`` is a text: UTF-8, paragraphs separated by an empty line, data in
``{placeholders}``. ``<directory>/<language>/labels.txt`` holds the short words, one a line: ``name = words``.
Everything is read and checked once, so that a forgotten file stops the server at its start and not a message
at night. Serbian in Latin letters has no files: it is made of the Cyrillic ones.

A municipality may say some of it in its own words: a directory of the same shape, with only the files that differ.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Literal

from telal.cases.latin import to_latin
from telal.cases.statuses import LANGUAGES, SERBIAN_IN_LATIN

# Which placeholders each text carries, in every language.
Placeholders = Mapping[str, Collection[str]]

_LABELS = "labels.txt"
# Viber refuses a button with a very long text.
LONGEST_BUTTON = 100

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_EMPTY_LINE = re.compile(r"\n\s*\n")
# fmt: off
_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")
# fmt: on


class MissingWords(Exception):
    """Words are missing or cannot be said. ``problems`` names each file and what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(("Something is wrong with the words:", *problems)))


class Words:
    """All texts and labels of one directory in all languages. Raises MissingWords unless all are there."""

    def __init__(
        self,
        directory: Path,
        texts: Placeholders,
        labels: Placeholders | None = None,
        languages: Sequence[str] = LANGUAGES,
        longest_label: int = LONGEST_BUTTON,
    ) -> None:
        self.texts = texts
        self.labels = labels or {}
        self.overridden: frozenset[Path] = frozenset()
        self._languages = languages
        self._longest_label = longest_label
        self._texts: dict[tuple[str, str], str] = {}
        self._paragraphs: dict[tuple[str, str], list[str]] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self._own_labels: set[tuple[str, str]] = set()
        problems: list[str] = []
        for language in languages:
            problems += self._load_texts(directory, language)
            problems += self._load_labels(directory, language)
        if problems:
            raise MissingWords(problems)

    def override(self, directory: Path) -> None:
        """From now on the files found here are said instead of ours; of labels.txt only the labels that it names.

        Raises MissingWords, and changes nothing, unless every file has a name that we know and fits.
        """
        files = sorted(_files(directory))
        read = {path: self._read_override(path, path.relative_to(directory).parts) for path in files}
        if problems := [problem for _, found in read.values() for problem in found]:
            raise MissingWords(problems)
        for path, (words, _) in read.items():
            language, file = path.relative_to(directory).parts
            if file == _LABELS:
                self._keep_labels(language, words)
                self._own_labels |= {(language, name) for name in words}
            else:
                self._keep_text(language, path.stem, words[path.stem])
        self.overridden = frozenset(path.relative_to(directory) for path in files)

    def overrides(self, language: str, name: str) -> bool:
        """Is this text the municipality's own?"""
        return Path(written_in(language), f"{name}.txt") in self.overridden

    def overrides_label(self, language: str, name: str) -> bool:
        return (written_in(language), name) in self._own_labels

    def text(self, language: str, name: str, /, **values: str) -> str:
        """The whole text. Values are data: whatever they contain is shown as it is."""
        return _fill(self._texts[language, name], values)

    def paragraphs(self, language: str, name: str, /, **values: str) -> list[str]:
        """The text's paragraphs; a value never starts a new one."""
        return [_fill(paragraph, values) for paragraph in self._paragraphs[language, name]]

    def label(self, language: str, name: str, /, **values: str) -> str:
        return _fill(self._labels[language, name], values)

    def template(self, language: str, name: str) -> str:
        """The label as it stands in its file."""
        return self._labels[language, name]

    def counted(self, language: str, name: str, number: int) -> str:
        """The label ``<name>_one``, ``<name>_few`` or ``<name>_other``, whichever agrees with the number."""
        return self.label(language, f"{name}_{plural(language, number)}", number=str(number))

    def _load_texts(self, directory: Path, language: str) -> Iterator[str]:
        for name, placeholders in self.texts.items():
            template, problems = _read_text(directory / language / f"{name}.txt", placeholders)
            self._keep_text(language, name, template)
            yield from problems

    def _load_labels(self, directory: Path, language: str) -> Iterator[str]:
        if self.labels:
            path = directory / language / _LABELS
            labels, problems = _read_labels(path, self.labels, self._longest_label)
            self._keep_labels(language, labels)
            yield from problems
            yield from (f"{path}, {name}: is missing" for name in self.labels if name not in labels)

    def _read_override(self, path: Path, parts: Sequence[str]) -> tuple[Mapping[str, str], list[str]]:
        if problem := self._misplaced(parts):
            return {}, [f"{path}: {problem}"]
        if parts[-1] == _LABELS:
            return _read_labels(path, self.labels, self._longest_label)
        template, problems = _read_text(path, self.texts[path.stem])
        return {path.stem: template}, problems

    def _misplaced(self, parts: Sequence[str]) -> str:
        """Why nobody would ever read a file of this name; empty where somebody does."""
        folder, file = parts[0], parts[-1]
        if folder == SERBIAN_IN_LATIN:
            return "Serbian in Latin letters is made of the Cyrillic texts; put the file into sr"
        if len(parts) != 2 or folder not in self._languages:
            return f"is in no folder of a language; put it into one of {', '.join(self._languages)}"
        known = {_LABELS, *(f"{name}.txt" for name in self.texts)}
        if file in known:
            return ""
        return f"is no text of ours{_perhaps(file, known)}; name it as the text that it stands in for"

    def _keep_text(self, language: str, name: str, template: str) -> None:
        self._texts[language, name] = template
        self._paragraphs[language, name] = _EMPTY_LINE.split(template)
        if language == "sr":
            self._keep_text(SERBIAN_IN_LATIN, name, to_latin(template))

    def _keep_labels(self, language: str, labels: Mapping[str, str]) -> None:
        self._labels |= {(language, name): words for name, words in labels.items()}
        if language == "sr":
            self._keep_labels(SERBIAN_IN_LATIN, {name: to_latin(words) for name, words in labels.items()})


def written_in(language: str) -> str:
    """The language whose files hold its texts."""
    return "sr" if language == SERBIAN_IN_LATIN else language


def labels_in(path: Path) -> Placeholders:
    """The labels of a file, to be the measure for other languages: which there are, and what each must carry."""
    written, _ = _read(path)
    lines = [
        line.partition("=") for line in written.splitlines() if line.strip() and not line.startswith("#")
    ]
    return {name.strip(): _PLACEHOLDER.findall(words) for name, _, words in lines}


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


def _files(directory: Path) -> Iterator[Path]:
    """All that somebody put there; not what a system or an editor hides."""
    for path in directory.rglob("*"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(directory).parts):
            yield path


def _read_text(path: Path, placeholders: Collection[str]) -> tuple[str, list[str]]:
    """The text, and what is wrong with it."""
    written, problem = _read(path)
    if problem:
        return "", [problem]
    return written.strip(), list(_problems(path, written, placeholders))


def _read_labels(path: Path, known: Placeholders, longest: int) -> tuple[dict[str, str], list[str]]:
    """The labels that the file names, and what is wrong with it."""
    written, problem = _read(path)
    labels: dict[str, str] = {}
    problems = [problem] if problem else []
    for number, line in enumerate(written.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, words = (part.strip() for part in line.partition("="))
        where = f"{path}, line {number}"
        if not equals:
            problems.append(f"{where}: has no equals sign; write name = words")
        elif name not in known:
            problems.append(f"{where}: {name} is no label of ours{_perhaps(name, known)}")
        elif not words or len(words) > longest:
            problems.append(f"{where}: {name} must have words, at most {longest} letters of them")
        elif name in labels:
            problems.append(f"{where}: {name} stands here twice; keep one of them")
        else:
            labels[name] = words
            problems += _problems(path, line, known[name], number)
    return labels, problems


def _read(path: Path) -> tuple[str, str]:
    """What is written in the file, without a byte-order mark; or why there is nothing."""
    try:
        written = path.read_bytes()
        text = written.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = written[: error.start].count(b"\n") + 1
        return "", f"{path}, line {line}: is not UTF-8; save the file as UTF-8"
    except OSError as error:
        return "", f"{path}: is missing or cannot be read ({error.strerror})"
    return (text, "") if text.strip() else ("", f"{path}: is empty; write the text into it")


def _problems(path: Path, written: str, placeholders: Collection[str], only_line: int = 0) -> Iterator[str]:
    """What is wrong with a text, or with the label on this line."""
    found = {match[1]: match.start() for match in _PLACEHOLDER.finditer(written)}
    for name in sorted(set(placeholders) - found.keys()):
        where = f"{path}, line {only_line}" if only_line else path
        yield f"{where}: must say {{{name}}}; put it where that is to stand"
    for name in sorted(found.keys() - set(placeholders)):
        number = only_line or 1 + written.count("\n", 0, found[name])
        known = ", ".join(f"{{{each}}}" for each in placeholders)
        yield f"{path}, line {number}: says {{{name}}}, which is not known here; known: {known or 'none'}"
    for number, line in enumerate(written.split("\n"), start=only_line or 1):
        if set(_PLACEHOLDER.sub("", line)) & set("{}"):
            yield f"{path}, line {number}: has a brace without its partner"


def _perhaps(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" (perhaps {near[0]}?)" if near else ""


def _fill(template: str, values: Mapping[str, str]) -> str:
    if not values:
        return template
    # One pass: braces inside a value are never looked at.
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)
