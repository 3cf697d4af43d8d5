"""The statement of consent, ready to sign."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from telal.cases.models import Case
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.words import LANGUAGES
from telal.notices.consent_text import SCRIPTS, consent_text, current_version


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs, and for what. What is not known is empty, to be written by hand."""

    name: str
    phone: str
    number: str
    language: str


# The labels of what is filled in: name, phone, case, language of the messages.
_LABELS = {
    "bs_latn": ("Ime i prezime", "Telefon", "Predmet", "Jezik poruka"),
    "bs_cyrl": ("Име и презиме", "Телефон", "Предмет", "Језик порука"),
}


@require_safe
@may("cases.see", of=Case)
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(Case.objects.select_related("applicant"), pk=pk)
    consent = case.consents.order_by("-id").first()
    signatory = Signatory(
        case.applicant.name, case.applicant.phone, case.number, consent.language if consent else "bs"
    )
    return show_statement(request, signatory, request.GET.get("script", ""))


def show_statement(request: HttpRequest, signatory: Signatory, script: str) -> HttpResponse:
    """``script`` is one of ``SCRIPTS``; the first where it is none of them."""
    script = script if script in SCRIPTS else SCRIPTS[0]
    heading, *paragraphs = statement_text(script).split("\n\n")
    title, _, subtitle = heading.partition("\n")
    return page(
        request,
        "statement.html",
        {
            "title": title,
            "subtitle": subtitle,
            "paragraphs": [_led(paragraph) for paragraph in paragraphs],
            "filled": _filled(signatory, script),
            "signatory": signatory,
            "script": script,
            "version": current_version(),
        },
    )


def statement_text(script: str) -> str:
    municipality = settings.TELAL_MUNICIPALITY
    written = _in_cyrillic if script == "bs_cyrl" else str
    return consent_text(
        script,
        municipality=written(municipality["name"]),
        address=written(municipality["address"]),
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


def _filled(signatory: Signatory, script: str) -> list[tuple[str, str, bool]]:
    """Label, value, and whether the value is a telephone number."""
    name, phone, number, language = _LABELS[script]
    return [
        (name, signatory.name, False),
        (phone, signatory.phone, True),
        (number, signatory.number, False),
        (language, LANGUAGES.get(signatory.language, ""), False),
    ]
