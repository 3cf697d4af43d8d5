"""Opinions of other bodies: asked for with a date until when, several at once, the late ones flagged, the answer recorded."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case, CaseEvent, Institution, Opinion
from telal.counter.access import may
from telal.counter.case import cases, show_case
from telal.counter.foresight import foresee
from telal.counter.moving import make
from telal.counter.opinion_rows import in_order
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.counter.steps import AskForm, OpinionAnswerForm
from telal.counter.waiting import id_in


@require_safe
@may("cases.see")
def opinions(request: HttpRequest) -> HttpResponse:
    """All that is still awaited, what is due first comes first."""
    awaited = Opinion.objects.filter(answered_on=None).select_related("institution", "case__officer")
    institution = id_in(request.GET.get("institution", ""))
    if institution is not None:
        awaited = awaited.filter(institution=institution)
    shown, later = a_page(awaited.order_by("due_on", "id"), request.GET.get("after", ""))
    context = {
        "opinions": shown,
        "institutions": Institution.objects.filter(
            opinions__answered_on=None, opinions__isnull=False
        ).distinct(),
        "chosen": institution or "",
        "later": later,
    }
    return page(request, "opinions.html", context)


@require_POST
@may("cases.move", of=Case)
def ask_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and tell the citizen whom the case waits for."""
    case = get_object_or_404(cases(), pk=pk)
    form = AskForm(request.POST)
    if not form.is_valid():
        return show_case(request, case, ask_form=form)
    by = request.user.get_username()
    foresight = foresee(case, form.change(), actor=by)
    if foresight.stops(request.POST):
        return show_case(request, case, ask_form=form, ask_foresight=foresight)

    def along(event: CaseEvent) -> None:
        Opinion.objects.create(
            case=case,
            institution=Institution.objects.get(name=event.waiting_for),
            asked_on=form.cleaned_data["asked_on"],
            due_on=form.cleaned_data["due_on"],
            asked_by=by,
            asked_in=event,
        )

    try:
        make(case, form.change(), actor=by, along=along)
    except IntegrityError:
        # Awaited already, perhaps under another name, or a colleague was quicker.
        form.add_error("institution", AskForm.AWAITED)
        return show_case(request, case, ask_form=form)
    return redirect("counter:case", pk)


class _Answered(Exception):
    """A colleague was quicker."""


@require_POST
@may("cases.move", of=Opinion, case="case")
def answer_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    opinion = get_object_or_404(Opinion.objects.select_related("case", "institution"), pk=pk)
    form = OpinionAnswerForm(opinion, _others(opinion), request.POST)
    if not form.is_valid():
        return show_case(request, get_object_or_404(cases(), pk=opinion.case_id), answer_form=form)
    by = request.user.get_username()

    def along(event: CaseEvent | None) -> None:
        open_one = Opinion.objects.filter(pk=pk, answered_on=None)
        if not open_one.update(
            answered_on=form.cleaned_data["answered_on"],
            answer=form.cleaned_data["answer"].strip(),
            answered_by=by,
            answered_in=event,
        ):
            raise _Answered

    change = form.change()
    try:
        if change:
            make(opinion.case, change, actor=by, along=along)
        else:
            along(None)
    except _Answered:
        # One's own form that arrives twice is no news.
        if not Opinion.objects.filter(pk=pk, answered_by=by).exists():
            messages.warning(request, _("Nije sačuvano: kolega je u međuvremenu upisao odgovor."))
    return redirect("counter:case", opinion.case_id)


@require_POST
@may("cases.move", of=Opinion, case="case", quiet=True)
def preview_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the citizen would read of an answer as it is now; nothing is saved."""
    opinion = get_object_or_404(Opinion.objects.select_related("case", "institution"), pk=pk)
    form = OpinionAnswerForm(opinion, _others(opinion), request.POST)
    change = form.change() if form.is_valid() else None
    foresight = foresee(opinion.case, change, actor=request.user.get_username()) if change else None
    return render(request, "counter/foresight.html", {"foresight": foresight})


def _others(opinion: Opinion) -> list[Institution]:
    awaited = Opinion.objects.filter(case=opinion.case_id, answered_on=None).exclude(pk=opinion.pk)
    return in_order(opinion.case, awaited.select_related("institution"))
