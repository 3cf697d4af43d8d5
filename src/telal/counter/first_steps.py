"""From nothing to the first slip: what is to be set up, ticked by how things really are. It leads, and never blocks."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.names import Department, Officer
from telal.cases.rules import WeekDay
from telal.counter import viber_state
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.statement import statement_text
from telal.notices.consent_text import SCRIPTS, current_version
from telal.notices.models import Invitation
from telal.staff.models import Milestone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_DISMISSED = "steps_dismissed"

# What a fact of the municipality is called.
_FACTS = {
    "name": _("Naziv"),
    "address": _("Adresa"),
    "phone": _("Telefon"),
    "email": _("E-pošta"),
    "dpo": _("Službenik za zaštitu podataka"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """``address`` is the name of the address of the screen where it is done, ``todo`` what to do there."""

    title: "StrOrPromise"
    why: "StrOrPromise"
    address: str
    todo: "StrOrPromise"
    is_done: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Shown:
    step: Step
    url: str
    is_done: bool


def steps() -> list[Shown]:
    """Those whose screen exists, as they stand now."""
    return [Shown(step, url, step.is_done()) for step in STEPS if (url := url_of(step.address))]


def url_of(address: str) -> str:
    """Where this screen is; empty where there is none."""
    try:
        return reverse(f"counter:{address}")
    except NoReverseMatch:
        return ""


@require_safe
@may("office.see")
def first_steps(request: HttpRequest) -> HttpResponse:
    shown = steps()
    context = {
        "rows": shown,
        "done": sum(one.is_done for one in shown),
        "next": next((one for one in shown if not one.is_done), None),
        "dismissed": are_dismissed(),
    }
    return page(request, "first_steps.html", context)


@require_POST
@may("office.settings")
def dismiss(request: HttpRequest) -> HttpResponse:
    _settle(_DISMISSED, request)
    return redirect("counter:settings")


def are_dismissed() -> bool:
    return _is_settled(_DISMISSED)


# ── The municipality's facts, and the statement: looked at, and found right ──────────────────────────────────────────


@require_safe
@may("office.see")
def municipality(request: HttpRequest) -> HttpResponse:
    facts = [
        (label, settings.TELAL_MUNICIPALITY[fact], settings.TELAL_MUNICIPALITY_VARIABLES[fact])
        for fact, label in _FACTS.items()
    ]
    return page(request, "municipality.html", {"facts": facts, "right": _facts_are_right()})


@require_POST
@may("office.settings")
def facts_are_right(request: HttpRequest) -> HttpResponse:
    _settle("facts", request, _digest(*settings.TELAL_MUNICIPALITY.values()))
    return redirect("counter:municipality")


@require_safe
@may("office.see")
def consent_wording(request: HttpRequest) -> HttpResponse:
    context = {
        "texts": [(script, statement_text(script)) for script in SCRIPTS],
        "version": current_version(),
        "right": _wording_is_right(),
    }
    return page(request, "consent_wording.html", context)


@require_POST
@may("office.settings")
def wording_is_right(request: HttpRequest) -> HttpResponse:
    _settle("consent_wording", request, _wording())
    return redirect("counter:consent_wording")


def _facts_are_right() -> bool:
    return _is_settled("facts", _digest(*settings.TELAL_MUNICIPALITY.values()))


def _wording_is_right() -> bool:
    return _is_settled("consent_wording", _wording())


def _wording() -> str:
    return _digest(*map(statement_text, SCRIPTS))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _settle(code: str, request: HttpRequest, about: str = "") -> None:
    by = {"about": about, "settled_by": request.user.get_username(), "settled_at": timezone.now()}
    Milestone.objects.update_or_create(pk=code, defaults=by)


def _is_settled(code: str, about: str = "") -> bool:
    return Milestone.objects.filter(pk=code, about=about).exists()


STEPS = (
    Step(
        _("Podaci općine"),
        _("Naziv i kontakti stoje na svakoj potvrdi, izjavi i poruci."),
        "municipality",
        _("Pogledajte i potvrdite"),
        _facts_are_right,
    ),
    Step(
        _("Veza s Viberom"),
        _("Bez nje se sve upisuje, ali ništa ne odlazi građanima."),
        "viber",
        _("Provjerite vezu"),
        viber_state.is_in_order,
    ),
    Step(
        _("Službe"),
        _("Kome se predmeti dodjeljuju. Popis se može zalijepiti."),
        "departments",
        _("Upišite službe"),
        Department.objects.exists,
    ),
    Step(
        _("Službenici"),
        _("Ko vodi predmete, s telefonom i sobom koje vidi građanin."),
        "officers",
        _("Upišite službenike"),
        Officer.objects.exists,
    ),
    Step(
        _("Korisnici"),
        _("Za svakoga ko radi na šalteru ili vodi predmete: svoja prijava."),
        "users",
        _("Dodajte korisnike"),
        User.objects.filter(is_active=True)[1:].exists,
    ),
    Step(
        _("Radno vrijeme"),
        _("Građani pitaju i noću: Telal odgovara kada radite."),
        "hours",
        _("Upišite sedmicu"),
        WeekDay.objects.exclude(hours="").exists,
    ),
    Step(
        _("Izjava o saglasnosti"),
        _("Službenik za zaštitu podataka treba je pročitati prije prvog potpisa."),
        "consent_wording",
        _("Pročitajte i potvrdite"),
        _wording_is_right,
    ),
    Step(
        _("Prvi predmet"),
        _("Upišite ga sa saglasnošću i odštampajte potvrdu s QR kodom."),
        "register",
        _("Upišite prvi predmet"),
        Invitation.objects.exists,
    ),
)
