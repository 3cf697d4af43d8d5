"""The first screen: find a case, or go on with one that has just changed."""

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
from telal.counter.search import MOST, case_of_slip, find_cases


@require_safe
@may("cases.see")
def home(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    if text:
        found = find_cases(text)
        return page(request, "home.html", {"q": text, "rows": _rows(found), "most": MOST, "found": True})
    latest = Case.objects.select_related("applicant", "officer").order_by("-changed_at", "-id")
    cases, older = a_page(latest, request.GET.get("after", ""))
    return page(request, "home.html", {"rows": _rows(cases), "older": older})


@require_POST
@may("cases.see")
def search(request: HttpRequest) -> HttpResponse:
    """One hit opens at once. A slip's code is a secret: it is read here and never stands in an address."""
    text = request.POST.get("q", "").strip()
    if case := case_of_slip(text):
        return redirect("counter:case", case.pk)
    if "/f/" in text:
        return page(request, "home.html", {"q": "", "rows": [], "found": True, "foreign_slip": True})
    found = find_cases(text) if text else []
    if len(found) == 1:
        return redirect("counter:case", found[0].pk)
    query = QueryDict(mutable=True)
    query["q"] = text
    return redirect(f"{reverse('counter:home')}?{query.urlencode()}" if text else "counter:home")


def _rows(cases: Sequence[Case]) -> list[tuple[Case, Reach]]:
    reach = reach_of([case.pk for case in cases])
    return [(case, reach[case.pk]) for case in cases]
