"""Many cases at once: choose, look at what would happen, then one click. One bad case never spoils the others."""

import re
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from telal.cases.models import Case, CaseEvent, Change, Reduced
from telal.counter.access import may, whoever_asks
from telal.counter.case import suggestions
from telal.counter.fields import show_first_error
from telal.counter.foresight import Foresight, Told, foresee_all
from telal.counter.move import safe_back
from telal.counter.moving import make
from telal.counter.noting import concerns
from telal.counter.page import page
from telal.counter.steps import HandOverForm, MoveForm
from telal.staff.colleagues import cases_for

# So many can be looked at, and taken back within the time for it.
MOST = 200


@dataclass(frozen=True, slots=True)
class Summary:
    """What would come of it. ``told`` counts messages by language; ``samples`` has one of each language; ``seen`` is for each case
    that would change the number of its last line so far.
    """

    changed: Sequence[Foresight]
    impossible: Sequence[Foresight]
    unusual: Sequence[Foresight]
    told: Sequence[tuple[str, int]]
    not_told: Sequence[tuple[str, Sequence[Foresight]]]
    cautioned: Sequence[Foresight]
    samples: Sequence[Told]
    seen: Sequence[tuple[int, int]]


def summarise(foresights: Sequence[Foresight]) -> Summary:
    changed = [one for one in foresights if one.event]
    told = [told for one in changed for told in one.told if told.text]
    reasons: dict[str, list[Foresight]] = {}
    for one in changed:
        for why in dict.fromkeys(told.why_not for told in one.told if told.why_not):
            reasons.setdefault(why, []).append(one)
    samples = {one.language: one for one in reversed(told)}
    return Summary(
        changed=changed,
        impossible=[one for one in foresights if not one.event],
        unusual=[one for one in changed if one.event and not one.event.expected],
        told=Counter(one.language_name for one in told).most_common(),
        not_told=list(reasons.items()),
        cautioned=[one for one in changed if one.cautions],
        samples=list(samples.values()),
        seen=[(one.case.pk, one.event.no - 1) for one in changed if one.event],
    )


@require_POST
@may("cases.move", each=True)
def bulk(request: HttpRequest) -> HttpResponse:
    """One address for the three steps: the form, what would happen, and doing it."""
    chosen = _ids(request.POST)
    ids = _open_to(request, chosen)
    if len(ids) < len(chosen):
        said = _("Izostavljeno, jer ih vodi druga služba: %(count)s.")
        messages.warning(request, said % {"count": len(chosen) - len(ids)})
    elif not ids:
        messages.warning(request, _("Prvo izaberite predmete."))
    if not ids:
        return redirect(safe_back(request, request.POST.get("back", "")) or "counter:mine")
    if "do" not in request.POST and "look" not in request.POST:
        key = {"key": uuid.uuid4()}
        form = MoveForm(None, initial=key)
        form.fields["status"].widget.attrs["autofocus"] = True
        return _show(request, ids, form, HandOverForm(initial=key))
    asked = _form(request.POST)
    if not asked.is_valid():
        return _show(request, ids, *_beside(asked))
    change_of = _change_of(asked)
    if "do" in request.POST:
        return _do(request, ids, change_of, _seen(request.POST))
    foresights = foresee_all(ids, change_of, actor=request.user.get_username())
    return _show(request, ids, *_beside(asked), summary=summarise(list(foresights)))


def _ids(sent: QueryDict) -> list[int]:
    ids = {int(text) for text in sent.getlist("case") if text.isdecimal() and len(text) < 19}
    return sorted(ids)[:MOST]


def _seen(sent: QueryDict) -> dict[int, int]:
    """Through which line of their timelines the cases were looked at: ``12:5``."""
    pairs = (re.fullmatch(r"([0-9]{1,18}):([0-9]{1,9})", text) for text in sent.getlist("seen"))
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


class _NotAsSeen(Exception):
    """Somebody has changed the case since it was looked at."""


def _as_seen(through: int | None) -> Callable[[CaseEvent], None]:
    """Takes only the line that follows the last one that was looked at."""

    def check(event: CaseEvent) -> None:
        if through is None or event.no != through + 1:
            raise _NotAsSeen

    return check


def _open_to(request: HttpRequest, ids: Sequence[int]) -> list[int]:
    """Those of them that whoever asks may change."""
    mine = cases_for(whoever_asks(request), "cases.move")
    return list(Case.objects.filter(mine, pk__in=ids).order_by("pk").values_list("pk", flat=True))


def _form(sent: QueryDict) -> MoveForm | HandOverForm:
    return HandOverForm(sent) if sent.get("step") == "hand_over" else MoveForm(None, sent)


def _beside(form: MoveForm | HandOverForm) -> tuple[MoveForm, HandOverForm]:
    key = {"key": form["key"].value()}
    if isinstance(form, MoveForm):
        return form, HandOverForm(initial=key)
    return MoveForm(None, initial=key), form


def _change_of(form: MoveForm | HandOverForm) -> Callable[[Case], Change]:
    if isinstance(form, HandOverForm):
        return form.change_of
    change = form.change()
    return lambda _: change


def _do(
    request: HttpRequest, ids: Sequence[int], change_of: Callable[[Case], Change], seen: Mapping[int, int]
) -> HttpResponse:
    concerns(request, *(f"cases/{pk}" for pk in ids))
    done, impossible, not_as_seen = 0, 0, 0
    for case in Case.objects.select_related("department").filter(pk__in=ids).order_by("pk"):
        try:
            along = _as_seen(seen.get(case.pk))
            make(case, change_of(case), actor=request.user.get_username(), along=along)
            done += 1
        except Reduced:
            impossible += 1
        except _NotAsSeen:
            not_as_seen += 1
    messages.success(request, _("Promijenjeno predmeta: %(count)s.") % {"count": done})
    if impossible:
        messages.warning(
            request, _("Nije promijenjeno, jer su podaci odavno obrisani: %(count)s.") % {"count": impossible}
        )
    if not_as_seen:
        said = _("Nije promijenjeno, jer ih je neko u međuvremenu mijenjao: %(count)s. Pogledajte ih ponovo.")
        messages.warning(request, said % {"count": not_as_seen})
    return redirect(safe_back(request, request.POST.get("back", "")) or "counter:mine")


def _show(
    request: HttpRequest,
    ids: Sequence[int],
    move_form: MoveForm,
    hand_over_form: HandOverForm,
    summary: Summary | None = None,
) -> HttpResponse:
    for form in (move_form, hand_over_form):
        show_first_error(form)
    context: dict[str, Any] = {
        "cases": Case.objects.filter(pk__in=ids).select_related("applicant", "officer").order_by("pk"),
        "move_form": move_form,
        "hand_over_form": hand_over_form,
        "form": hand_over_form if hand_over_form.is_bound else move_form,
        "step": "hand_over" if hand_over_form.is_bound else "move",
        "summary": summary,
        "back": safe_back(request, request.POST.get("back", "")),
        **suggestions(),
    }
    return page(request, "bulk.html", context)
