"""The first screen: find a case, or go on with one that has just changed."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.reach import Reach, reach_of
from telal.counter.search import MOST, case_of_slip, find_cases
from telal.sealing.keyring import Unreadable
from telal.sealing.seals import seal, unseal

ON_A_PAGE = 20
_LONGEST = 200
# What a sealed search is good for, and nothing else.
_SOUGHT = "counter.home.sought"


@require_safe
@may("cases.see")
def home(request: HttpRequest) -> HttpResponse:
    if text := _sought(request.GET.get("sought", "")):
        found = find_cases(text)
        return page(request, "home.html", {"q": text, "rows": _rows(found), "most": MOST, "found": True})
    cases, older = _recent(request.GET.get("before", ""))
    return page(
        request, "home.html", {"rows": _rows(cases), "older": older, "is_first": "before" not in request.GET}
    )


@require_POST
@may("cases.see")
def search(request: HttpRequest) -> HttpResponse:
    """One hit opens at once. A slip's code is a secret: it is read here and never stands in an address."""
    text = request.POST.get("q", "").strip()[:_LONGEST]
    if case := case_of_slip(text):
        return redirect("counter:case", case.pk)
    if "/f/" in text:
        return page(request, "home.html", {"q": "", "rows": [], "found": True, "foreign_slip": True})
    found = find_cases(text) if text else []
    if len(found) == 1:
        return redirect("counter:case", found[0].pk)
    return redirect(list_of(text) if text else "counter:home")


def list_of(text: str) -> str:
    """The address of what is found by this text: sealed, for it may be a name or a number, and addresses are written down."""
    return f"{reverse('counter:home')}?{urlencode({'sought': seal(text, _SOUGHT)})}"


def _sought(sealed: str) -> str:
    """Empty for what is no address of ours."""
    try:
        return unseal(sealed, _SOUGHT)
    except Unreadable:
        return ""


def _rows(cases: Sequence[Case]) -> list[tuple[Case, Reach]]:
    reach = reach_of([case.pk for case in cases])
    return [(case, reach[case.pk]) for case in cases]


def _recent(before: str) -> tuple[Sequence[Case], str]:
    """A page of cases, the latest change first, and the key of the next page (empty on the last)."""
    cases = Case.objects.select_related("applicant", "officer", "department").order_by("-changed_at", "-id")
    if key := _key(before):
        changed_at, id_ = key
        cases = cases.filter(Q(changed_at__lt=changed_at) | Q(id__lt=id_), changed_at__lte=changed_at)
    some = list(cases[: ON_A_PAGE + 1])
    last = some[ON_A_PAGE - 1] if len(some) > ON_A_PAGE else None
    return some[:ON_A_PAGE], f"{last.changed_at.isoformat()}_{last.pk}" if last else ""


def _key(before: str) -> tuple[datetime, int] | None:
    moment, _, id_ = before.partition("_")
    try:
        changed_at = parse_datetime(moment)
        return (changed_at, int(id_)) if changed_at and changed_at.tzinfo else None
    except ValueError:
        return None
