"""The statement of consent, ready to sign."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from telal.cases.models import Case
from telal.counter import papers
from telal.counter.access import may
from telal.counter.templatetags.counter import phone
from telal.counter.words import LANGUAGES
from telal.notices.consent_text import SCRIPTS, consent_text
from telal.notices.models import GivenAs


@dataclass(frozen=True, slots=True)
class Filled:
    """Who signs, and for what. What is not known is empty, to be written by hand. ``represents``: whose case, if not theirs."""

    name: str
    phone: str
    number: str
    language: str
    given_as: str = GivenAs.APPLICANT
    represents: str = ""


# The labels of what is filled in: name, phone, case, language of the messages, and on whose behalf.
_LABELS = {
    "bs_latn": {
        "name": "Ime i prezime",
        "phone": "Telefon",
        "number": "Predmet",
        "language": "Jezik poruka",
        GivenAs.ATTORNEY: "Punomoćnik stranke",
        GivenAs.GUARDIAN: "Zakonski zastupnik stranke",
    },
    "bs_cyrl": {
        "name": "Име и презиме",
        "phone": "Телефон",
        "number": "Предмет",
        "language": "Језик порука",
        GivenAs.ATTORNEY: "Пуномоћник странке",
        GivenAs.GUARDIAN: "Законски заступник странке",
    },
}
# As typst names the languages.
_TAGS = {"bs_latn": "bs", "bs_cyrl": "sr"}


@require_safe
@may("cases.see", of=Case)
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(Case.objects.select_related("applicant"), pk=pk)
    consent = case.consents.filter(given_as=GivenAs.APPLICANT).order_by("-id").first()
    filled = Filled(
        case.applicant.name, case.applicant.phone, case.number, consent.language if consent else "bs"
    )
    return show_statement(request, filled, request.GET.get("script", ""))


def show_statement(request: HttpRequest, filled: Filled, script: str) -> HttpResponse:
    """``script`` is one of ``SCRIPTS``; the first where it is none of them."""
    values = statement_values(filled, script if script in SCRIPTS else SCRIPTS[0])
    return papers.shown(papers.pdf("statement", papers.chosen(request), values), "izjava")


def statement_values(filled: Filled, script: str) -> dict[str, Any]:
    """What the paper says."""
    heading, *paragraphs = statement_text(script).split("\n\n")
    title, _, subtitle = heading.partition("\n")
    numbered = [led for paragraph in paragraphs if (led := _led(paragraph))[0]]
    return {
        "words": "sr" if script == "bs_cyrl" else "bs",
        "language": _TAGS[script],
        "title": title,
        "subtitle": subtitle,
        "filled": _filled(filled, _LABELS[script]),
        "paragraphs": numbered,
        "signing": [paragraph for paragraph in paragraphs if not _led(paragraph)[0]],
    }


def office(*, in_cyrillic: bool) -> dict[str, str]:
    """Who we are, as papers say it."""
    municipality = settings.TELAL_MUNICIPALITY
    written = _in_cyrillic if in_cyrillic else str
    return {
        "office": written(municipality["name"]),
        "address": written(municipality["address"]),
        "telephone": municipality["phone"],
    }


def statement_text(script: str) -> str:
    municipality = settings.TELAL_MUNICIPALITY
    ours = office(in_cyrillic=script == "bs_cyrl")
    return consent_text(
        script,
        municipality=ours["office"],
        address=ours["address"],
        contact=f"{municipality['phone']}, {municipality['email']}",
        dpo_contact=municipality["dpo"],
    )


_PAIRS = {"Lj": "Љ", "lj": "љ", "Nj": "Њ", "nj": "њ", "Dž": "Џ", "dž": "џ"}
_LETTERS = str.maketrans(
    "ABVGDĐEŽZIJKLMNOPRSTĆUFHCČŠabvgdđežzijklmnoprstćufhcčš",
    "АБВГДЂЕЖЗИЈКЛМНОПРСТЋУФХЦЧШабвгдђежзијклмнопрстћуфхцчш",
)


def _in_cyrillic(text: str) -> str:
    """The municipality's name or address; people's names stay as the register has them."""
    for latin, cyrillic in _PAIRS.items():
        text = text.replace(latin, cyrillic)
    return text.translate(_LETTERS)


def _led(paragraph: str) -> tuple[str, str]:
    """The heading of a numbered paragraph (``1. Ko obrađuje podatke.``) and the rest; no heading where there is no number."""
    numbered = re.match(r"[0-9]+\. [^.]+\.", paragraph)
    return (numbered[0], paragraph[numbered.end() :]) if numbered else ("", paragraph)


def _filled(filled: Filled, labels: dict[str, str]) -> list[tuple[str, str]]:
    lines = [
        (labels["name"], filled.name),
        (labels["phone"], phone(filled.phone)),
        (labels["number"], filled.number),
        (labels["language"], LANGUAGES.get(filled.language, "")),
    ]
    return [*lines, (labels[filled.given_as], filled.represents)] if filled.represents else lines
