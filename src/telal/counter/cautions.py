"""Before a text leaves: does it name the applicant, or give a number or an address away? Pure: texts in, kinds of data out.

A caution stops nobody. A street may belong into a subject; whoever sends it has only to have seen it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from telal.cases.folding import fold
from telal.cases.numbers import redact_personal_numbers
from telal.cases.phones import find_phones

Kind = Literal["personal_number", "id_number", "phone", "name", "address"]

_THIRTEEN_DIGITS = re.compile(r"(?<!\d)\d{13}(?!\d)")
# A word for a street, a name of one or some words, and a number: ``ul. Safvet-bega Bašagića 12/a``.
_ADDRESS = re.compile(
    r"\b(?:ul\.|ul\b|ulic[aeiu]\b|sokak\b|sokaku\b|naselje\b|trg\b|put\b|bulevar\b|aleja\b|brig\b)"
    r"(?:\s*[^\W\d_][\w'’.-]*){1,5}\s*(?:br\.?|broj)?\s*\d+"
    r"|\b(?:adresa|stanuje|nastanjen[ai]?)\b"
)
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Caution:
    """``field`` is which text it stands in."""

    field: str
    kind: Kind


def cautions(texts: Mapping[str, str], applicant: str) -> tuple[Caution, ...]:
    """What these texts, by the name of their field, say that had better not lie on a screen."""
    return tuple(
        Caution(field, kind)
        for field, text in texts.items()
        for kind, stands_in in _KINDS.items()
        if text and stands_in(text, applicant)
    )


def _has_personal_number(text: str, _: str) -> bool:
    return "[JMBG]" in redact_personal_numbers(text) or bool(_THIRTEEN_DIGITS.search(text))


def _has_id_number(text: str, _: str) -> bool:
    return "[ID]" in redact_personal_numbers(text)


def _has_phone(text: str, _: str) -> bool:
    return bool(find_phones(text))


def _names(text: str, applicant: str) -> bool:
    """All words of the name, in any order: a surname alone is many people's."""
    name = {word for word in _words(applicant) if len(word) >= _SHORTEST_NAME}
    return len(name) > 1 and name <= _words(text)


def _has_address(text: str, _: str) -> bool:
    return bool(_ADDRESS.search(fold(text)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))


_KINDS: Mapping[Kind, Callable[[str, str], bool]] = {
    "personal_number": _has_personal_number,
    "id_number": _has_id_number,
    "phone": _has_phone,
    "name": _names,
    "address": _has_address,
}
