"""Opinions of other bodies: asked for with a date until when, several at once, the late ones flagged, the answer recorded."""

from datetime import date

from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case, CaseEvent, Institution, Opinion
from telal.counter.access import may
from telal.counter.case import cases, show_case
from telal.counter.foresight import foresee
from telal.counter.moving import make
from telal.counter.opinion_rows import in_order
from telal.counter.page import page
from telal.counter.steps import AskForm, OpinionAnswerForm
from telal.counter.waiting import key_in

ON_A_PAGE = 50


@require_safe
@may("cases.see")
def opinions(request: HttpRequest) -> HttpResponse:
    """All that is still awaited, what is due first comes first."""
    awaited = Opinion.objects.filter(answered_on=None).select_related("institution", "case__officer")
    institution = key_in(request.GET.get("institution", ""))
    if institution is not None:
        awaited = awaited.filter(institution=institution)
    if after := _key(request.GET.get("after", "")):
        due_on, id_ = after
        awaited = awaited.filter(Q(due_on__gt=due_on) | Q(id__gt=id_), due_on__gte=due_on)
    some = list(awaited.order_by("due_on", "id")[: ON_A_PAGE + 1])
    last = some[ON_A_PAGE - 1] if len(some) > ON_A_PAGE else None
    context = {
        "opinions": some[:ON_A_PAGE],
        "institutions": Institution.objects.filter(
            opinions__answered_on=None, opinions__isnull=False
        ).distinct(),
        "chosen": institution or "",
        "later": f"{last.due_on:%Y-%m-%d}_{last.pk}" if last else "",
        "is_first": after is None,
    }
    return page(request, "opinions.html", context)


@require_POST
@may("cases.move", of=Case)
def ask_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and tell the citizen whom the case waits for."""
    case = get_object_or_404(cases(), pk=pk)
    form = AskForm(request.POST)
    if form.is_valid() and _is_awaited(case, form.cleaned_data["institution"]):
        form.add_error("institution", AskForm.AWAITED)
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
        # A colleague has asked at the same moment, or it is known under another name, too.
        form.add_error("institution", AskForm.AWAITED)
        return show_case(request, case, ask_form=form)
    return redirect("counter:case", pk)


@require_POST
@may("cases.move", of=Opinion, case="case")
def answer_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    opinion = get_object_or_404(Opinion.objects.select_related("case", "institution"), pk=pk)
    form = OpinionAnswerForm(opinion, _others(opinion), request.POST)
    if opinion.answered_on:
        return redirect("counter:case", opinion.case_id)
    if not form.is_valid():
        return show_case(request, get_object_or_404(cases(), pk=opinion.case_id), answer_form=form)
    by = request.user.get_username()

    def along(event: CaseEvent | None) -> None:
        # Whoever was first has answered it.
        Opinion.objects.filter(pk=pk, answered_on=None).update(
            answered_on=form.cleaned_data["answered_on"],
            answer=form.cleaned_data["answer"].strip(),
            answered_by=by,
            answered_in=event,
        )

    change = form.change()
    if change:
        make(opinion.case, change, actor=by, along=along)
    else:
        along(None)
    return redirect("counter:case", opinion.case_id)


def _others(opinion: Opinion) -> list[Institution]:
    awaited = Opinion.objects.filter(case=opinion.case_id, answered_on=None).exclude(pk=opinion.pk)
    return in_order(opinion.case, awaited.select_related("institution"))


def _is_awaited(case: Case, name: str) -> bool:
    return Opinion.objects.filter(case=case, institution__name=name, answered_on=None).exists()


def _key(after: str) -> tuple[date, int] | None:
    on, _, rest = after.partition("_")
    id_ = key_in(rest)
    try:
        due_on = parse_date(on)
    except ValueError:
        return None
    return (due_on, id_) if due_on and id_ is not None else None
