"""What a citizen means by a message: intents, case numbers, telephones.

Phrases are data (``phrases/intents.txt``). A phrase fits where all its words stand near each other, in any order; each
word is read leniently. Longer phrases go first, and a phrase counts only on words that no other intent has taken, so two
questions in one message are two intents and one question is one. Nothing that fits is ``unclear``: asking back is
better than guessing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from telal.cases.folding import fold
from telal.cases.numbers import Reference, find_pin, find_references, redact_personal_numbers
from telal.cases.phones import find_phones

Script = Literal["latn", "cyrl"]

# What every question about a case is, unless a phrase makes it a narrower one.
_BROADEST = "status.mine"

# Meant only where nothing else is.
_SMALLTALK = ("smalltalk.greet", "smalltalk.thanks")

# A weak phrase says nothing about a message with this many other words.
_STRAY_WORDS = 2

# Words of one phrase stand no further apart than this.
_REACH = 8

# Shorter words are too alike to forgive a slip.
_FORGIVING_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Understood:
    """``pin`` is the slip's access code: never echo or log it.

    ``language`` is ``bs``, ``hr``, ``sr`` or ``en`` where the text asks for it or shows it, else None; ``asked_language`` and
    ``asked_script`` are what it asks for. ``days`` are those it names: ``today``, ``tomorrow``, ``after_tomorrow``, ``mon`` …
    ``sun``, ``weekend``, ``holiday``.
    """

    intents: tuple[str, ...]
    references: tuple[Reference, ...]
    phones: tuple[str, ...]
    pin: str | None
    script: Script
    language: str | None
    asked_language: str | None
    asked_script: Script | None
    days: tuple[str, ...]
    has_personal_number: bool


def understand(text: str, *, year: int) -> Understood:
    """What the citizen means by ``text``; never raises. ``year`` is the present one."""
    references, pin = _without_pin(text, find_references(text, year=year), find_pin(text))
    heard = _Heard(_words(text, references))
    return Understood(
        intents=_about(_intents(heard), references, pin),
        references=references,
        phones=find_phones(text),
        pin=pin,
        script=(script := _script(text)),
        language=_language(heard, script),
        asked_language=next(_named(heard, _ASKED), None),
        asked_script=next(_named(heard, _SCRIPTS), None),
        days=tuple(_named(heard, _DAYS)),
        has_personal_number=redact_personal_numbers(text) != text,
    )


def to_json(understood: Understood) -> dict[str, object]:
    """What ``telal understand`` prints."""
    return {
        "intents": list(understood.intents),
        "cases": list(dict.fromkeys(key for reference in understood.references for key in reference.keys)),
        "phones": list(understood.phones),
        "script": understood.script,
    }


def _without_pin(
    text: str, references: tuple[Reference, ...], pin: str | None
) -> tuple[tuple[Reference, ...], str | None]:
    """A number followed by a bare code, and nothing else, is the slip read aloud: the code is its PIN, not a barcode."""
    if pin is None and len(references) == 2 and references[1].kind == "barcode" != references[0].kind:
        number, code = references
        if not text.replace(number.written, "").replace(code.written, "").strip(" ,;:.\n"):
            return (number,), code.keys[0].lstrip("#")
    return references, pin


def _about(intents: list[str], references: Sequence[Reference], pin: str | None) -> tuple[str, ...]:
    """The intents, seen together with the number and the code in the message."""
    if (pin and references) or "link.case" in intents:
        intents = ["link.case", *(i for i in intents if i not in ("link.case", *_STATUS))]
    if references:
        intents = ["status.by_number" if intent == "status.mine" else intent for intent in intents]
    if references and not set(intents) - set(_SMALLTALK):
        intents = ["status.by_number"]
    if "status.other_person" in intents:
        intents = [intent for intent in intents if intent not in _STATUS]
    return tuple(dict.fromkeys(intents)) or ("unclear",)


_STATUS = ("status.mine", "status.by_number")


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────

_NUMBER, _DIGITS = "\ue000", "#"
_TOKEN = re.compile("[a-z]+|[0-9][0-9./:-]*|[\U0001f300-\U0001faff❤\ue000]")
_JAT = re.compile("ije(?=.)|(?<=[bcdfgkmprstvz])je")
_REPEATED = re.compile(r"(.)\1+")


def _words(text: str, references: Iterable[Reference]) -> list[str]:
    for reference in references:
        text = text.replace(reference.written, f" {_NUMBER} ")
    return [_DIGITS if token[0].isdigit() else _skeleton(token) for token in _TOKEN.findall(fold(text))]


def _skeleton(word: str) -> str:
    """The word without what people spell differently: ``rjesenje``, ``riješenje`` and ``resenje`` are one."""
    return _JAT.sub("e", _REPEATED.sub(r"\1", word)).replace("dj", "d")


# ── The phrases ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Phrase:
    """``items`` are numbers of words and word lists, ``rank`` is its line.

    ``whole``: counts only when nothing else is said; ``weak``: only when nothing else is meant.
    """

    intent: str
    items: tuple[int, ...]
    whole: bool
    weak: bool
    rank: int


class _Lexicon:
    """The phrases of a file, and which of their items each word stands for."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lists: dict[str, list[str]] = {}
        self.phrases: list[_Phrase] = []
        self.exact: defaultdict[str, set[int]] = defaultdict(set)
        self.stems: defaultdict[str, set[int]] = defaultdict(set)
        self._numbers: dict[str, int] = {}
        intent = ""
        for rank, line in enumerate(lines):
            name, is_list, members = line.partition(" = ")
            if is_list:
                self.lists[name.strip()] = members.split()
            elif line.startswith("["):
                intent = line.strip(" []\n")
            elif line.strip() and not line.startswith("#"):
                whole, weak = line.startswith("= "), line.startswith("~ ") or intent in _SMALLTALK
                items = tuple(self._item(word) for word in line.removeprefix("= ").removeprefix("~ ").split())
                self.phrases.append(_Phrase(intent, items, whole, weak, rank))
        self.filler = self._item("@filler")
        self.near = _with_one_letter_less([*self.stems, *self.exact])

    def _item(self, item: str) -> int:
        if item in self._numbers:
            return self._numbers[item]
        number = self._numbers[item] = len(self._numbers)
        for word in self._expanded(item):
            if word.endswith("*"):
                self.stems[_skeleton(fold(word[:-1]))].add(number)
            else:
                self.exact[_TOKENS.get(word) or _skeleton(fold(word))].add(number)
        return number

    def _expanded(self, item: str) -> Iterator[str]:
        for part in item.split("|"):
            yield from self.lists[part] if part.startswith("@") else [part]

    def items_of(self, word: str) -> frozenset[int]:
        return frozenset(self._read_as(word) or self._slip_of(word))

    def _read_as(self, word: str) -> set[int]:
        found = set(self.exact.get(word, ()))
        for end in range(1, len(word) + 1):
            found |= self.stems.get(word[:end], set())
        return found

    def _slip_of(self, word: str) -> set[int]:
        """What a word stands for that is one letter wrong: left out, put in, replaced, or two swapped."""
        if len(word) < _FORGIVING_LENGTH:
            return set()
        for end in range(len(word), _FORGIVING_LENGTH - 2, -1):
            start = word[:end]
            for shorter in (start, *_shortened(start)):
                for known in self.near.get(shorter, ()):
                    if _one_slip_apart(start, known) and (known in self.stems or end == len(word)):
                        return self.stems.get(known) or self.exact[known]
        return set()


_TOKENS = {"NUMBER": _NUMBER, "DIGITS": _DIGITS}


def _with_one_letter_less(words: Iterable[str]) -> Mapping[str, list[str]]:
    near: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        if len(word) >= _FORGIVING_LENGTH:
            for shorter in {word, *_shortened(word)}:
                near[shorter].append(word)
    return near


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(1, len(word)))


def _one_slip_apart(typed: str, known: str) -> bool:
    at = 0
    while at < min(len(typed), len(known)) and typed[at] == known[at]:
        at += 1
    typed, known = typed[at:], known[at:]
    swapped = typed[1::-1] + typed[2:]
    return known in (typed[1:], swapped) or typed == known[1:] or typed[1:] == known[1:]


_LEXICON = _Lexicon((Path(__file__).parent / "phrases" / "intents.txt").read_text("utf-8").splitlines())


@lru_cache(maxsize=4096)
def _items_of(word: str) -> frozenset[int]:
    return _LEXICON.items_of(word)


# ── Fitting phrases to words ────────────────────────────────────────────────────────────────────────────────


class _Heard:
    """A message as words, and where in it each item stands."""

    def __init__(self, words: Sequence[str]) -> None:
        self.places: defaultdict[int, list[int]] = defaultdict(list)
        self.content: set[int] = set()
        for place, word in enumerate(words):
            items = _items_of(word)
            for item in items:
                self.places[item].append(place)
            if _LEXICON.filler not in items and (items or word.isalpha()):
                self.content.add(place)


def _intents(heard: _Heard) -> list[str]:
    """The intents that the words speak for, in the order of the words."""
    taken: dict[int, _Phrase] = {}
    for phrase, places in sorted(_fitting(heard), key=_strongest_first):
        if all(taken.get(place, phrase).intent == phrase.intent for place in places):
            taken.update(dict.fromkeys(places - taken.keys(), phrase))
    meant = [taken[place] for place in sorted(taken)]
    strong = dict.fromkeys(phrase.intent for phrase in meant if not phrase.weak)
    if strong:
        return list(strong)
    stray = len(heard.content - taken.keys())
    return [] if stray >= _STRAY_WORDS else [phrase.intent for phrase in meant[:1]]


def _strongest_first(fit: tuple[_Phrase, set[int]]) -> tuple[bool, bool, bool, int, int, int]:
    phrase, places = fit
    spread = max(places) - min(places)
    return not phrase.whole, phrase.weak, phrase.intent == _BROADEST, -len(phrase.items), spread, phrase.rank


def _fitting(heard: _Heard) -> Iterator[tuple[_Phrase, set[int]]]:
    said = set(heard.places)
    for item in said:
        for items, phrase in _PHRASES_BY_RAREST.get(item, ()):
            if items <= said and (places := _places(phrase, heard)):
                yield phrase, places


def _places(phrase: _Phrase, heard: _Heard) -> set[int]:
    """The places of the phrase's words; empty where it does not fit."""
    if phrase.whole:
        every = {place for item in phrase.items for place in heard.places[item]}
        return every if heard.content <= every else set()
    rarest, *others = sorted(phrase.items, key=lambda item: len(heard.places[item]))
    for anchor in heard.places[rarest]:
        places = {anchor}
        for item in others:
            free = [place for place in heard.places[item] if place not in places]
            if not free:
                break
            places.add(min(free, key=lambda place: abs(place - anchor)))
        else:
            if max(places) - min(places) <= _REACH:
                return places
    return set()


# What these name is a language, a script or a day, and no intent.
_NO_INTENTS = ("language.", "asked.", "script.", "day.")


def _by_rarest_item(phrases: Sequence[_Phrase]) -> Mapping[int, list[tuple[frozenset[int], _Phrase]]]:
    """Each phrase under that item of its that fewest phrases have, so that few are tried."""
    uses = Counter(item for phrase in phrases for item in phrase.items)
    index = defaultdict(list)
    for phrase in phrases:
        index[min(phrase.items, key=uses.__getitem__)].append((frozenset(phrase.items), phrase))
    return index


_PHRASES_BY_RAREST = _by_rarest_item(
    [phrase for phrase in _LEXICON.phrases if not phrase.intent.startswith(_NO_INTENTS)]
)


# ── Script, language and days ──────────────────────────────────────────────────────────────────────────────

_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[A-Za-zČĆĐŠŽčćđšž]")


def _script(text: str) -> Script:
    return "cyrl" if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else "latn"


def _language(heard: _Heard, script: Script) -> str | None:
    """The language asked for, else the one the words belong to."""
    asked: str | None = next(_named(heard, _ASKED), None)
    if asked:
        return asked
    if script == "cyrl":
        return "sr"
    for language, items in _SHOWN.items():
        shown = sum(len(heard.places[item]) for item in items & heard.places.keys())
        if shown * _SHARE[language] > len(heard.content):
            return language
    return None


def _named(heard: _Heard, items_of: Mapping[str, frozenset[int]]) -> Iterator[Any]:
    """Those of the names whose words are in the message."""
    return (name for name, items in items_of.items() if items & heard.places.keys())


def _language_items(kind: str) -> dict[str, frozenset[int]]:
    return {
        phrase.intent.removeprefix(kind): frozenset(phrase.items)
        for phrase in _LEXICON.phrases
        if phrase.intent.startswith(kind)
    }


_ASKED, _SHOWN = _language_items("asked."), _language_items("language.")
_SCRIPTS, _DAYS = _language_items("script."), _language_items("day.")

# One Croatian word in many is enough; English ones must be every other.
_SHARE = {"en": 2, "hr": 20}
