"""One case: what it is, what has happened, who was told, and moving it on."""

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from telal.cases.models import Case, Department, Institution, Officer
from telal.counter import consents
from telal.counter.access import looks, may_change
from telal.counter.fields import show_first_error
from telal.counter.forms import MoveForm
from telal.counter.page import page
from telal.counter.reach import reach_of
from telal.counter.timeline import is_open, timeline


@require_safe
@looks
def case(request: HttpRequest, pk: int) -> HttpResponse:
    return show_case(request, get_object_or_404(_cases(), pk=pk))


def show_case(request: HttpRequest, case: Case, move_form: MoveForm | None = None) -> HttpResponse:
    """The screen of a case, with a form that was not right, if any."""
    if move_form:
        show_first_error(move_form)
    context: dict[str, Any] = {**_present(case), **consents.of_case(request, case)}
    if may_change(request.user):
        context |= {
            "move_form": move_form or MoveForm.of(case),
            "departments": Department.objects.offered(),
            "officers": Officer.objects.offered(),
            "institutions": Institution.objects.offered(),
        }
    return page(request, "case.html", context)


@require_safe
@looks
def case_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Timeline, state and facts for a page that shows them already.

    Nothing (204) while they are as the page has them, so that what is unfolded stays so.
    """
    present = _present(get_object_or_404(_cases(), pk=pk))
    if request.GET.get("have") == present["version"]:
        return HttpResponse(status=204)
    return render(request, "counter/timeline_news.html", present)


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("applicant", "department", "officer", "waiting_for")


def _present(case: Case) -> dict[str, Any]:
    """What may change while the page is open, and a version that changes with it."""
    entries = timeline(case)
    lines = render_to_string("counter/timeline_lines.html", {"entries": entries})
    reach = reach_of([case.pk])[case.pk]
    version = hashlib.sha256(f"{case.status} {reach} {lines}".encode()).hexdigest()[:16]
    return {"case": case, "reach": reach, "lines": lines, "version": version, "is_open": is_open(entries)}
