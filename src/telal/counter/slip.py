"""The slip that a citizen takes home, and the moment their phone is connected."""

from typing import Any

import segno
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.counter.access import may
from telal.counter.page import page
from telal.notices.consents import Slip, invite, live_consents
from telal.notices.models import Invitation, Subscription
from telal.notices.pins import remaining, try_pin


def show_slip(request: HttpRequest, slip: Slip) -> HttpResponse:
    """The only time that token and PIN are shown: only hashes of them are kept, so this answers the POST that made them."""
    return page(
        request, "slip.html", {"slip": slip, "case": slip.case, "qr": _qr(slip.url), **_binding(slip.case)}
    )


@require_POST
@may("consents.record", of=Case)
def new_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Another slip, since the first one cannot be shown again. It ends here."""
    case = get_object_or_404(Case, pk=pk)
    consent = live_consents(case).first()
    return show_slip(request, invite(consent)) if consent else redirect("counter:case", case.pk)


@require_safe
@may("cases.see", of=Case, quiet=True)
def binding(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the citizen who holds the slip has come; asked again and again while the slip is on the screen."""
    case = get_object_or_404(Case, pk=pk)
    return render(request, "counter/binding.html", {"case": case, **_binding(case)})


@require_POST
@may("pins.check", of=Case)
@transaction.atomic
def check_pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Does somebody who asks about the case, here or by telephone, hold its slip? Whoever is wrong too often has to wait."""
    case = get_object_or_404(Case.objects.select_for_update(no_key=True), pk=pk)  # one try after the other
    slips = Invitation.objects.filter(consent__in=live_consents(case), ended_at=None)
    now = timezone.now()
    answer = try_pin(
        slips.order_by("-id").first(), request.POST.get("pin", "").strip(), place="counter",
        guesser=f"user {request.user.pk}", target=f"case {case.pk}", now=now,
    )  # fmt: skip
    wait = answer.held_until and remaining(answer.held_until, now)
    return render(request, "counter/pin_answer.html", {"answer": answer, "wait": wait})


def _binding(case: Case) -> dict[str, Any]:
    """``is_bound``: by its link, or by number and PIN since it was given."""
    invitation = Invitation.objects.filter(consent__case=case).order_by("-id").first()
    return {"invitation": invitation, "is_bound": bool(invitation and _is_bound(invitation))}


def _is_bound(invitation: Invitation) -> bool:
    since = Subscription.objects.filter(consent=invitation.consent_id, created_at__gte=invitation.created_at)
    return bool(invitation.used_at) or since.exists()


def _qr(url: str) -> SafeString:
    code = segno.make(url, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None))  # noqa: S308
