"""The work list of what came from the municipality's system and could not be taken in."""

from collections.abc import Mapping

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases import unmatched as keeping
from telal.cases.models import Case, Unmatched, UnmatchedCount
from telal.cases.statuses import STATUSES
from telal.counter.access import may
from telal.counter.noting import concerns
from telal.counter.page import page
from telal.counter.waiting import a_page, key_in
from telal.counter.waiting import unmatched as waiting

ON_A_PAGE = 50

_REASONS: Mapping[str, str | Promise] = {
    "unknown_case": _("Telal ne zna za ovaj predmet."),
    "conflict": _("Isti ključ već pripada drugoj promjeni ovog predmeta."),
    "invalid": _("Podatak nije onakav kakav treba biti"),
    "unreadable": _("Zapis se ne može pročitati."),
    "too_long": _("Zapis je predug."),
    "row": _("Red iz datoteke se ne može upotrijebiti"),
}
_ADVICE: Mapping[str, str | Promise] = {
    "unknown_case": _(
        "Čim predmet stigne, Telal ga raspoređuje sam, ako poslije toga nije bilo drugih promjena."
    ),
    "row": _(
        "Neka informatička služba ispravi datoteku ili opis uvoza i uveze je ponovo: ništa ne dolazi dvaput."
    ),
}
_IN_BETWEEN = _("Predmet je u međuvremenu stigao.")
_TRY = _(
    "Telal ovo raspoređuje sam za minutu. Ako ne, bilo je kasnijih promjena: pogledajte predmet, pa odlučite."
)
_OTHERWISE = _("Neka onaj ko održava sistem općine ispravi zapis i pošalje ga ponovo.")
_NOT_TAKEN: Mapping[str, str | Promise] = {
    "no_case": _("Tog predmeta još nema u Telalu."),
    "not_a_change": _("Ovaj zapis se ne može rasporediti, samo poslati ponovo ispravljen."),
    "over": _("Predmet je davno zatvoren i njegovi podaci su obrisani."),
    "refused": _("Nije uspjelo: takva promjena je možda u međuvremenu već stigla. Pogledajte predmet."),
}


@require_safe
@may("dms.see")
def unmatched(request: HttpRequest) -> HttpResponse:
    """A page of them: what, when, why and from where."""
    before, sender = key_in(request.GET.get("before", "")), key_in(request.GET.get("from", ""))
    senders = list(UnmatchedCount.objects.order_by("source", "sender")[:100])
    chosen = next((one for one in senders if one.pk == sender), None)
    rows = waiting() if before is None else waiting().filter(pk__lt=before)
    only = Q(source=chosen.source, sender=chosen.sender) if chosen else None
    shown, older = a_page(rows, "pk", ON_A_PAGE, only)
    concerns(request, *(f"unmatched/{one.pk}" for one in shown))
    cases = dict(Case.objects.filter(ref__in={one.ref for one in shown if one.ref}).values_list("ref", "pk"))
    return page(
        request,
        "unmatched.html",
        {
            "rows": [
                (one, *_reason(one, one.ref in cases), one.status in STATUSES, cases.get(one.ref))
                for one in shown
            ],
            "older": older,
            "is_first": before is None,
            "senders": senders,
            "chosen": chosen,
            "most_kept": keeping.MOST_KEPT,
        },
    )


def _reason(one: Unmatched, is_known: bool) -> tuple[str | Promise, str, str | Promise]:
    """Why, the technical part of why, and what to do."""
    code, _colon, detail = one.reason.partition(": ")
    if one.change and is_known:
        return _IN_BETWEEN, "", _TRY
    return _REASONS.get(code, one.reason), detail, _ADVICE.get(code, _OTHERWISE)


@require_POST
@may("dms.settle")
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """It becomes a change of its case now; twice is as once."""
    one = get_object_or_404(waiting(), pk=pk)
    if trouble := keeping.take_in(one, by=request.user.get_username()):
        messages.error(request, str(_NOT_TAKEN[trouble]))
    return redirect("counter:unmatched")


@require_POST
@may("dms.settle")
def dismiss_unmatched(request: HttpRequest) -> HttpResponse:
    """These are not wanted, and why."""
    because = " ".join(request.POST.get("because", "").split())
    pks = [pk for pk in map(key_in, request.POST.getlist("pk")[:ON_A_PAGE]) if pk is not None]
    concerns(request, *(f"unmatched/{pk}" for pk in pks))
    if because:
        keeping.dismiss(pks, by=request.user.get_username(), because=because)
    else:
        messages.error(request, str(_("Upišite zašto se odbacuje.")))
    chosen = key_in(request.POST.get("from", ""))
    return redirect(reverse("counter:unmatched") + (f"?from={chosen}" if chosen else ""))
