"""Words for people: texts and labels, kept in files that everybody can read, and in what a municipality says in its own way.

``<directory>/<language>/<name>.txt`` is a text: UTF-8, paragraphs separated by an empty line, data in
``{placeholders}``. ``<directory>/<language>/labels.txt`` holds the short words, one a line: ``name = words``.
Everything is read and checked once, so that a forgotten file stops the server at its start and not a message
at night. Serbian in Latin letters has no files: it is made of the Cyrillic ones.

A municipality's own words come as versions (``adopt``) and may change while we run: whoever speaks meanwhile says the old or the
new ones, never half of each.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache, wraps
from pathlib import Path
from typing import Literal, NamedTuple, ParamSpec, TypeVar, cast

from telal.cases.latin import to_latin
from telal.cases.statuses import LANGUAGES, SERBIAN_IN_LATIN

# Which placeholders each text carries, in every language.
Placeholders = Mapping[str, Collection[str]]
Part = Literal["text", "label"]

_LABELS = "labels.txt"
# Viber refuses a button with a very long text.
LONGEST_BUTTON = 100
# Nobody reads more on a phone; and with a case's data it must still be one message.
LONGEST_TEXT = 1500

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_EMPTY_LINE = re.compile(r"\n\s*\n")
# fmt: off
_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")
# fmt: on

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class MissingWords(Exception):
    """Words are missing or cannot be said. ``problems`` names each file and what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(("Something is wrong with the words:", *problems)))


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a text or a label: ``value`` is the placeholder or the limit that it is about, ``line`` counts from 1."""

    kind: Literal["empty", "too_long", "lines", "missing", "unknown", "brace", "unheard", "ambiguous"]
    value: str = ""
    line: int = 1


class Version(NamedTuple):
    """What a municipality has once said in the place of a text or a label of ours; empty: ours again."""

    part: Part
    language: str
    name: str
    template: str


@dataclass(slots=True)
class _Said:
    """All templates at one time, by language and name; Serbian in Latin letters included."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    paragraphs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)

    def copy(self) -> "_Said":
        return _Said(self.texts.copy(), self.paragraphs.copy(), self.labels.copy())

    def keep(self, version: Version) -> None:
        part, language, name, template = version
        if part == "label":
            self.labels[language, name] = template
        else:
            self.texts[language, name] = template
            self.paragraphs[language, name] = _EMPTY_LINE.split(template)
        if language == "sr":
            self.keep(Version(part, SERBIAN_IN_LATIN, name, to_latin(template)))

    def template(self, part: Part, language: str, name: str) -> str:
        return (self.labels if part == "label" else self.texts)[language, name]


class Words:
    """All texts and labels of one directory in all languages. Raises MissingWords unless all are there."""

    def __init__(
        self,
        directory: Path,
        texts: Placeholders,
        labels: Placeholders | None = None,
        languages: Sequence[str] = LANGUAGES,
        longest_label: int = LONGEST_BUTTON,
        longest_text: int = LONGEST_TEXT,
    ) -> None:
        self.texts = texts
        self.labels = labels or {}
        self._languages = languages
        self._longest = {"label": longest_label, "text": longest_text}
        self._ours = _Said()
        problems: list[str] = []
        for language in languages:
            problems += self._load_texts(directory, language)
            problems += self._load_labels(directory, language)
        if problems:
            raise MissingWords(problems)
        self._said = self._ours
        self._own: frozenset[tuple[str, str, str]] = frozenset()
        self._spellings: dict[tuple[str, str], set[str]] = {}
        self._edition = 0

    # ── What is said ─────────────────────────────────────────────────────────────────────────────────────────────────

    def text(self, language: str, name: str, /, **values: str) -> str:
        """The whole text. Values are data: whatever they contain is shown as it is."""
        return _fill(self._now().texts[language, name], values)

    def paragraphs(self, language: str, name: str, /, **values: str) -> list[str]:
        """The text's paragraphs; a value never starts a new one."""
        return [_fill(paragraph, values) for paragraph in self._now().paragraphs[language, name]]

    def label(self, language: str, name: str, /, **values: str) -> str:
        return _fill(self._now().labels[language, name], values)

    def template(self, part: Part, language: str, name: str) -> str:
        """A text or label as it is said now, placeholders and all."""
        return self._now().template(part, language, name)

    def ours(self, part: Part, language: str, name: str) -> str:
        """The same as it came with Telal."""
        return self._ours.template(part, language, name)

    def is_own(self, part: Part, language: str, name: str) -> bool:
        """Is this said in the municipality's own words?"""
        return (part, written_in(language), name) in self._own

    def spellings(self, language: str, label: str) -> Collection[str]:
        """All that this label has ever said: a button with old words stays on a phone until the next message."""
        return {self.label(language, label), *self._spellings.get((language, label), ())}

    def counted(self, language: str, name: str, number: int) -> str:
        """The label ``<name>_one``, ``<name>_few`` or ``<name>_other``, whichever agrees with the number."""
        return self.label(language, f"{name}_{plural(language, number)}", number=str(number))

    # ── Other words ──────────────────────────────────────────────────────────────────────────────────────────────────

    def adopt(self, versions: Iterable[Version]) -> list[Version]:
        """From now on the newest of these versions of each text and label is said, and ours where there is none.

        Returns those that cannot be said, since a release may ask for other placeholders: ours are said in their place.
        """
        known = [version for version in versions if self._knows(version)]
        newest = [
            version for version in {version[:3]: version for version in known}.values() if version.template
        ]
        unfit = [version for version in newest if self.flaws(version.part, version.name, version.template)]
        fitting = [version for version in newest if version not in unfit]
        said = self._ours.copy()
        for version in fitting:
            said.keep(version)
        self._said = said
        self._own = frozenset(version[:3] for version in fitting)
        self._spellings = self._spellings_in(known)
        # Last, so that what is remembered under the new number is made of the new words.
        self._edition += 1
        return unfit

    @contextmanager
    def as_if(self, version: Version) -> Iterator[None]:
        """Say this meanwhile, here and nowhere else: to see how it would look."""
        trying = self._said.copy()
        trying.keep(version)
        token = _tried.set((self, trying))
        try:
            yield
        finally:
            _tried.reset(token)

    def kept(self, make: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
        """Remember what is made of these words alone, until they change."""

        @lru_cache(maxsize=64)
        def remembered(_edition: int, *given: Hashable) -> _Made:
            return cast(Callable[..., _Made], make)(*given)

        @wraps(make)
        def made(*given: _Given.args, **named: _Given.kwargs) -> _Made:
            if named or _tried.get():
                return make(*given, **named)
            return remembered(self._edition, *cast(tuple[Hashable, ...], given))

        return made

    def flaws(self, part: Part, name: str, template: str) -> list[Flaw]:
        """What is wrong with these words in the place of a text or a label of ours."""
        if not template.strip():
            return [Flaw("empty")]
        placeholders = (self.labels if part == "label" else self.texts)[name]
        return list(_flaws(template, placeholders, self._longest[part], one_line=part == "label"))

    def found_in(self, directory: Path) -> list[Version]:
        """The own words in a directory of the same shape, with only the files that differ; of labels.txt those that it names.

        Raises MissingWords unless every file has a name that we know and fits.
        """
        files = sorted(_files(directory))
        read = [self._read_own(path, path.relative_to(directory).parts) for path in files]
        if problems := [problem for _, found in read for problem in found]:
            raise MissingWords(problems)
        return [version for versions, _ in read for version in versions]

    def _now(self) -> _Said:
        tried = _tried.get()
        return tried[1] if tried and tried[0] is self else self._said

    def _spellings_in(self, versions: Iterable[Version]) -> dict[tuple[str, str], set[str]]:
        spellings: dict[tuple[str, str], set[str]] = {}
        for version in versions:
            if version.part == "label" and version.template:
                said = _Said()
                said.keep(version)
                for key, words in said.labels.items():
                    spellings.setdefault(key, {self._ours.labels[key]}).add(words)
        return spellings

    def _knows(self, version: Version) -> bool:
        names = self.labels if version.part == "label" else self.texts
        return version.name in names and version.language in self._languages

    def _load_texts(self, directory: Path, language: str) -> Iterator[str]:
        for name in self.texts:
            template, problems = self._read_text(directory / language / f"{name}.txt")
            self._ours.keep(Version("text", language, name, template))
            yield from problems

    def _load_labels(self, directory: Path, language: str) -> Iterator[str]:
        if self.labels:
            path = directory / language / _LABELS
            labels, problems = self._read_labels(path)
            for name, words in labels.items():
                self._ours.keep(Version("label", language, name, words))
            yield from problems
            yield from (f"{path}, {name}: is missing" for name in self.labels if name not in labels)

    def _read_own(self, path: Path, parts: Sequence[str]) -> tuple[list[Version], list[str]]:
        if problem := self._misplaced(parts):
            return [], [f"{path}: {problem}"]
        language, file = parts
        if file == _LABELS:
            labels, problems = self._read_labels(path)
            return [Version("label", language, name, words) for name, words in labels.items()], problems
        template, problems = self._read_text(path)
        return [Version("text", language, path.stem, template)], problems

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

    def _read_text(self, path: Path) -> tuple[str, list[str]]:
        """The text, and what is wrong with it."""
        written, problem = _read(path)
        if problem:
            return "", [problem]
        flaws = _flaws(written, self.texts[path.stem], self._longest["text"])
        return written.strip(), [_said_of(flaw, str(path), self.texts[path.stem]) for flaw in flaws]

    def _read_labels(self, path: Path) -> tuple[dict[str, str], list[str]]:
        """The labels that the file names, and what is wrong with it."""
        written, problem = _read(path)
        labels: dict[str, str] = {}
        problems = [problem] if problem else []
        for number, line in enumerate(written.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            name, equals, words = (part.strip() for part in line.partition("="))
            where, longest = f"{path}, line {number}", self._longest["label"]
            if not equals:
                problems.append(f"{where}: has no equals sign; write name = words")
            elif name not in self.labels:
                problems.append(f"{where}: {name} is no label of ours{_perhaps(name, self.labels)}")
            elif not words or len(words) > longest:
                problems.append(f"{where}: {name} must have words, at most {longest} letters of them")
            elif name in labels:
                problems.append(f"{where}: {name} stands here twice; keep one of them")
            else:
                labels[name] = words
                flaws = _flaws(words, self.labels[name], longest, first_line=number)
                problems += [_said_of(flaw, str(path), self.labels[name], at_line=True) for flaw in flaws]
        return labels, problems


# What is tried in this thread: see ``Words.as_if``.
_tried: ContextVar[tuple[Words, _Said] | None] = ContextVar("tried_words", default=None)


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


def _flaws(
    written: str, placeholders: Collection[str], longest: int, *, one_line: bool = False, first_line: int = 1
) -> Iterator[Flaw]:
    if len(written.strip()) > longest:
        yield Flaw("too_long", str(longest), first_line)
    if one_line and "\n" in written.strip():
        yield Flaw("lines", line=first_line)
    found = {match[1]: match.start() for match in _PLACEHOLDER.finditer(written)}
    for name in sorted(set(placeholders) - found.keys()):
        yield Flaw("missing", name, first_line)
    for name in sorted(found.keys() - set(placeholders)):
        yield Flaw("unknown", name, first_line + written.count("\n", 0, found[name]))
    for number, line in enumerate(written.split("\n"), start=first_line):
        if set(_PLACEHOLDER.sub("", line)) & set("{}"):
            yield Flaw("brace", line=number)


def _said_of(flaw: Flaw, path: str, placeholders: Collection[str], *, at_line: bool = False) -> str:
    """For whoever wrote the file."""
    known = ", ".join(f"{{{each}}}" for each in placeholders)
    in_line = f"{path}, line {flaw.line}"
    where = in_line if at_line else path
    sentences = {
        "too_long": f"{where}: is longer than {flaw.value} letters; say it in fewer words",
        "missing": f"{where}: must say {{{flaw.value}}}; put it where that is to stand",
        "unknown": f"{in_line}: says {{{flaw.value}}}, which is not known here; known: {known or 'none'}",
        "brace": f"{in_line}: has a brace without its partner",
    }
    return sentences[flaw.kind]


def _perhaps(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" (perhaps {near[0]}?)" if near else ""


def _fill(template: str, values: Mapping[str, str]) -> str:
    if not values:
        return template
    # One pass: braces inside a value are never looked at.
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)
