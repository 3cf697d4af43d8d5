"""The first screen: find a case, or go on with one that has just changed.

What was found has an address, so that one can go back to it. A case's number stands there as it is; anything else may be of a
person and is sealed, since addresses lie in the histories of browsers and in the logs of proxies.
"""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.counter.reach import Reach, reach_of
from telal.counter.search import LONGEST, MOST, case_of_slip, find_cases, is_number
from telal.sealing import seals
from telal.sealing.keyring import SEALED, Unreadable


@require_safe
@may("cases.see")
def home(request: HttpRequest) -> HttpResponse:
    if text := _sought(request):
        found = find_cases(text)
        return page(request, "home.html", {"q": text, "rows": _rows(found), "most": MOST, "found": True})
    latest = Case.objects.select_related("applicant", "officer").order_by("-changed_at", "-id")
    cases, older = a_page(latest, request.GET.get("after", ""))
    return page(request, "home.html", {"q": "", "rows": _rows(cases), "older": older})


@require_POST
@may("cases.see")
def search(request: HttpRequest) -> HttpResponse:
    """One hit opens at once. A slip's code is a secret: it is read here and never stands in an address."""
    text = request.POST.get("q", "").strip()[:LONGEST]
    if case := case_of_slip(text):
        return redirect("counter:case", case.pk)
    if "/f/" in text:
        return page(request, "home.html", {"q": "", "rows": [], "found": True, "foreign_slip": True})
    found = find_cases(text) if text else []
    if len(found) == 1:
        return redirect("counter:case", found[0].pk)
    return redirect(_address(request, text) if text else "counter:home")


def _address(request: HttpRequest, text: str) -> str:
    query = QueryDict(mutable=True)
    if is_number(text):
        query["q"] = text
    else:
        query["sought"] = seals.seal(text, _place(request)).removeprefix(SEALED)
    return f"{reverse('counter:home')}?{query.urlencode()}"


def _sought(request: HttpRequest) -> str:
    """What the address asks for; nothing where somebody else has looked for it, or it has been made up."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    if text:
        return text if is_number(text) else ""
    try:
        sealed = request.GET.get("sought", "")
        return seals.unseal(f"{SEALED}{sealed}", _place(request)) if sealed else ""
    except Unreadable:
        return ""


def _place(request: HttpRequest) -> str:
    return f"counter.home of {request.user.pk}"


def _rows(cases: Sequence[Case]) -> list[tuple[Case, Reach]]:
    reach = reach_of([case.pk for case in cases])
    return [(case, reach[case.pk]) for case in cases]
