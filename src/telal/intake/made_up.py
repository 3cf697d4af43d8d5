"""People, numbers and consents for data that has none: believable, and the same for the same case every time.

For demonstrations and tests only. A mapping asks for them with ``{ made_up = "…" }``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

# Mobile prefixes with six digits behind them.
_MOBILE_PREFIXES = ("+38761", "+38762", "+38763", "+38765", "+38766")


@dataclass(frozen=True, slots=True)
class MadeUp:
    """What is picked from. ``number`` is a template with ``{serial}`` (the digits of the case's id) and ``{year}``;
    ``consent_share`` is the part of the people who agreed, from 0 to 1.
    """

    number: str = ""
    first_names: tuple[str, ...] = ()
    last_names: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    consent_share: float = 0.0

    def value(self, what: str, ref: str, year: int) -> str:
        """One of ``MAKERS`` for the case ``ref`` of this ``year``. Raises ValueError where the id does not serve."""
        return MAKERS[what](self, ref, year)


def _number(lists: MadeUp, ref: str, year: int) -> str:
    serial = "".join(filter(str.isdecimal, ref)).lstrip("0")
    if not 1 <= len(serial) <= 7:
        raise ValueError("no number can be made up: the case's id needs one to seven digits")
    return lists.number.format(serial=serial, year=year)


def _applicant(lists: MadeUp, ref: str, _: int) -> str:
    return f"{_pick(lists.first_names, ref, 'first name')} {_pick(lists.last_names, ref, 'last name')}"


def _phone(_: MadeUp, ref: str, __: int) -> str:
    return f"{_pick(_MOBILE_PREFIXES, ref, 'prefix')}{100_000 + _chance(ref, 'phone') % 900_000}"


def _subject(lists: MadeUp, ref: str, _: int) -> str:
    return _pick(lists.subjects, ref, "subject")


def _institution(lists: MadeUp, ref: str, _: int) -> str:
    return _pick(lists.institutions, ref, "institution")


def _consent(lists: MadeUp, ref: str, _: int) -> str:
    return "da" if _chance(ref, "consent") < lists.consent_share * 2**64 else "ne"


MAKERS: dict[str, Callable[[MadeUp, str, int], str]] = {
    "number": _number,
    "applicant": _applicant,
    "phone": _phone,
    "subject": _subject,
    "institution": _institution,
    "consent": _consent,
}


def _pick(choices: Sequence[str], ref: str, what: str) -> str:
    return choices[_chance(ref, what) % len(choices)]


def _chance(ref: str, what: str) -> int:
    """A number from 0 to 2^64 that only depends on the case and on what is asked."""
    return int.from_bytes(sha256(f"{what} of {ref}".encode()).digest()[:8])
