"""The slip that a citizen takes home, and the moment their phone is connected."""

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.counter.access import changes, looks
from telal.counter.page import page
from telal.notices.consents import Slip, invite, is_pin_of, live_consents
from telal.notices.models import Invitation


def show_slip(request: HttpRequest, slip: Slip) -> HttpResponse:
    """The only time that token and PIN are shown: only hashes of them are kept, so this answers the POST that made them."""
    return page(
        request, "slip.html", {"slip": slip, "case": slip.case, "qr": _qr(slip.url), **_binding(slip.case)}
    )


@require_POST
@changes
def new_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Another slip, since the first one cannot be shown again. It ends here."""
    case = get_object_or_404(Case, pk=pk)
    consent = live_consents(case).first()
    return show_slip(request, invite(consent)) if consent else redirect("counter:case", case.pk)


@require_safe
@looks
def binding(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the citizen who holds the slip has come; asked again and again while the slip is on the screen."""
    case = get_object_or_404(Case, pk=pk)
    return render(request, "counter/binding.html", {"case": case, **_binding(case)})


@require_POST
@looks
def check_pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Does somebody who asks about the case, here or by telephone, hold its slip?"""
    case = get_object_or_404(Case, pk=pk)
    invitation = (
        Invitation.objects.filter(consent__in=live_consents(case), ended_at=None).order_by("-id").first()
    )
    is_right = bool(invitation and is_pin_of(invitation, request.POST.get("pin", "").strip()))
    return render(request, "counter/pin_answer.html", {"is_right": is_right})


def _binding(case: Case) -> dict[str, Invitation | None]:
    return {"invitation": Invitation.objects.filter(consent__case=case).order_by("-id").first()}


def _qr(url: str) -> SafeString:
    code = segno.make(url, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None))  # noqa: S308
