"""One case: what it is, what has happened, who was told, what is awaited, and moving it on."""

import hashlib
import uuid
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from telal.cases.models import Case, Department, Institution, Note, Officer
from telal.counter import consents
from telal.counter.access import has, may
from telal.counter.fields import show_first_error
from telal.counter.opinion_rows import opinions_on
from telal.counter.page import page
from telal.counter.reach import reach_of
from telal.counter.steps import AskForm, HandOverForm, MoveForm, NoteForm, OpinionAnswerForm
from telal.counter.timeline import is_open, timeline


@require_safe
@may("cases.see", of=Case)
def case(request: HttpRequest, pk: int) -> HttpResponse:
    return show_case(request, get_object_or_404(cases(), pk=pk))


def show_case(
    request: HttpRequest,
    case: Case,
    *,
    move_form: MoveForm | None = None,
    ask_form: AskForm | None = None,
    answer_form: OpinionAnswerForm | None = None,
    hand_over_form: HandOverForm | None = None,
    note_form: NoteForm | None = None,
    **more: Any,
) -> HttpResponse:
    """The screen of a case, with a form that was not right, if any."""
    forms: list[BaseForm | None] = [move_form, ask_form, answer_form, hand_over_form, note_form]
    for form in forms:
        if form:
            show_first_error(form)
    context: dict[str, Any] = {
        **_present(case),
        **consents.of_case(request, case),
        "notes": Note.objects.filter(case=case),
        "opinions": opinions_on(case, answer_form),
    }
    if has(request, "cases.move", case):
        key = {"key": uuid.uuid4()}
        context |= {
            "move_form": move_form or MoveForm.of(case),
            "ask_form": ask_form or AskForm.blank(),
            "hand_over_form": hand_over_form or HandOverForm(initial=key),
            "note_form": note_form or NoteForm(initial=key),
            **suggestions(),
        }
    return page(request, "case.html", {**context, **more})


def suggestions() -> dict[str, Any]:
    """What the text fields of a change propose."""
    return {
        "departments": Department.objects.offered(),
        "officers": Officer.objects.offered(),
        "institutions": Institution.objects.offered(),
    }


@require_safe
@may("cases.see", of=Case)
def case_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Timeline, state and facts for a page that shows them already.

    Nothing (204) while they are as the page has them, so that what is unfolded stays so.
    """
    present = _present(get_object_or_404(cases(), pk=pk))
    if request.GET.get("have") == present["version"]:
        return HttpResponse(status=204)
    return render(request, "counter/timeline_news.html", present)


def cases() -> QuerySet[Case]:
    return Case.objects.select_related("applicant", "department", "officer", "waiting_for", "service")


def _present(case: Case) -> dict[str, Any]:
    """What may change while the page is open, and a version that changes with it."""
    entries = timeline(case)
    lines = render_to_string("counter/timeline_lines.html", {"entries": entries})
    reach = reach_of([case.pk])[case.pk]
    version = hashlib.sha256(f"{case.status} {reach} {lines}".encode()).hexdigest()[:16]
    return {"case": case, "reach": reach, "lines": lines, "version": version, "is_open": is_open(entries)}
