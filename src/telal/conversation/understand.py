"""What a citizen means by a message: intents, case numbers, telephones.

Phrases are data (``phrases/intents.txt``). A phrase fits where all its words stand near each other, in any order; the fewer
intents use its words, the louder it speaks. The loudest go first, and another one counts only with words of its own that
ask something else, so two questions in one message are two intents and one question is one. Where the phrases are quiet or
doubtful, what people meant before (``utterances.tsv``) decides, if it is sure enough. Nothing sure is ``unclear``: asking
back is better than guessing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from telal.cases.numbers import Reference, find_pin, find_references, redact_personal_numbers
from telal.cases.phones import find_phones
from telal.conversation.dates import dates_in
from telal.conversation.examples import Examples
from telal.conversation.lexicon import (
    CONJUNCTIONS,
    LEXICON,
    NUMBER,
    PAUSES,
    SMALLTALK,
    Phrase,
    heard_as,
    words_of,
)

Script = Literal["latn", "cyrl"]

# What every question about a case is, unless a phrase as loud makes it a narrower one.
_BROADEST, _BROADEST_SHARE = "status.mine", 0.8

# Viber's own limit.
_LONGEST_MESSAGE = 7000

# A weak phrase says nothing about a message with this many other words.
_STRAY_WORDS = 2

# Words of one phrase stand no further apart than this.
_REACH = 8

# A sentence's end holds words apart, a comma does not.
_SENTENCE_PAUSE = 3
_PAUSE_LENGTH = {",": 0}

# What a phrase bars bars it this near.
_BESIDE = 2

# A second question speaks at least so loud.
_QUIET = 2.0

# Whoever scolds may ask something in the same breath.
_SCORN = "abuse"

# What a single word decides, whatever the rest resembles.
_FIRM = ("status.other_person", "status.history")

# How sure the examples must be where no phrase fits: beside a number more, since that is a question by itself.
_SURE, _SURE_OF_A_NUMBER = 0.8, 0.9

# And where phrases fit, less loud than this; louder ones need no second opinion.
_LOUDEST = 4.5
_SURE_AGAINST = ((3.0, 0.97), (_LOUDEST, 0.995))

# In a story of more words than this, some phrase fits by chance: each speaks so much less loud.
_LONG_STORY, _DIN = 20, 1.5

# On these something is done at once or prepared: resemblance alone must be strong, and a phrase is always believed.
_ACTS = ("notify.unsubscribe", "privacy.delete", "link.case", "phone.change")
_SURE_TO_ACT = 0.9

# A question that messages like this one never ask is none, although there is a phrase for it.
_NEVER = 1e-7

# What a phrase loses for each further clause it needs.
_ACROSS = 1.5


@dataclass(frozen=True, slots=True)
class Understood:
    """``pin`` is the slip's access code: never echo or log it.

    ``language`` is ``bs``, ``hr``, ``sr`` (Cyrillic), ``sr-Latn`` or ``en`` where the text asks for it or shows it, else None;
    ``asked_language`` and ``asked_script`` are what it asks for. ``days`` are those it names: ``today``, ``tomorrow``,
    ``after_tomorrow``, ``mon`` … ``sun``, ``weekend``, ``holiday``; ``dates`` as in ``dates_in``. ``has_personal_number``: there
    is a JMBG, or the number of an identity card or passport, in it.
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
    dates: tuple[tuple[int, int, int | None], ...] = ()


def understand(text: str, *, year: int) -> Understood:
    """What the citizen means by ``text``, of which no more is read than a message may hold; never raises.

    ``year`` is the present one.
    """
    text = text[:_LONGEST_MESSAGE]
    references, pin = _without_pin(text, find_references(text, year=year), find_pin(text))
    words = tuple(words_of(text, references))
    heard = _Heard(words)
    asked_language, asked_script = _asked_language(heard), _asked_script(heard)
    return Understood(
        intents=_about(_intents(heard, words), references, pin),
        references=references,
        phones=find_phones(text),
        pin=pin,
        script=(script := _script(text)),
        language=_language_asked_for(asked_language, asked_script) or _language_shown(heard, script),
        asked_language=asked_language,
        asked_script=asked_script,
        days=tuple(day for day, items in _DAYS.items() if items & heard.said),
        has_personal_number=redact_personal_numbers(text) != text,
        dates=dates_in(text),
    )


def to_json(understood: Understood) -> dict[str, object]:
    """What ``telal understand`` prints."""
    return {
        "intents": list(dict.fromkeys(_outside(understood, intent) for intent in understood.intents)),
        "cases": list(dict.fromkeys(key for reference in understood.references for key in reference.keys)),
        "phones": list(understood.phones),
        "script": understood.script,
    }


def _outside(understood: Understood, intent: str) -> str:
    """The interface has one name for what our bot tells apart."""
    if intent == "status.history" and understood.references:
        return "status.by_number"
    return _NAMED_OUTSIDE.get(intent, intent)


_NAMED_OUTSIDE = {
    "status.history": "status.mine",
    "notify.end_one": "notify.unsubscribe",
    "erase.confirm": "privacy.delete",
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
    if references and not set(intents) - set(SMALLTALK):
        intents = ["status.by_number"]
    part_of_another = {part for intent in intents for part in _PARTS.get(intent, ())}
    return tuple(dict.fromkeys(i for i in intents if i not in part_of_another)) or ("unclear",)


_STATUS = ("status.mine", "status.by_number")

# When to come for the decision is no question for the opening hours.
_PART_OF_A_CLAUSE = {"office.hours": "decision.pickup"}

# What is no question of its own beside the other: how many days there are to appeal.
_PARTS = {
    "status.other_person": _STATUS,
    "appeal.how": ("deadline.when", *_STATUS),
    "human.handover": ("help.menu",),
}


# ── Fitting phrases to words ────────────────────────────────────────────────────────────────────────────────


class _Heard:
    """A message as words, and where in it each item stands."""

    def __init__(self, words: Iterable[str]) -> None:
        self._items: dict[int, frozenset[int]] = {}
        self._places: dict[int, list[int]] = {}
        self.content: set[int] = set()
        self.clauses: dict[int, int] = {}
        self.loudness: dict[int, float] = {}
        self.numbers: set[int] = set()
        place = clause = 0
        for word in words:
            clause += word in PAUSES or word in CONJUNCTIONS
            if word in PAUSES:
                place += _PAUSE_LENGTH.get(word, _SENTENCE_PAUSE)
                continue
            items, self.loudness[place] = heard_as(word)
            self._items[place] = items
            self.clauses[place] = clause
            if word == NUMBER:
                self.numbers.add(place)
            if LEXICON.filler not in items and (items or word.isalpha()):
                self.content.add(place)
            place += 1
        self.said = frozenset().union(*self._items.values())

    def places(self, item: int) -> list[int]:
        if item not in self._places:
            self._places[item] = [place for place, items in self._items.items() if item in items]
        return self._places[item]

    def loudness_of(self, places: Collection[int]) -> float:
        """Words of one clause belong together; those of several, less."""
        loudness = sum(self.loudness[place] for place in places)
        return loudness - _ACROSS * (len(self.clauses_of(places)) - 1)

    def clauses_of(self, places: Iterable[int]) -> set[int]:
        return {self.clauses[place] for place in places}


@dataclass(frozen=True, slots=True)
class _Fit:
    """A phrase and the places of its words."""

    phrase: Phrase
    places: frozenset[int]
    loudness: float


def _intents(heard: _Heard, words: Sequence[str]) -> list[str]:
    """The intents that the phrases speak for, in the order of the words; where they are quiet, what people meant before."""
    meant = _meant(heard)
    strong = [fit for fit in meant if not fit.phrase.weak]
    stray = heard.content.difference(*(fit.places for fit in meant))
    weak = [fit.phrase.intent for fit in meant[:1]] if len(stray) < _STRAY_WORDS else []
    if strong:
        return _confirmed(strong, words)
    if weak and weak[0] in SMALLTALK:
        return weak
    return _resembled(words, _SURE_OF_A_NUMBER if heard.numbers else _SURE, otherwise=weak)


def _confirmed(strong: Sequence[_Fit], words: Sequence[str]) -> list[str]:
    """What the phrases say, unless the examples know better."""
    intents = list(dict.fromkeys(fit.phrase.intent for fit in strong))
    if len(intents) > 1:
        sureness = _EXAMPLES.sureness(words)
        believed = {fit.phrase.intent for fit in strong if fit.loudness > _LOUDEST} | set(_ACTS)
        asked = [i for i in intents if i in believed or sureness.get(_SAME_QUESTION.get(i, i), 1) > _NEVER]
        intents = asked or intents
    if any(fit.phrase.whole or fit.phrase.loud or fit.phrase.intent in _FIRM for fit in strong):
        return intents
    loudest = max(fit.loudness for fit in strong) / (_DIN if len(words) > _LONG_STORY else 1)
    enough = next((enough for limit, enough in _SURE_AGAINST if loudest < limit), None)
    return _resembled(words, enough, otherwise=intents) if enough else intents


def _resembled(words: Sequence[str], enough: float, *, otherwise: list[str]) -> list[str]:
    sureness = _EXAMPLES.sureness(words)
    likely = next(iter(sureness), "unclear")
    if likely in otherwise or sureness.get(likely, 0) < (
        max(enough, _SURE_TO_ACT) if likely in _ACTS else enough
    ):
        return otherwise
    return [] if likely == "unclear" else [likely]


def _meant(heard: _Heard) -> list[_Fit]:
    """The loudest phrases, and the others that speak of something else."""
    meant: list[_Fit] = []
    for fit in sorted(_fitting(heard), key=_strongest_first):
        if all(_goes_with(fit, other, heard) for other in meant):
            meant.append(fit)
    asked = [fit for fit in meant if not _is_part(fit, meant, heard)]
    return sorted(asked, key=lambda fit: min(fit.places))


def _is_part(fit: _Fit, meant: Iterable[_Fit], heard: _Heard) -> bool:
    """Is it, in its clause, no question of its own?"""
    return any(
        other.phrase.intent == _PART_OF_A_CLAUSE.get(fit.phrase.intent)
        and heard.clauses_of(fit.places) <= heard.clauses_of(other.places)
        for other in meant
    )


def _goes_with(fit: _Fit, stronger: _Fit, heard: _Heard) -> bool:
    if fit.phrase.intent == stronger.phrase.intent:
        return fit.places.isdisjoint(stronger.places)
    return _apart_from(fit, stronger, heard)


def _apart_from(fit: _Fit, stronger: _Fit, heard: _Heard) -> bool:
    """Is it another question? It is in another clause, or asks with words of its own before or after the stronger one's."""
    mine, theirs = fit.places - heard.numbers, stronger.places - heard.numbers
    if mine & theirs or fit.loudness < _QUIET:
        return False
    if (
        stronger.phrase.intent == _SCORN
        or not mine
        or not theirs
        or heard.clauses_of(mine).isdisjoint(heard.clauses_of(theirs))
    ):
        return True
    asks = fit.phrase.intent != _BROADEST and not mine.isdisjoint(heard.places(LEXICON.asking))
    return asks and len(mine) > 1 and (max(mine) < min(theirs) or max(theirs) < min(mine))


def _strongest_first(fit: _Fit) -> tuple[bool, bool, float, int, int]:
    phrase = fit.phrase
    loudness = fit.loudness * (_BROADEST_SHARE if phrase.intent == _BROADEST else 1 + phrase.loud)
    spread = max(fit.places) - min(fit.places)
    return not phrase.whole, phrase.weak, -loudness, spread, phrase.rank


def _fitting(heard: _Heard) -> Iterator[_Fit]:
    for item in heard.said & _PHRASES_BY_RAREST.keys():
        for items, phrase in _PHRASES_BY_RAREST[item]:
            if (
                items <= heard.said
                and (places := _places(phrase, heard))
                and not _barred(phrase, places, heard)
            ):
                yield _Fit(phrase, frozenset(places), heard.loudness_of(places))


def _barred(phrase: Phrase, places: set[int], heard: _Heard) -> bool:
    first, last = min(places) - _BESIDE, max(places) + _BESIDE
    return any(
        first <= place <= last and place not in places
        for item in phrase.barred & heard.said
        for place in heard.places(item)
    )


def _places(phrase: Phrase, heard: _Heard) -> set[int]:
    """The places of the phrase's words; empty where it does not fit."""
    if phrase.whole:
        every = {place for item in phrase.items for place in heard.places(item)}
        return every if heard.content <= every else set()
    rarest, *others = sorted(phrase.items, key=lambda item: len(heard.places(item)))
    for anchor in heard.places(rarest):
        places = {anchor}
        for item in others:
            free = [place for place in heard.places(item) if place not in places]
            if not free:
                break
            places.add(min(free, key=lambda place: abs(place - anchor)))
        else:
            if max(places) - min(places) <= _REACH:
                return places
    return set()


# ── What people meant before ────────────────────────────────────────────────────────────────────────────────

# Whose case it is decides who asks, not how.
_SAME_QUESTION = {"status.by_number": "status.mine", "status.history": "status.mine"}


def _examples() -> Iterator[tuple[tuple[str, ...], str]]:
    for line in (Path(__file__).parent / "utterances.tsv").read_text("utf-8").splitlines():
        text, intent, part = line.split("\t")
        if part == "tune" and "," not in intent:
            words = tuple(words_of(text, find_references(text, year=_ANY_YEAR)))
            yield words, _SAME_QUESTION.get(intent, intent)


_ANY_YEAR = 2026
_MEANT_BEFORE = tuple(_examples())
_EXAMPLES = Examples(_MEANT_BEFORE)


def _by_rarest_item(phrases: Iterable[Phrase]) -> Mapping[int, list[tuple[frozenset[int], Phrase]]]:
    """Each phrase under that item of its that people say most rarely, so that few are tried."""
    uses = Counter(item for words, _ in _MEANT_BEFORE for word in words for item in heard_as(word)[0])
    index = defaultdict(list)
    for phrase in phrases:
        index[min(phrase.items, key=uses.__getitem__)].append((frozenset(phrase.items), phrase))
    return index


_PHRASES_BY_RAREST = _by_rarest_item(LEXICON.phrases)


# ── Script, language and days ───────────────────────────────────────────────────────────────────────────────

_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[A-Za-zČĆĐŠŽčćđšž]")


def _script(text: str) -> Script:
    return "cyrl" if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else "latn"


def _asked_language(heard: _Heard) -> str | None:
    return next((language for language, items in _ASKED.items() if _is_wanted(items, heard)), None)


def _asked_script(heard: _Heard) -> Script | None:
    """Who does not read Cyrillic asks for Latin."""
    if _is_wanted(_CYRILLIC_NAMED, heard):
        return "cyrl"
    return "latn" if (_CYRILLIC_NAMED | _LATIN_NAMED) & heard.said else None


def _is_wanted(items: frozenset[int], heard: _Heard) -> bool:
    """Is it named, and not only as what they do not read?"""
    if not items & heard.said:
        return False
    refused = {after + place for place in heard.places(LEXICON.no) for after in (1, 2, 3)}
    return any(place not in refused for item in items for place in heard.places(item))


def _language_asked_for(language: str | None, script: Script | None) -> str | None:
    """A script by itself is Serbian's."""
    if language in (None, "sr") and script:
        return "sr" if script == "cyrl" else "sr-Latn"
    return language


def _language_shown(heard: _Heard, script: Script) -> str | None:
    """The language that the words belong to."""
    if script == "cyrl":
        return "sr"
    for language, items in _SHOWN.items():
        shown = sum(len(heard.places(item)) for item in items & heard.said)
        if shown * _SHARE[language] > len(heard.content):
            return language
    return None


def _items_named(kind: str) -> dict[str, frozenset[int]]:
    return {
        phrase.intent.removeprefix(kind): frozenset(phrase.items)
        for phrase in LEXICON.names
        if phrase.intent.startswith(kind)
    }


_ASKED, _SHOWN, _DAYS = (_items_named(kind) for kind in ("asked.", "language.", "day."))
_CYRILLIC_NAMED, _LATIN_NAMED = _items_named("script.")["cyrl"], _items_named("script.")["latn"]

# One Croatian word in many is enough; English ones must be every other.
_SHARE = {"en": 2, "hr": 20}
