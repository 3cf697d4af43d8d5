"""Case numbers: what people type, what registers print, and the one key under which both meet.

A canonical key is ``[UP1 |UP2 ]g1-g2-…-gn/YYYY`` without leading zeros, with ``/?`` for an unknown year, or
``#111929`` for a barcode. What the groups mean (department, class, serial, sub-number) cannot be told from
the text; keys match by their sequence.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from telal.cases.folding import fold_with_separators, origins
from telal.cases.personal import JMBG, without_jmbg
from telal.cases.phones import phone_spans

Kind = Literal["full", "partial", "no_year", "ambiguous", "barcode", "foreign"]

_FIRST_YEAR = 1990
_LONGEST_GROUP = 7
_MOST_GROUPS = 7
_BARCODE_LENGTHS = frozenset({5, 6, 7})
_UNKNOWN_YEAR = "?"


@dataclass(frozen=True, slots=True)
class Reference:
    """A case number in a text. ``written`` is it as typed; ``keys`` are what it may mean, likeliest first.

    A ``foreign`` one is of another country's form and has no key.
    """

    written: str
    keys: tuple[str, ...]
    kind: Kind


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def find_references(
    text: str, *, year: int, barcode_lengths: frozenset[int] = frozenset({6})
) -> tuple[Reference, ...]:
    """The case numbers in a citizen's text, each once, in order. Never raises. ``year``: the present one."""
    folded = fold_with_separators(text)
    if not _DIGIT.search(folded):
        return ()
    folded = _SPOKEN_YEAR.sub(_slash, _without_other_numbers(folded))
    foreign: list[_Found] = [(*match.span(), (), "foreign") for match in _FOREIGN.finditer(folded)]
    own = _read(_repaired(_FOREIGN.sub(_blank, folded)), year, barcode_lengths)
    origin = origins(text)
    found: dict[tuple[str, ...], Reference] = {}
    for start, end, keys, kind in sorted([*foreign, *own]):
        found.setdefault(keys, Reference(text[origin[start] : origin[end - 1] + 1], keys, kind))
    return tuple(found.values())


def _slash(match: re.Match[str]) -> str:
    """As long as what it stands for: places in the text stay where they are."""
    return "/".center(len(match[0]))


def canonical_key(number: str, year: int) -> str | None:
    """The key of a number as a register writes it, or None where the grammar does not cover the whole of it.

    ``year`` is the present one: no number is from later than the year after it.
    """
    folded = _repaired(fold_with_separators(number))
    found = list(_read(folded, year, _BARCODE_LENGTHS))
    if len(found) != 1:
        return None
    start, end, keys, _ = found[0]
    return keys[0] if _LABEL.fullmatch(folded[:start] + folded[end:]) else None


_DIGIT = re.compile("[0-9]")

# Croatia's class and file number; Serbia's department in Roman numerals.
_FOREIGN = re.compile(
    r"(?:klasa|urbroj)[: ]{1,3}[0-9][0-9/-]{4,24}"
    r"|(?<![0-9a-z/-])[0-9]{3}-[0-9]{2}/[0-9]{2}-[0-9]{2,3}/[0-9]{1,4}(?![0-9/-])"
    r"|(?<![0-9a-z/-])[ivx]{1,4}(?:-[0-9]{1,6}){2,3}/[0-9]{4}(?![0-9/-])"
)
_LABEL = re.compile(r"\W*(?:(?:broj|br|predmet|akt|case|no)\W*)*(?:god(?:ine)?)?\W*")

# ``1847 iz 2024``, and ``1847 kroz 24`` as it is dictated.
_SPOKEN_YEAR = re.compile(r"(?<=[0-9]{2}) (?:iz (?=20[0-9]{2}(?![0-9]))|kroz (?=(?:20)?[0-9]{2}(?![0-9])))")

_UP = r"(?<![a-z0-9])u[pr] ?[-/.]? ?(?P<up>ii|[12il])(?: ?[-/.] ?| )(?:br(?:oj)?[.:]* ?)?"
_JOINT = r" {0,3}[-/]{1,2} {0,3}| {1,3}\. {1,3}|\. ?| {1,3}"
_GROUPS = rf"(?<![0-9])[0-9]+(?:(?:{_JOINT})[0-9]+)*+(?: ?/ ?(?P<unknown>\?))?"
_RUN = re.compile(rf"(?:{_UP})?(?P<groups>{_GROUPS})")
_JOINT_OR_GROUP = re.compile(rf"(?P<joint>{_JOINT})?(?P<group>[0-9]+)")


@dataclass(frozen=True, slots=True)
class _Group:
    """``joint`` is the separator before it; ``. `` might as well end a sentence."""

    joint: str
    digits: str
    start: int
    end: int


_Found = tuple[int, int, tuple[str, ...], Kind]


def _read(folded: str, year: int, barcode_lengths: frozenset[int]) -> Iterator[_Found]:
    for run in _RUN.finditer(folded):
        up = _UPS.get(run["up"] or "", "")
        pieces = list(_pieces(run, year))
        for piece in pieces:
            start = run.start() if piece is pieces[0] else piece[0].start
            end = run.end() if piece is pieces[-1] else piece[-1].end
            unknown_year = bool(run["unknown"]) and piece is pieces[-1]
            if _are_barcodes(piece, barcode_lengths):
                yield from (
                    (g.start, g.end, (f"#{g.digits}",), "barcode") for g in piece if _stands_alone(folded, g)
                )
            elif meaning := _meaning(piece, year, unknown_year):
                keys, kind = meaning
                yield start, end, tuple(up + key for key in keys), kind


_UPS = {"1": "UP1 ", "i": "UP1 ", "l": "UP1 ", "2": "UP2 ", "ii": "UP2 "}


def _pieces(run: re.Match[str], year: int) -> Iterator[list[_Group]]:
    """The run, cut where a number ends: a group too long, ``/year`` and a blank, a sentence's end."""
    groups = [
        _Group(match["joint"] or "", match["group"], match.start("group"), match.end())
        for match in _JOINT_OR_GROUP.finditer(run.string, run.start("groups"), run.end("groups"))
    ]
    dotted = all(group.joint == ". " for group in groups[1:-1]) and len(groups) > 3
    piece: list[_Group] = []
    for group in groups:
        if len(group.digits) > _LONGEST_GROUP:
            if piece:
                yield piece
            piece = []
            continue
        if piece and (
            (_ends_with_year(piece, year) and group.joint.endswith(" "))
            or (group.joint == ". " and not dotted)
        ):
            yield piece
            piece = []
        piece.append(group)
    if piece:
        yield piece


def _ends_with_year(piece: list[_Group], year: int) -> bool:
    return "/" in piece[-1].joint and len(piece) > 1 and _year(piece[-1].digits, year) is not None


def _are_barcodes(piece: list[_Group], lengths: frozenset[int]) -> bool:
    """Numbers of that length, with nothing but blanks between them."""
    return all(len(group.digits) in lengths and not group.joint.strip(" ") for group in piece)


def _stands_alone(folded: str, group: _Group) -> bool:
    return not (
        folded[group.start - 1 : group.start].isalpha() or folded[group.end : group.end + 1].isalpha()
    )


def _meaning(piece: list[_Group], year: int, unknown_year: bool) -> tuple[tuple[str, ...], Kind] | None:
    numbers = [group.digits.lstrip("0") or "0" for group in piece]
    if not 1 < len(piece) <= _MOST_GROUPS:
        return None
    base, last = numbers[:-1], piece[-1]
    this_year = _year(last.digits, year)
    if unknown_year:
        return (_key(numbers, _UNKNOWN_YEAR),), "no_year"
    if "/" in last.joint:
        this_year = this_year or (_short_year(last.digits) if len(base) > 1 else None)
        if this_year:
            return (_key(base, this_year),), "full" if len(base) >= 3 else "partial"
    elif this_year and (len(base) > 1 or _is_serial_and_year(piece)):
        return (_key(base, this_year), _key(numbers, _UNKNOWN_YEAR)), "ambiguous"
    return ((_key(numbers, _UNKNOWN_YEAR),), "no_year") if len(numbers) > 2 else None


def _key(groups: list[str], year: str) -> str:
    return f"{'-'.join(groups)}/{year}"


def _year(digits: str, present: int) -> str | None:
    """Two or four digits as a year between 1990 and the next one."""
    if len(digits) == 4:
        full = int(digits)
    elif len(digits) == 2:
        full = int(digits) + (1900 if digits >= "90" else 2000)
    else:
        return None
    return str(full) if _FIRST_YEAR <= full <= present + 1 else None


def _short_year(digits: str) -> str | None:
    """The municipality's own short form: 14-100/6 is of 2006."""
    return f"200{digits}" if len(digits) == 1 else None


def _is_serial_and_year(piece: list[_Group]) -> bool:
    """``1847-24`` may be a number; ``10-20`` (days) and ``100 20`` are not."""
    return piece[-1].joint.strip(" ") == "-" and len(piece[0].digits) > 2


# ── What is not a case number ───────────────────────────────────────────────────────────────────────────────

_DAY, _MONTH = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])"
_TIME = r"(?:[01]?[0-9]|2[0-4])[.:][0-5][0-9]"
_DATES = re.compile(
    rf"(?<![0-9]) (?<![0-9][-/.]) {_DAY} \.\ ? {_MONTH}"
    r"(?: \.\ ? (?:(?:19|20)[0-9]{2}|[0-9]{2}) (?![0-9]|\ ?/\ ?[0-9]|-[0-9]+/|\.[0-9]) \.?"
    r" | \. (?!\ ?[0-9]|\ ?/) )",
    re.VERBOSE,
)
_THIRTEEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{13}(?![0-9])")
_PIN = re.compile(
    r"(?<![a-z]) (?: pin(?:\ ?kod|om|a|u)? | (?:pristupn[a-z]+|access)\ (?:kod|code|sifr[aue]|broj) ) \b"
    r"(?:\ je|\ is)? [ :=.-]{0,3} ([0-9]{4,8}) (?![0-9/-])",
    re.VERBOSE,
)
_NOT_INSIDE = r"(?<![0-9])(?<![0-9][-/.])"
_LIST = r"[0-9]+(?:/[0-9]+)?(?:(?:, ?| i )[0-9]+(?:/[0-9]+)?(?![0-9/-]))*"
_GAZETTE = r"(?:sn|sg|nn|sl(?:\.|uzb[a-z]+) ?(?:novin|glasnik|list)[a-z]*)"
_AMOUNT = r"[0-9.,]{1,15}"
_CURRENCY = r"(?:(?:km|bam|eura?|marak[ae]|konvertibiln[a-z]+)(?![a-z])|€)"

# Parcels, articles, gazettes, opening hours, sums.
_OTHERS = (
    _PIN,
    re.compile(r"(?<![0-9a-z])k\.? ?c\.?(?: ?br(?:oj)?\.?)? ?" + _LIST),
    re.compile(r"\b(?:parcel|cestic)[a-z]*(?: br(?:oj)?\.?)? ?" + _LIST),
    re.compile(r"\bcl(?:an[a-z]*|\.)? ?" + _LIST),
    re.compile(rf"\b{_GAZETTE}[ a-z.,:\"-]{{0,25}}[0-9]+/{_LIST}"),
    re.compile(rf"{_NOT_INSIDE}{_TIME} ?- ?{_TIME}(?![0-9]| ?[-/.] ?[0-9])"),
    re.compile(rf"{_NOT_INSIDE}{_AMOUNT}(?:-{_AMOUNT})? ?{_CURRENCY}"),
    re.compile(rf"{_NOT_INSIDE}[0-9]{{1,3}}(?:\.[0-9]{{3}})*,[0-9]{{2}}(?![0-9])"),
)


def _without_other_numbers(folded: str) -> str:
    """Blank out, in this order, personal numbers, dates, telephones and the rest; places stay where they are."""
    folded = _THIRTEEN_DIGITS.sub(_blank, _DATES.sub(_blank, _without_personal_numbers(folded)))
    folded = _without_phones(folded)
    for other in _OTHERS:
        folded = other.sub(_blank, folded)
    return folded


def _without_phones(folded: str) -> str:
    for start, end, _ in list(phone_spans(folded)):
        folded = folded[:start] + "\0" * (end - start) + folded[end:]
    return folded


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match[0])


_LOOKALIKES = re.compile(r"(?<![a-z0-9])[oil]*[0-9][0-9oil]*(?![a-z0-9])")
_DIGITS_FOR = str.maketrans("oil", "011")


def _repaired(folded: str) -> str:
    """Letters typed for digits, in groups that hold at least one digit: ``o6-23-i847`` → ``06-23-1847``."""
    return _LOOKALIKES.sub(lambda match: match[0].translate(_DIGITS_FOR), folded)


def find_pin(text: str) -> str | None:
    """The access code from the slip, where the text names it as one."""
    match = _PIN.search(_without_personal_numbers(fold_with_separators(text)))
    return match[1] if match else None


# ── What nobody is to keep ──────────────────────────────────────────────────────────────────────────────────

# Letters and digits, after the name of the document that they are the number of.
_DOCUMENT = re.compile(
    r"\b(?:(?:licn|osobn)[a-z]{1,3}(?: (?:kart|iskaznic)[a-z]{1,3})?|l\.?k\.?|pasos[a-z]{0,3}|putovnic[a-z]{1,3}"
    r"|passport|id card|identity card|vozack[a-z]{1,3}(?: dozvol[a-z]{1,3})?)\b[^0-9\0]{0,30}?"
    r"(?<![a-z0-9/-])(?P<number>(?=(?:[a-z]*[0-9]){4})[a-z0-9]{7,9})(?![a-z0-9/-])"
)


def redact_personal_numbers(text: str) -> str:
    """The text with each JMBG replaced by ``[JMBG]``, and each number of an identity card or passport that is named as
    one by ``[ID]``."""
    folded = fold_with_separators(text)
    spans = sorted(_personal_spans(folded), reverse=True)
    if not spans:
        return text
    origin = [*origins(text), len(text)]
    for start, end, label in spans:
        text = text[: origin[start]] + label + text[origin[end - 1] + 1 :]
    return text


def _without_personal_numbers(folded: str) -> str:
    for start, end, _ in _personal_spans(folded):
        folded = folded[:start] + "\0" * (end - start) + folded[end:]
    return folded


def _personal_spans(folded: str) -> list[tuple[int, int, str]]:
    spans = [(*match.span(), "[JMBG]") for match in JMBG.finditer(folded)]
    if _DOCUMENT.search(folded):
        rest = _without_phones(without_jmbg(folded))
        spans += [(*match.span("number"), "[ID]") for match in _DOCUMENT.finditer(rest)]
    return spans


# ── Looking up ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Parts:
    up: str
    groups: tuple[str, ...]
    year: str


_CANONICAL = re.compile(r"(?:(UP[12]) )?([0-9]+(?:-[0-9]+)*)/([0-9]{4}|\?)")


def choose(reference: Reference, keys: Iterable[str]) -> tuple[str, ...]:
    """Which of the citizen's own ``keys`` the reference means: all hits of the first rule that has any."""
    own = tuple(keys)
    if exact := tuple(key for key in own if key in reference.keys):
        return exact
    asked = [parts for key in reference.keys if (parts := _parts(key))]
    known = [(key, parts) for key in own if (parts := _parts(key))]
    for same_year, rules in ((_same_year, _RULES), (_year_unknown, _RULES[:2] if len(asked) > 1 else _RULES)):
        for rule in rules:
            hits = (key for key, parts in known if any(same_year(a, parts) and rule(a, parts) for a in asked))
            if found := tuple(dict.fromkeys(hits)):
                return found
    return ()


def _parts(key: str) -> _Parts | None:
    match = _CANONICAL.fullmatch(key)
    return _Parts(match[1] or "", tuple(match[2].split("-")), match[3]) if match else None


def _same_year(asked: _Parts, known: _Parts) -> bool:
    return asked.year == known.year != _UNKNOWN_YEAR


def _year_unknown(asked: _Parts, known: _Parts) -> bool:
    return _UNKNOWN_YEAR in (asked.year, known.year)


def _identical(asked: _Parts, known: _Parts) -> bool:
    return asked.up == known.up and asked.groups == known.groups


def _other_prefix(asked: _Parts, known: _Parts) -> bool:
    return asked.groups == known.groups


def _other_act(asked: _Parts, known: _Parts) -> bool:
    """An act of this case, the case of this act, or another act of the same case."""
    asked_base, known_base = _base(asked.groups), _base(known.groups)
    return asked_base == known.groups or known_base == asked.groups or (asked_base == known_base != ())


def _base(groups: tuple[str, ...]) -> tuple[str, ...]:
    """The case of an act; empty where the last group is no sub-number: those are short and follow a serial."""
    return groups[:-1] if len(groups) > 2 and len(groups[-1]) <= 2 < len(groups[-2]) else ()


def _unit_missing(asked: _Parts, known: _Parts) -> bool:
    return known.groups[-len(asked.groups) :] == asked.groups


def _serial(asked: _Parts, known: _Parts) -> bool:
    return len(asked.groups) == 1 and (
        known.groups[-1:] == asked.groups or _base(known.groups)[-1:] == asked.groups
    )


_RULES: tuple[Callable[[_Parts, _Parts], bool], ...] = (
    _identical,
    _other_prefix,
    _other_act,
    _unit_missing,
    _serial,
)
