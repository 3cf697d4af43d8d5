"""Telephone numbers: from whatever people write to E.164.

Without ``+`` or ``00`` a number is one of Bosnia and Herzegovina. What is valid is up to ``phonenumbers``.
"""

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from telal.cases.folding import fold_with_separators
from telal.cases.personal import without_jmbg

_HOME, _HOME_CODE = "BA", 387
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)

# The start decides: case numbers hardly begin so, and what follows a digit and a separator is inside of one.
_CANDIDATE = re.compile(
    r"""
    (?<![0-9a-z+]) (?<![0-9][-/.])
    (?: \+\ ?[1-9] | 00[1-9] | \(?0[3-9][0-9] | (?<![0-9]\ [-/.]\ )387 | 6[0-7](?=[0-9]{6,7}(?![0-9])) )
    (?: [ ()/.-]{0,3} [0-9] ){5,16}
    (?![0-9]) (?! [-/.][0-9] )
    """,
    re.VERBOSE,
)


def find_phones(text: str) -> tuple[str, ...]:
    """The telephone numbers in ``text``, as E.164, each once, in their order."""
    return tuple(dict.fromkeys(e164 for _, _, e164 in phone_spans(without_jmbg(fold_with_separators(text)))))


def phone_spans(folded: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, E.164) of each telephone number in a text folded with its separators."""
    at = 0
    while candidate := _CANDIDATE.search(folded, at):
        at = candidate.end()
        for end in _ends(candidate):
            number = _parsed(folded[candidate.start() : end])
            if number and (phonenumbers.is_valid_number(number) or _is_fixed(candidate[0], number)):
                yield candidate.start(), end, _e164(number)
                at = end
                break


def _is_fixed(typed: str, number: PhoneNumber) -> bool:
    """Blocks of fixed numbers are opened faster than the library learns of them."""
    national = str(number.national_number)
    return (
        typed[0] == "0" and number.country_code == _HOME_CODE and len(national) == 8 and national[0] in "35"
    )


def _ends(candidate: re.Match[str]) -> Iterator[int]:
    """Where the number may end: the words after it may be digits of something else."""
    end = candidate.end()
    while end > candidate.start():
        yield end
        end = candidate.string.rfind(" ", candidate.start(), end)


def normalise_phone(text: str) -> str:
    """A number typed into a field, as E.164; a foreign one needs ``+`` or ``00``. Raises ValueError."""
    number = _parsed(fold_with_separators(text))
    if number is None:
        raise ValueError("This is not a telephone number.")
    if not phonenumbers.is_possible_number(number):
        raise ValueError("The telephone number has too few or too many digits.")
    if number.country_code == _HOME_CODE and not phonenumbers.is_valid_number(number):
        raise ValueError("There is no such area or mobile code in Bosnia and Herzegovina.")
    return _e164(number)


def is_mobile(e164: str) -> bool:
    """May this number have a mobile phone, and so Viber, behind it?"""
    number = _parsed(e164)
    return number is not None and phonenumbers.number_type(number) in _MOBILE


def _parsed(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, _HOME)
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
