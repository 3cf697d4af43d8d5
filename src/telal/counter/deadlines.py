"""The rules by which deadlines are computed, and computing them anew once something has changed."""

from collections import Counter
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases import recount
from telal.cases.recount import Shift
from telal.cases.rules import DeadlineRules, Procedure
from telal.counter.access import may
from telal.counter.fields import show_first_error
from telal.counter.page import page
from telal.counter.services import Days
from telal.notices.models import Subscription

# So many cases are counted anew by one press of the button: a few seconds.
AT_ONCE = 1000
_SHOWN = 20
_REFS_AT_ONCE = 500

# By what they are for, each with where it stands in the law.
_FOR_DECIDING = {
    "shortened": _("ZUP, čl. 216"),
    "ordinary": _("ZUP, čl. 216"),
    "special": _("ZUP, čl. 216"),
    "from_records": _("ZUP, čl. 169"),
    "of_facts": _("ZUP, čl. 170"),
    "information": _("zakon o slobodi pristupa informacijama"),
    "other": _("prazno: bez roka"),
    "remanded": _("ZUP, čl. 239"),
}
_OTHERS = {"opinion": _("ZUP, čl. 202"), "appeal": _("ZUP, čl. 227")}
_LABELS = {
    **dict(Procedure.choices),
    "remanded": _("Nova odluka nakon vraćanja na ponovni postupak"),
    "opinion": _("Mišljenje ili saglasnost drugog organa"),
    "appeal": _("Žalba, od uručenja"),
}


_KINDS = {
    "later": _("Kasniji rok"),
    "earlier": _("Raniji rok"),
    "first": _("Rok prvi put"),
    "gone": _("Više nema roka"),
}


class RulesForm(forms.Form):
    """Days for each rule; empty where there is no deadline."""

    opinion_extends = forms.BooleanField(required=False)
    complete_when_received = forms.BooleanField(required=False)

    use_required_attribute = False

    def __init__(self, rules: DeadlineRules, data: Any = None) -> None:
        super().__init__(
            data, initial={field.name: getattr(rules, field.name) for field in rules._meta.fields}
        )
        self._rules = rules
        for name, where in (_FOR_DECIDING | _OTHERS).items():
            self.fields[name] = Days(_LABELS[name], help_text=where)

    def for_deciding(self) -> list[forms.BoundField]:
        return [self[name] for name in _FOR_DECIDING]

    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in _OTHERS]

    def save(self) -> None:
        for name, value in self.cleaned_data.items():
            setattr(self._rules, name, value)
        self._rules.save()


@require_safe
@may("office.see")
def deadlines(request: HttpRequest) -> HttpResponse:
    return page(request, "deadlines.html", {"form": RulesForm(DeadlineRules.present())})


@require_POST
@may("office.settings")
def set_deadlines(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        kept, _created = DeadlineRules.objects.get_or_create(pk=1)
        form = RulesForm(kept, request.POST)
        if form.is_valid():
            form.save()
            return redirect("counter:recount")
    show_first_error(form)
    return page(request, "deadlines.html", {"form": form})


@require_safe
@may("office.see")
def recounted(request: HttpRequest) -> HttpResponse:
    """What counting anew would do to open cases."""
    return _sum(request)


@require_POST
@may("office.settings")
def count_anew(request: HttpRequest) -> HttpResponse:
    return _sum(request, done=recount.shift(AT_ONCE, actor=request.user.get_username()))


def _sum(request: HttpRequest, done: int | None = None) -> HttpResponse:
    shifts = list(recount.shifts())
    kinds = Counter(map(_kind, shifts))
    context = {
        "done": done,
        "count": len(shifts),
        "kinds": [(words, kinds[kind]) for kind, words in _KINDS.items() if kinds[kind]],
        "told": _told(shifts),
        "shown": shifts[:_SHOWN],
        "at_once": AT_ONCE,
    }
    return page(request, "recount.html", context)


def _kind(shift: Shift) -> str:
    if shift.before is None:
        return "first"
    if shift.after is None:
        return "gone"
    return "later" if shift.after > shift.before else "earlier"


def _told(shifts: list[Shift]) -> int:
    """How many of these cases somebody hears of."""
    told = 0
    for start in range(0, len(shifts), _REFS_AT_ONCE):
        ids = [one.case_id for one in shifts[start : start + _REFS_AT_ONCE]]
        live = Subscription.objects.filter(case__in=ids, ended_at=None, consent__withdrawal=None)
        told += live.values("case_id").distinct().count()
    return told
