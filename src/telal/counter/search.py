"""From what was typed or scanned into the search box to cases."""

import re

from django.db.models import Q, QuerySet
from django.utils import timezone

from telal.cases.models import Case, number_key
from telal.cases.numbers import find_references
from telal.cases.phones import find_phones
from telal.notices.consents import find_invitation
from telal.sealing.known_keys import keyed_hash

MOST = 50

_SLIP = re.compile(r"/f/([\w-]+)/?\s*$")


def case_of_slip(text: str) -> Case | None:
    """The case of a slip, when its QR code was scanned into the box."""
    slip = _SLIP.search(text)
    invitation = find_invitation(slip[1]) if slip else None
    return invitation.consent.case if invitation else None


def find_cases(text: str) -> list[Case]:
    """Cases by number in any spelling, barcode, phone or part of the applicant's name; the latest change first."""
    text = text.replace("\0", "").strip()
    for wanted in (_exactly(text), _loosely(text), _by_name(text)):
        if wanted and (found := list(_listed(Case.objects.filter(wanted))[:MOST])):
            return found
    return []


def _listed(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("applicant", "officer", "department").order_by("-changed_at", "-id")


def _exactly(text: str) -> Q:
    keys = [key for reference in _references(text) for key in reference]
    wanted = Q(number_key__in=[*keys, number_key(text, timezone.localdate().year)]) | Q(barcode=text)
    wanted |= Q(barcode__in=[key.removeprefix("#") for key in keys if key.startswith("#")])
    phones = find_phones(text)
    return wanted | Q(applicant__phone_hash__in=map(keyed_hash, phones)) if phones else wanted


def _loosely(text: str) -> Q:
    """A number without its unit or its year, or its serial alone."""
    wanted = Q()
    for keys in _references(text):
        for key in keys:
            base, _, year = key.removeprefix("#").partition("/")
            wanted |= _ends_in(base, "" if year == "?" else year)
    return wanted | _ends_in(text, "") if text.isascii() and text.isdigit() else wanted


def _ends_in(base: str, year: str) -> Q:
    tail = f"{base}/{year}"
    return (
        Q(number_key__startswith=tail)
        | Q(number_key__contains=f"-{tail}")
        | Q(number_key__contains=f" {tail}")
    )


def _references(text: str) -> list[tuple[str, ...]]:
    return [reference.keys for reference in find_references(text, year=timezone.localdate().year)]


# Clerks leave out the hooks: "Hodzic" finds "Hodžić". Both cases are named, for not every collation folds them.
_SPELLINGS = {
    "c": "[cčćCČĆ]",
    "č": "[cčćCČĆ]",
    "ć": "[cčćCČĆ]",
    "s": "[sšSŠ]",
    "š": "[sšSŠ]",
    "z": "[zžZŽ]",
    "ž": "[zžZŽ]",
    "d": "[dđDĐ]",
    "đ": "(?:dj|DJ|Dj|[dđDĐ])",
}


def _by_name(text: str) -> Q:
    return every_word_in("applicant__name", text)


def every_word_in(field: str, text: str) -> Q:
    """Every word is part of the field, in any spelling. Empty for a text without letters."""
    wanted = Q()
    for word in re.findall(r"\w+", text.lower()):
        if not word.isdigit():
            pattern = word.replace("dj", "đ")
            spelt = "".join(_SPELLINGS.get(letter, letter) for letter in pattern)
            wanted &= Q(**{f"{field}__iregex": spelt})
    return wanted
