"""Sending on what could not be saved because the session was over."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.views.decorators.http import require_safe

from telal.counter import unsent_forms
from telal.counter.access import may
from telal.counter.audit import ACTIONS
from telal.counter.page import page


@require_safe
@may("cases.see", quiet=True)
def unsent(request: HttpRequest) -> HttpResponse:
    form = unsent_forms.kept(request)
    if form is None:
        return redirect("counter:start")
    action = ACTIONS.get(resolve(form.address.partition("?")[0]).view_name, "")
    return page(request, "unsent.html", {"unsent": form, "action": action})
