"""Moving a case on: on its own screen or one click from a list, with what the citizen will read."""

from collections.abc import Callable

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case, CaseEvent, Change
from telal.counter.access import may
from telal.counter.case import cases, suggestions
from telal.counter.fields import show_first_error
from telal.counter.foresight import Foresight, foresee
from telal.counter.moving import make
from telal.counter.page import page
from telal.counter.reach import reach_of
from telal.counter.steps import AskForm, HandOverForm, MoveForm


@require_safe
@may("cases.move", of=Case)
def move_screen(request: HttpRequest, pk: int) -> HttpResponse:
    """The next step of a case for somebody who comes from a list, and goes back there."""
    case = get_object_or_404(cases(), pk=pk)
    form = MoveForm.of(case, due_counted=request.GET.get("due") == "counted")
    form.fields["status"].widget.attrs["autofocus"] = True
    return _show(request, case, form, None, request.GET.get("back", ""))


@require_POST
@may("cases.move", of=Case)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has not yet seen what they are cautioned of, or what somebody else has done to the case meanwhile, sees it first."""
    case = get_object_or_404(cases(), pk=pk)
    form, back = MoveForm(case, request.POST), request.POST.get("back", "")
    if not form.is_valid():
        return _show(request, case, form, None, back)
    actor = request.user.get_username()
    foresight = foresee(case, form.change(), actor=actor)
    is_asked, is_overtaken = "preview" in request.POST, _is_overtaken(case, form, request.POST)
    if is_asked or is_overtaken or foresight.stops(request.POST):
        return _show(request, case, form, foresight, back, is_stopped=not is_asked, is_overtaken=is_overtaken)
    make(case, form.change(), actor=actor)
    return redirect(safe_back(request, back) or resolve_url("counter:case", pk))


def _is_overtaken(case: Case, form: MoveForm, sent: QueryDict) -> bool:
    """Is the case in another state than its page has shown, and not by this very form? Other facts are changed one by one."""
    if sent.get("known", "") in ("", case.status):
        return False
    return not CaseEvent.objects.filter(case=case, key=form.change_key).exists()


@require_POST
@may("cases.move", of=Case, by_itself=True)
def preview(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """What would come of a form as it is now; nothing is saved."""
    case = get_object_or_404(cases(), pk=pk)
    form, change_of = _STEPS[step](case, request.POST)
    actor = request.user.get_username()
    foresight = foresee(case, change_of(), actor=actor) if form.is_valid() else None
    return render(request, "counter/foresight.html", {"foresight": foresight, "form": form})


def _moving(case: Case, sent: QueryDict) -> tuple[Form, Callable[[], Change]]:
    form = MoveForm(case, sent)
    return form, form.change


def _handing_over(case: Case, sent: QueryDict) -> tuple[Form, Callable[[], Change]]:
    form = HandOverForm(sent)
    return form, lambda: form.change_of(case)


def _asking(_: Case, sent: QueryDict) -> tuple[Form, Callable[[], Change]]:
    form = AskForm(sent)
    return form, form.change


_STEPS = {"move": _moving, "hand-over": _handing_over, "opinion": _asking}


def _show(
    request: HttpRequest,
    case: Case,
    form: MoveForm,
    foresight: Foresight | None,
    back: str,
    *,
    is_stopped: bool = False,
    is_overtaken: bool = False,
) -> HttpResponse:
    show_first_error(form)
    context = {
        "case": case,
        "reach": reach_of([case.pk])[case.pk],
        "move_form": form,
        "form": form,
        "foresight": foresight,
        "is_stopped": is_stopped,
        "newest": case.events.order_by("-no").first() if is_overtaken else None,
        "back": safe_back(request, back),
        **suggestions(),
    }
    return page(request, "move.html", context)


def safe_back(request: HttpRequest, back: str) -> str:
    """An address of ours, or nothing."""
    ours = back.startswith("/counter/") and url_has_allowed_host_and_scheme(back, {request.get_host()})
    return back if ours else ""
