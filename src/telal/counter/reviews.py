"""The work list of changes that came from the municipality's system and look odd: are they right, and what was the citizen told?"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import CaseEvent, Review, Untold
from telal.cases.statuses import is_expected, is_step_back
from telal.counter import words
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.counter.waiting import reviews as waiting
from telal.messaging.models import MESSAGE_TEXT, State
from telal.notices.models import Notice
from telal.sealing.fields import as_kept
from telal.sealing.seals import legible


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of the change for one citizen: the words, icon and tone of its state, and the text."""

    words: str | Promise
    icon: str
    tone: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    event: CaseEvent
    before: CaseEvent | None
    odd: Sequence[str | Promise]
    told: Sequence[_Told]


@require_safe
@may("cases.see")
def reviews(request: HttpRequest) -> HttpResponse:
    """A page of them, the newest first."""
    rows = waiting().select_related("event__case").defer("event__note", "event__case__subject")
    shown, older = a_page(rows, request.GET.get("after", ""))
    events = [one.event for one in shown]
    earlier, told = _before(events), _told([event.pk for event in events])
    found = [
        _Row(event, earlier.get((event.case_id, event.no - 1)), _odd(event, earlier), told[event.pk])
        for event in events
    ]
    return page(request, "reviews.html", {"rows": found, "older": older})


@require_POST
@may("cases.move", of=Review, case="event__case")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """It is right as it is, or has been put right at the case; twice is as once."""
    Review.objects.filter(pk=pk, looked_at=None).update(
        looked_at=timezone.now(), looked_by=request.user.get_username()
    )
    return redirect("counter:reviews")


_Lines = dict[tuple[int, int], CaseEvent]


def _before(events: Sequence[CaseEvent]) -> _Lines:
    """The line before each of these, by case and number."""
    if not events:
        return {}
    wanted = reduce(or_, (Q(case=event.case_id, no=event.no - 1) for event in events))
    return {(one.case_id, one.no): one for one in CaseEvent.objects.filter(wanted).defer("note")}


def _odd(event: CaseEvent, earlier: _Lines) -> list[str | Promise]:
    """Why it wants a look."""
    before = earlier.get((event.case_id, event.no - 1))
    if before is None:
        return [_("predmet ne počinje prijemom")]
    checks = (
        (event.occurred_at < before.occurred_at, _("dogodilo se prije prethodne promjene")),
        (is_step_back(before.status, event.status), _("korak unazad: odluka ili završetak su povučeni")),
        (
            not is_expected(before.status, event.status, event.case.kind),
            _("neuobičajeno poslije prethodnog stanja"),
        ),
    )
    return [said for is_so, said in checks if is_so]


def _told(event_ids: Collection[int]) -> dict[int, list[_Told]]:
    """What citizens heard of each."""
    notices = Notice.objects.filter(event__in=event_ids).select_related("message").defer("message__text")
    found: dict[int, list[_Told]] = defaultdict(list)
    for event_id in Untold.objects.filter(event__in=event_ids).values_list("event_id", flat=True):
        found[event_id].append(_Told(_("priprema se"), "clock", "wait"))
    for notice in notices.annotate(sealed=as_kept("message__text")).order_by("id"):
        found[notice.event_id].append(_telling(notice))
    return found


def _telling(notice: Notice) -> _Told:
    if notice.message is None:
        return _Told(notice.get_reason_display() or _("poruka više nije sačuvana"), "minus", "calm")
    sealed: str = notice.sealed  # type: ignore[attr-defined]
    text = legible(sealed, MESSAGE_TEXT) or "" if sealed else ""
    return _Told(*words.MESSAGE_STATES[State(notice.message.state)], text)
