"""From what was typed or scanned into the search box to cases."""

import re
from heapq import nlargest
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from telal.cases.models import Applicant, Case, NameWord, Serial, number_key
from telal.cases.numbers import canonical_key, find_references
from telal.cases.phones import find_phones
from telal.cases.words import name_words
from telal.notices.consents import find_invitation
from telal.sealing.known_keys import keyed_hash

MOST = 25
LONGEST = 200
# Of so many people at most are cases looked for, and so many cases at most put in order.
_MOST_PEOPLE = 300
_MOST_HITS = 2000

_WITH_YEAR = ("full", "partial")
_SLIP = re.compile(r"/f/([\w-]+)/?\s*$")


def case_of_slip(text: str) -> Case | None:
    """The case of a slip, when its QR code was scanned into the box."""
    slip = _SLIP.search(text)
    invitation = find_invitation(slip[1]) if slip else None
    return invitation.consent.case if invitation else None


def is_number(text: str) -> bool:
    """Is this the number of a case and nothing else? What may be a telephone's is not."""
    year = timezone.localdate().year
    key = canonical_key(text, year)
    found = find_references(text, year=year)
    known = any(one.kind in _WITH_YEAR and key in one.keys for one in found)
    return known and not find_phones(text)


def find_cases(text: str) -> list[Case]:
    """Cases by number in any spelling, barcode, phone or the beginnings of the applicant's names; the latest change first.

    Every way leads through an index, and what a way finds too much of is cut off: whoever gets ``MOST`` says more.
    """
    text = text.strip()
    for look in (_exactly, _loosely, _by_name):
        wanted = look(text)
        if wanted and (found := _latest(wanted)):
            return found
    return []


def _latest(wanted: Q) -> list[Case]:
    """They are put in order here: a database that is asked to do it walks through all cases in that order."""
    hits = Case.objects.alias(serial=Serial("number_key")).filter(wanted).values_list("changed_at", "pk")
    latest = [pk for _, pk in nlargest(MOST, hits[:_MOST_HITS])]
    cases = Case.objects.select_related("applicant", "officer", "department").in_bulk(latest)
    return [cases[pk] for pk in latest]


def _exactly(text: str) -> Q:
    keys = [key for reference in _references(text) for key in reference]
    wanted = Q(number_key__in=[*keys, number_key(text, timezone.localdate().year)]) | Q(barcode=text)
    wanted |= Q(barcode__in=[key.removeprefix("#") for key in keys if key.startswith("#")])
    phones = find_phones(text)
    if not phones:
        return wanted
    people = Applicant.objects.filter(phone_hash__in=map(keyed_hash, phones))
    return wanted | _of(people.values_list("pk", flat=True))


def _of(people: QuerySet[Any, int]) -> Q:
    """Their cases. They are asked for first, by themselves: a database that joins can use the index of neither."""
    return Q(applicant__in=list(people[:_MOST_PEOPLE]))


def _loosely(text: str) -> Q:
    """A number without its unit or its year, or its serial alone."""
    wanted = Q()
    for keys in _references(text):
        for key in keys:
            base, _, year = key.removeprefix("#").partition("/")
            wanted |= _ends_in(base, "" if year == "?" else year)
    return wanted | _ends_in(text, "") if text.isascii() and text.isdigit() else wanted


def _ends_in(base: str, year: str) -> Q:
    serial = re.findall(r"[0-9]*$", base)[0]
    tail = f"{base}/{year}"
    return Q(serial=serial) & (
        Q(number_key__startswith=tail)
        | Q(number_key__contains=f"-{tail}")
        | Q(number_key__contains=f" {tail}")
    )


def _references(text: str) -> list[tuple[str, ...]]:
    return [reference.keys for reference in find_references(text, year=timezone.localdate().year)]


def _by_name(text: str) -> Q:
    """Every word begins a word of the name. Empty for a text without letters."""
    words = name_words(text)
    if not words:
        return Q()
    # The longest is the rarest: from it to the others.
    rarest, *others = sorted(words, key=len, reverse=True)
    people = NameWord.objects.filter(NameWord.beginning_with(rarest))
    for word in others:
        people = people.filter(
            applicant__in=NameWord.objects.filter(NameWord.beginning_with(word)).values("applicant")
        )
    return _of(people.values_list("applicant", flat=True))


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


def every_word_in(field: str, text: str) -> Q:
    """Every word is part of the field, in any spelling; for small tables. Empty for a text without letters."""
    wanted = Q()
    for word in re.findall(r"\w+", text.lower()):
        if not word.isdigit():
            pattern = word.replace("dj", "đ")
            spelt = "".join(_SPELLINGS.get(letter, letter) for letter in pattern)
            wanted &= Q(**{f"{field}__iregex": spelt})
    return wanted
