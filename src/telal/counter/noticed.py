"""What the clerk is told while they still type: this case is registered already, this citizen is known, this number is no mobile.

Posted, for names and numbers do not belong into an address. Only what a clerk would find by searching is shown.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from telal.cases.models import Applicant, Case, number_key
from telal.cases.phones import is_mobile, normalise_phone
from telal.counter.access import may
from telal.counter.fields import Day
from telal.messaging.models import Contact
from telal.notices import doubts
from telal.notices.consents import signed_before
from telal.notices.models import Consent, ProvenPhone, Subscription
from telal.sealing.known_keys import keyed_hash

MOST_NAMES, MOST_CASES = 3, 3


@dataclass(frozen=True, slots=True)
class _Reached:
    """What the phone means for Viber: the words, the icon, the tone of its colour."""

    words: str | Promise
    icon: str
    tone: str


_REACHED = {
    "proven": _Reached(
        _("Broj je potvrđen u Viberu: novi predmet povezuje se sam, kod ne treba skenirati."), "check", "good"
    ),
    "asked": _Reached(
        _("Broj je potvrđen u Viberu, ali prvo pitamo je li to i dalje ista osoba."), "question", "wait"
    ),
    "left": _Reached(_("Stranka je u Viberu isključila poruke."), "cross", "bad"),
    "by_slip": _Reached(
        _("Viber je povezan s ranijim predmetom; za ovaj treba skenirati novu potvrdu."), "check", "calm"
    ),
    "unbound": _Reached(_("Viber još nije povezan."), "clock", "calm"),
}


@require_POST
@may("cases.register", by_itself=True)
def number_noticed(request: HttpRequest) -> HttpResponse:
    """Cases that have this number or barcode."""
    return render(request, "counter/number_noticed.html", {"same": _same(request.POST)})


@require_POST
@may("cases.register", by_itself=True)
def phone_hint(request: HttpRequest) -> HttpResponse:
    """The number said back while the clerk types on, and whose it is, where it is known."""
    typed = request.POST.get("phone", "").strip()
    try:
        phone = normalise_phone(typed) if typed else ""
    except ValueError:
        return render(request, "counter/phone_hint.html", {"wrong": True})
    known = {"phone": phone, "is_mobile": is_mobile(phone), **_known(phone)} if phone else {}
    return render(request, "counter/phone_hint.html", known)


def _same(typed: Any) -> list[Case]:
    number, barcode = typed.get("number", "").strip(), typed.get("barcode", "").strip()
    try:
        received_on = Day("").to_python(typed.get("received_on", "")) or timezone.localdate()
    except ValidationError:
        received_on = timezone.localdate()
    wanted = Q(pk__in=[])
    if number:
        wanted |= Q(number_key=number_key(number, received_on.year))
    if barcode:
        wanted |= Q(barcode=barcode)
    return list(Case.objects.filter(wanted).select_related("applicant").order_by("-pk")[:MOST_CASES])


def _known(phone: str) -> dict[str, Any]:
    """Who has left this number (E.164): names, their latest cases, what they have signed, and whether Viber reaches them."""
    number = keyed_hash(phone)
    left = Applicant.objects.filter(phone_hash=number).annotate(many=Count("cases")).filter(many__gt=0)
    people = list(left.order_by("-many")[:MOST_NAMES])
    cases = Case.objects.filter(Q(applicant__phone_hash=number) | Q(consents__phone_hash=number)).distinct()
    latest = list(cases.order_by("-pk")[:MOST_CASES])
    if not latest:
        return {}
    signed = [(one.name, consent) for one in people if (consent := signed_before(one.name, phone))]
    return {
        "people": people,
        "cases": latest,
        "many": cases.count(),
        "signed": signed,
        "reached": _REACHED[_how_reached(number)],
    }


def _how_reached(number: str) -> str:
    holders = Contact.objects.filter(pk__in=ProvenPhone.objects.filter(phone_hash=number).values("contact"))
    if reachable := set(holders.filter(reachable=True).values_list("pk", flat=True)):
        silent = doubts.silent(Contact.objects.filter(pk__in=reachable), timezone.now())
        doubted = doubts.among(reachable) | set(silent.values_list("pk", flat=True))
        return "asked" if reachable <= doubted else "proven"
    if holders.exists():
        return "left"
    consents = Consent.objects.filter(phone_hash=number, withdrawal=None)
    return (
        "by_slip" if Subscription.objects.filter(consent__in=consents, ended_at=None).exists() else "unbound"
    )
