"""Handing a case over to another officer or department."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from telal.cases.models import Case
from telal.counter.access import may
from telal.counter.case import cases, show_case
from telal.counter.foresight import foresee
from telal.counter.moving import make
from telal.counter.steps import HandOverForm


@require_POST
@may("cases.move", of=Case)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(cases(), pk=pk)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return show_case(request, case, hand_over_form=form)
    change, actor = form.change_of(case), request.user.get_username()
    foresight = foresee(case, change, actor=actor)
    if foresight.stops(request.POST):
        return show_case(request, case, hand_over_form=form, hand_over_foresight=foresight)
    make(case, change, actor=actor)
    return redirect("counter:case", pk)
