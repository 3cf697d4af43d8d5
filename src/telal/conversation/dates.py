"""Days of the year that a text names: ``25. novembra``, ``25.11.``, ``prvog maja``, ``25 November``. Pure."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from telal.cases.folding import fold

# Bosnian and Serbian, Croatian, English; folded, whole words.
_MONTHS = (
    "januar[au]?|january|jan|sijecanj|sijecnj[au]",
    "februar[au]?|february|feb|veljac[aeiu]",
    "mart[au]?|march|ozujak|ozujk[au]",
    "april[au]?|travanj|travnj[au]",
    "maj[au]?|may|svibanj|svibnj[au]",
    "jun[aiu]?|junij[au]|june|lipanj|lipnj[au]",
    "jul[aiu]?|julij[au]|july|srpanj|srpnj[au]",
    "avgust[au]?|august[au]?|aug|kolovoz[au]?",
    "septemb(?:ar|er|r[au])|sept?|rujan|rujn[au]",
    "oktob(?:ar|er|r[au])|okt|october|oct|listopad[au]?",
    "novemb(?:ar|er|r[au])|nov|studen(?:i|oga?|om)",
    "decemb(?:ar|er|r[au])|dec|prosinac|prosinc[au]",
)
_ORDINALS = {"prv": 1, "drug": 2, "trec": 3, "devet": 9}
_ORDINAL = "|".join(_ORDINALS)
_NAMED = "|".join(f"(?P<m{number}>{names})" for number, names in enumerate(_MONTHS, 1))
_DATE = re.compile(
    rf"(?<![0-9./-])(?:(?P<day>[0-9]{{1,2}})(?:\.|og|st|nd|rd|th)?|(?P<ordinal>{_ORDINAL})(?:og|i|eg|oga|ega))\s{{0,3}}"
    rf"(?:(?P<month>[0-9]{{1,2}})(?:\.|(?![0-9/:-]))|(?:{_NAMED})(?![a-z]))"
    r"\s{0,3}(?P<year>20[0-9]{2})?(?![0-9/-]|\.[0-9])"
)
_DOTTED = re.compile(r"[0-9]\s?\.\s?[0-9]")


def dates_in(text: str) -> tuple[tuple[int, int, int | None], ...]:
    """(month, day, year), the year None where it is not said; each once, in order. Never raises."""
    return tuple(dict.fromkeys(_dates(fold(text))))


def next_of(today: date, named: tuple[int, int, int | None]) -> date:
    """That day of that year; else the next one, today included."""
    month, day, year = named
    if year:
        return _on(year, month, day)
    this_year = _on(today.year, month, day)
    return this_year if this_year >= today else _on(today.year + 1, month, day)


def _dates(folded: str) -> Iterator[tuple[int, int, int | None]]:
    for found in _DATE.finditer(folded):
        month = next((n for n in range(1, 13) if found[f"m{n}"]), 0)
        if not month and not _DOTTED.search(found[0]):
            continue  # two numbers side by side are no date
        month = month or int(found["month"])
        day = int(found["day"]) if found["day"] else _ORDINALS[found["ordinal"]]
        year = int(found["year"]) if found["year"] else None
        if 1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]:
            yield month, day, year


def _on(year: int, month: int, day: int) -> date:
    """29 February is the 28th where there is none."""
    return date(year, month, min(day, monthrange(year, month)[1]))
