"""Moving a case on."""

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from telal.cases.models import Case, CaseEvent
from telal.counter.access import may
from telal.counter.case import show_case
from telal.counter.forms import MoveForm


@require_POST
@may("cases.move", of=Case)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(
        Case.objects.select_related("applicant", "department", "officer", "waiting_for"), pk=pk
    )
    form = MoveForm(case, request.POST)
    if not form.is_valid():
        return show_case(request, case, move_form=form)
    change = form.change()
    try:
        case.move_to(change, source="counter", actor=request.user.get_username())
    except IntegrityError:
        # The same form has arrived twice: what it asked for is done.
        if not CaseEvent.objects.filter(case=case, key=change.key).exists():
            raise
    return redirect("counter:case", pk)
