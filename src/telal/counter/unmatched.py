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
from telal.counter.paging import ON_A_PAGE, a_page
from telal.counter.waiting import id_in
from telal.counter.waiting import unmatched as waiting
from telal.counter.words import IMPORTED

_REASONS: Mapping[str, str | Promise] = {
    "unknown_case": _("Telal ne zna za ovaj predmet."),
    "conflict": _("Isti ključ već pripada drugoj promjeni ovog predmeta."),
    "invalid": _("Podatak nije onakav kakav treba biti"),
    "unreadable": _("Zapis se ne može pročitati."),
    "too_long": _("Zapis je predug."),
    "row_missing": _("U redu iz datoteke nedostaje podatak"),
    "row_status": _("Opis uvoza ne poznaje stanje koje stoji u ovom redu."),
    "row_unlisted": _("U redu iz datoteke stoji nešto što opis uvoza ne poznaje"),
    "row_no_date": _("U redu iz datoteke stoji datum koji se ne može pročitati"),
    "row_too_long": _("U redu iz datoteke je predug podatak"),
    "row_quotation": _(
        "Red iz datoteke se ne može pročitati: navodnik nije zatvoren ili stoji usred podatka."
    ),
    "row_cells": _("Red iz datoteke nema onoliko podataka koliko zaglavlje."),
    "row_cut_off": _("Datoteka se prekida usred ovog reda: možda još nije bila cijela."),
    "row_made_up": _("Za ovaj red se ne mogu napraviti probni podaci."),
    "row_meanwhile": _("Isti predmet ili ista promjena upravo je stigla drugim putem."),
    "row_value": _("Neki podatak iz ovog reda ne može se sačuvati."),
}
_MAP_IT = _(
    "Neka informatička služba to dopiše u opis uvoza i uveze istu datoteku ponovo: ništa ne dolazi dvaput."
)
_CORRECT_IT = _(
    "Neka onaj ko vodi predmet to ispravi u sistemu općine; sa sljedećom datotekom stiže samo. Građaninu se dotad javite sami."
)
_EXPORT_IT = _(
    "Neka informatička služba ponovo izveze datoteku iz sistema općine i uveze je: ništa ne dolazi dvaput."
)
_ADVICE: Mapping[str, str | Promise] = {
    "unknown_case": _(
        "Čim predmet stigne, Telal ga raspoređuje sam, ako poslije toga nije bilo drugih promjena."
    ),
    **dict.fromkeys(("row_status", "row_unlisted"), _MAP_IT),
    **dict.fromkeys(("row_missing", "row_no_date", "row_too_long", "row_value"), _CORRECT_IT),
    **dict.fromkeys(("row_quotation", "row_cells", "row_cut_off", "row_meanwhile"), _EXPORT_IT),
    "row_made_up": _("To se traži samo za probe. Neka informatička služba pogleda opis uvoza."),
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
    sender = id_in(request.GET.get("from", ""))
    senders = list(UnmatchedCount.objects.order_by("source", "sender")[:100])
    chosen = next((one for one in senders if one.pk == sender), None)
    only = Q(source=chosen.source, sender=chosen.sender) if chosen else None
    shown, older = a_page(waiting(), request.GET.get("after", ""), only)
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
            "senders": senders,
            "chosen": chosen,
            "most_kept": keeping.MOST_KEPT,
        },
    )


def _reason(one: Unmatched, is_known: bool) -> tuple[str | Promise, str | Promise, str | Promise]:
    """Why, which part of it is to blame, and what to do."""
    code, _colon, detail = one.reason.partition(": ")
    if one.change and is_known:
        return _IN_BETWEEN, "", _TRY
    blamed = IMPORTED.get(detail, detail) if one.source == "import" else detail
    return _REASONS.get(code, one.reason), blamed, _ADVICE.get(code, _OTHERWISE)


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
    pks = [pk for pk in map(id_in, request.POST.getlist("pk")[:ON_A_PAGE]) if pk is not None]
    concerns(request, *(f"unmatched/{pk}" for pk in pks))
    if because:
        keeping.dismiss(pks, by=request.user.get_username(), because=because)
    else:
        messages.error(request, str(_("Upišite zašto se odbacuje.")))
    chosen = id_in(request.POST.get("from", ""))
    return redirect(reverse("counter:unmatched") + (f"?from={chosen}" if chosen else ""))
