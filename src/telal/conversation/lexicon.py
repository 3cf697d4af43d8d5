"""The words of a message, read leniently, and what each may stand for in the phrases of ``phrases/intents.txt``."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log
from pathlib import Path

from telal.cases.folding import fold, fold_with_separators
from telal.cases.numbers import Reference
from telal.cases.personal import without_jmbg
from telal.cases.phones import phone_spans

# Meant only where nothing else is.
SMALLTALK = ("smalltalk.greet", "smalltalk.thanks")

# What these sections name is a language, a script or a day, and no intent.
_NO_INTENTS = ("language.", "asked.", "script.", "day.")

# Shorter words are too alike to forgive a slip.
_FORGIVING_LENGTH = 5

# Nobody's word is longer; what reads words tries each of their beginnings.
_LONGEST_WORD = 40

# Two words run together have so many letters, the second of them so many.
_SHORTEST_PAIR, _SHORTEST_HALF = 6, 3

# More intents than there are; a word that all of them use says nothing.
_MOST_INTENTS = 30

# Small words, which every question has, speak no louder than this.
_MURMUR = 0.6


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────

NUMBER, _PHONE, _DIGITS = "\ue000", "\ue001", "#"
_TOKEN = re.compile("[a-z]+|[0-9][0-9./:-]*|[\U0001f300-\U0001faff❤\ue000\ue001]|[,.?!;()\n]")
_JAT = re.compile("ije(?=.)|(?<=[bcdfgkmprstvz])je")
_REPEATED = re.compile(r"(.)\1+")

# What begins another clause, and with it, maybe, another question.
PAUSES, CONJUNCTIONS = frozenset(",.?!;()\n"), frozenset(("i", "a", "pa", "te", "ili", "and", "or", "plus"))


def words_of(text: str, references: Iterable[Reference]) -> Iterator[str]:
    for reference in references:
        text = text.replace(reference.written, f" {NUMBER} ")
    folded = without_jmbg(fold_with_separators(text))
    for start, end, _ in reversed(list(phone_spans(folded))):
        folded = f"{folded[:start]} {_PHONE} {folded[end:]}"
    for token in _TOKEN.findall(folded):
        if token[0].isdigit():
            yield _DIGITS
        elif token[0].isalpha():
            yield from _read(token[:_LONGEST_WORD])
        else:
            yield token


def _skeleton(word: str) -> str:
    """The word without what people spell differently: ``rjesenje``, ``riješenje`` and ``resenje`` are one."""
    return _JAT.sub("e", _REPEATED.sub(r"\1", word)).replace("dj", "d")


@lru_cache(maxsize=4096)
def _read(token: str) -> tuple[str, ...]:
    """The word's skeleton, or those of the two that are run together in it: ``kadradite`` → ``kad``, ``radite``."""
    word = _skeleton(token)
    if len(word) >= _SHORTEST_PAIR and not LEXICON.read_as(word):
        for cut in range(len(word) - _SHORTEST_HALF, 1, -1):
            first, second = word[:cut], word[cut:]
            if first in LEXICON.exact and LEXICON.read_as(second):
                return first, second
    return (word,)


# ── The phrases ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Phrase:
    """``items`` are numbers of words and word lists, ``barred`` those that may not stand with it; ``rank`` is its line.

    ``whole``: counts only when nothing else is said; ``loud``: doubly; ``weak``: only when nothing else is meant.
    """

    intent: str
    items: tuple[int, ...]
    barred: frozenset[int]
    whole: bool
    loud: bool
    weak: bool
    rank: int


class _Lexicon:
    """The phrases of a file, and which of their items each word stands for."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lists: dict[str, list[str]] = {}
        self.phrases: list[Phrase] = []
        self.names: list[Phrase] = []
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
                kept = self.names if intent.startswith(_NO_INTENTS) else self.phrases
                kept.append(self._phrase(intent, line, rank))
        self.filler, self.asking = self._item("@filler"), self._item("@asking")
        self.no = self._item("ne|necu|nemoj|nemojte|not|dont")
        self.near = _with_one_letter_less([*self.stems, *self.exact])
        self._used_by: defaultdict[int, set[str]] = defaultdict(set)
        for phrase in self.phrases:
            for item in phrase.items:
                self._used_by[item].add(phrase.intent)

    def _phrase(self, intent: str, line: str, rank: int) -> Phrase:
        words = line.split()
        return Phrase(
            intent,
            items=tuple(self._item(word) for word in words if word[0] not in "=~+!"),
            barred=frozenset(self._item(word[1:]) for word in words if word[0] == "!"),
            whole=words[0] == "=",
            loud=words[0] == "+",
            weak=words[0] == "~" or intent in SMALLTALK,
            rank=rank,
        )

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

    def heard_as(self, word: str) -> tuple[frozenset[int], float]:
        """The items a word stands for, and how loud it speaks: the louder, the fewer intents use it."""
        items = frozenset(self.read_as(word) or self._slip_of(word))
        intents = {intent for item in items for intent in self._used_by[item]}
        loudness = log(_MOST_INTENTS / (1 + len(intents)))
        return items, min(loudness, _MURMUR) if self.filler in items else loudness

    def read_as(self, word: str) -> set[int]:
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


_TOKENS = {"NUMBER": NUMBER, "PHONE": _PHONE, "DIGITS": _DIGITS}


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


LEXICON = _Lexicon((Path(__file__).parent / "phrases" / "intents.txt").read_text("utf-8").splitlines())


@lru_cache(maxsize=4096)
def heard_as(word: str) -> tuple[frozenset[int], float]:
    return LEXICON.heard_as(word)
