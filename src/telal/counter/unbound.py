"""The work list of consents that no chat hears by: the citizen agreed, and gets nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.counter.access import may
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.counter.waiting import DAYS_TO_CONNECT, id_in
from telal.counter.waiting import unbound as waiting
from telal.notices.models import Invitation, Unbound

DAYS = (DAYS_TO_CONNECT, 7, 30)


@dataclass(frozen=True, slots=True)
class Why:
    """How far the citizen has come, and what helps from there."""

    title: str | Promise
    advice: str | Promise


WHYS: Mapping[str, Why] = {
    "unused": Why(
        _("Kod nije otvoren"),
        _("Potvrda još važi. Nazovite i podsjetite: otvoriti kameru, skenirati kod, pritisnuti Počni."),
    ),
    "opened": Why(
        _("Otvorio, a nije ništa napisao"),
        _("Bio je na korak. Nazovite: u razgovoru treba pritisnuti Počni ili napisati bilo šta."),
    ),
    "expired": Why(
        _("Potvrdi je istekao rok"),
        _("Stari kod više ne radi. Nazovite; kad dođe, dajte mu novu potvrdu."),
    ),
    "none": Why(
        _("Nema potvrde"),
        _(
            "Saglasnost je stigla iz sistema općine, a potvrda nije odštampana. Nazovite, pa je dajte kad dođe."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class _Row:
    unbound: Unbound
    why: Why
    invitation: Invitation | None


@require_safe
@may("unreached.see")
def unbound(request: HttpRequest) -> HttpResponse:
    """A page of them, who waits longest first."""
    now = timezone.now()
    asked = id_in(request.GET.get("days", ""))
    days = asked if asked in DAYS else DAYS_TO_CONNECT
    why = request.GET.get("why", "")
    rows = waiting(days, now).select_related("consent__case").defer("consent__case__subject")
    shown, later = a_page(rows, request.GET.get("after", ""), _only(why, now))
    invitations = _newest({one.consent_id for one in shown})
    return page(
        request,
        "unbound.html",
        {
            "rows": [_row(one, invitations.get(one.consent_id), now) for one in shown],
            "later": later,
            "why": why if why in WHYS else "",
            "whys": WHYS,
            "days": days,
            "all_days": DAYS,
        },
    )


@require_POST
@may("consents.record", of=Unbound, case="consent__case")
def drop_unbound(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody shall ask them again; a new slip brings them back. Twice is as once."""
    Unbound.objects.filter(pk=pk, dropped_at=None).update(
        dropped_at=timezone.now(), dropped_by=request.user.get_username()
    )
    return redirect("counter:unbound")


def _row(one: Unbound, invitation: Invitation | None, now: datetime) -> _Row:
    return _Row(one, WHYS[_why(invitation, now)], invitation)


def _why(invitation: Invitation | None, now: datetime) -> str:
    if invitation is None:
        return "none"
    if invitation.used_at or invitation.ended_at or invitation.expires_at <= now:
        return "expired"
    return "opened" if invitation.opened_by_id else "unused"


def _newest(consent_ids: Collection[int]) -> dict[int, Invitation]:
    """The last slip of each consent."""
    invitations = Invitation.objects.filter(consent__in=consent_ids).order_by("id")
    return {one.consent_id: one for one in invitations}


def _only(why: str, now: datetime) -> Q | None:
    slips = Invitation.objects.filter(consent=OuterRef("consent"))
    usable = slips.filter(used_at=None, ended_at=None, expires_at__gt=now)
    conditions = {
        "unused": Q(Exists(usable.filter(opened_by=None))),
        "opened": Q(Exists(usable.exclude(opened_by=None))),
        "expired": Q(Exists(slips)) & ~Q(Exists(usable)),
        "none": ~Q(Exists(slips)),
    }
    return conditions.get(why)
