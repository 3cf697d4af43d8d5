"""Holidays in the Federation: what is off by law, and what the staff may declare off. Names and movable dates from ``holidays``.

Off by law are 1 and 2 January, 1 March, 1 and 2 May and 25 November. When one of the two days of New Year or of May falls on a
Sunday, the day after the two is off as well; no such rule for the others. Religious holidays are worked, unless the municipality
closes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from telal.cases.latin import to_latin
from telal.cases.office import Holiday

_SUBDIVISION = "BIH"
_BY_LAW = {(1, 1), (1, 2), (3, 1), (5, 1), (5, 2), (11, 25)}
_PAIRS = ((1, 1), (5, 1))
_SUNDAY = 6

# Our languages as the library calls them. Croatian has the Bosnian names; Serbian is ekavian there.
_LIBRARY = {"bs": "bs", "hr": "bs", "sr": "sr", "en": "en_US"}
_IJEKAVIAN = {"понедељак": "понедјељак"}


def calendar(years: tuple[int, ...], choices: Mapping[date, bool]) -> dict[date, Holiday]:
    """All holidays of these years; ``choices`` tells of those about which the staff have decided whether they are worked."""
    return {
        day: replace(holiday, is_off=not choices[day]) if day in choices else holiday
        for year in years
        for day, holiday in holidays_of(year).items()
    }


@cache
def holidays_of(year: int) -> Mapping[date, Holiday]:
    """Every holiday of the year, in order."""
    named = {language: _names(year, code) for language, code in _LIBRARY.items()}
    days = {
        day: Holiday(day, _in_all_languages(named, day), (day.month, day.day) in _BY_LAW)
        for day in named["bs"]
    }
    for month, first in _PAIRS:
        pair = [date(year, month, first), date(year, month, first + 1)]
        # The library knows a few centuries.
        if pair[0] in days and _SUNDAY in (day.weekday() for day in pair):
            after = date(year, month, first + 2)
            days[after] = Holiday(after, days[pair[0]].names, is_off=True)
    return dict(sorted(days.items()))


def _names(year: int, language: str) -> dict[date, str]:
    # With it come the holidays of all countries: a sixth of what a command takes to start.
    from holidays.countries.bosnia_and_herzegovina import BosniaAndHerzegovina

    found = BosniaAndHerzegovina(
        years=year, subdiv=_SUBDIVISION, observed=False, language=language, islamic_show_estimated=False
    )
    return {day: name.replace("; ", ", ") for day, name in found.items()}


def _in_all_languages(named: Mapping[str, Mapping[date, str]], day: date) -> dict[str, str]:
    names = {language: of_language[day] for language, of_language in named.items()}
    for ekavian, ijekavian in _IJEKAVIAN.items():
        names["sr"] = names["sr"].replace(ekavian, ijekavian)
    return {**names, "sr-Latn": to_latin(names["sr"])}
