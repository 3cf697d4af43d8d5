"""*Moji predmeti*: what an officer has to do, the most urgent first.

The list walks from section to section, each of them one stretch of an index, and pages by key: it costs the same with a million
cases. What is chosen stands in the address.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from telal.cases import standing
from telal.cases.models import Case, CaseEvent, Department, Institution, Officer, Opinion
from telal.counter.access import may, whoever_asks
from telal.counter.deadline import days_left_of
from telal.counter.desk import Desk, desk_of, late_of, open_cases
from telal.counter.page import page
from telal.counter.paging import ON_A_PAGE, behind, key_of
from telal.counter.reach import Reach, reach_of
from telal.counter.templatetags.counter import status_label


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the list. Only one that is ``late`` holds cases whose time is over."""

    code: str
    title: str | Promise
    standings: tuple[int, ...]
    late: bool = False


SECTIONS = (
    Section("late", _("Kasni"), standing.RUNNING, late=True),
    Section("others", _("Čeka se drugi organ"), (standing.AWAITING_OTHERS,)),
    Section("applicant", _("Čeka se stranka"), (standing.PAUSED,)),
    Section("new", _("Novo"), (standing.NEW,)),
    Section("work", _("U radu"), (standing.WORKED_ON,)),
    Section("decided", _("Odlučeno, još nije zaključeno"), (standing.DECIDED,)),
)
_BY_CODE = {section.code: section for section in SECTIONS}

WHOSE: Mapping[str, str | Promise] = {
    "own": _("moji"),
    "departments": _("moja služba"),
    "all": _("svi"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the list; ``section`` only where a new one begins."""

    case: Case
    reach: Reach
    section: Section | None
    opinions: Sequence[Opinion]
    since: date
    days_left: int | None


@require_safe
@may("cases.see", quiet=True)
def start(request: HttpRequest) -> HttpResponse:
    """Where somebody comes to who has just signed in: officers and heads to their cases, others to the counter."""
    own = late_of(whoever_asks(request))
    return redirect("counter:home" if own is None else "counter:mine")


@require_safe
@may("cases.see")
def mine(request: HttpRequest) -> HttpResponse:
    desk = desk_of(request.user)
    whose = request.GET.get("whose", "")
    if whose not in desk.choices:
        whose = desk.choices[0]
    today = timezone.localdate()
    chosen = _chosen(request.GET)
    found, further = _page(_filtered(_of(desk, whose), chosen), chosen, request.GET.get("after", ""), today)
    context = {
        "desk": desk,
        "whose": whose,
        "whoses": [(code, WHOSE[code]) for code in desk.choices],
        "chosen": chosen,
        "is_filtered": any(chosen.values()),
        "sections": SECTIONS,
        "statuses": [(code, status_label(code)) for code in standing.OPEN],
        "departments": _departments(desk, whose),
        "officers": Officer.objects.all() if whose != "own" else (),
        "institutions": Institution.objects.all(),
        "rows": list(_rows(found, today)),
        "here": request.get_full_path(),
        "further": further,
    }
    return page(request, "mine.html", context)


# ── What is asked for ────────────────────────────────────────────────────────────────────────────────────────────────


def _chosen(asked: QueryDict) -> dict[str, str]:
    """What the filters say; what they cannot say is left out."""
    ids = {
        name: value
        for name in ("department", "officer", "waiting_for")
        if (value := asked.get(name, "")).isdecimal() and len(value) < 19
    }
    section, status = asked.get("section", ""), asked.get("status", "")
    return {
        **dict.fromkeys(("department", "officer", "waiting_for"), ""),
        **ids,
        "section": section if section in _BY_CODE else "",
        "status": status if status in standing.OPEN else "",
        "opinion": "late" if asked.get("opinion") == "late" else "",
    }


def _of(desk: Desk, whose: str) -> QuerySet[Case]:
    cases = Case.objects.all()
    if whose == "own":
        return cases.filter(officer=desk.officer)
    return cases if whose == "all" else cases.filter(department__in=sorted(desk.departments))


def _filtered(cases: QuerySet[Case], chosen: Mapping[str, str]) -> QuerySet[Case]:
    for name in ("department", "officer", "waiting_for"):
        if chosen[name]:
            cases = cases.filter(**{name: int(chosen[name])})
    if chosen["status"]:
        cases = cases.filter(status=chosen["status"])
    if chosen["opinion"]:
        # Asked for first: they are few, and a database that joins walks through the cases to find them.
        late = Opinion.objects.filter(answered_on=None, due_on__lt=timezone.localdate())
        cases = cases.filter(pk__in=set(late.values_list("case", flat=True)))
    return cases


def _departments(desk: Desk, whose: str) -> QuerySet[Department]:
    """Those among which there is something to choose."""
    departments = Department.objects.all()
    if whose == "departments":
        return departments.filter(pk__in=desk.departments if len(desk.departments) > 1 else ())
    return departments if whose == "all" else departments.none()


# ── A page ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _page(
    cases: QuerySet[Case], chosen: Mapping[str, str], after: str, today: date
) -> tuple[list[tuple[Section, Case]], str]:
    """The next cases with their sections, and the key of the page after them (empty on the last): a section, and a key in it."""
    sections = [one for one in SECTIONS if _may_hold(one, chosen)]
    code, _, key = after.partition("_")
    sections = sections[next((n for n, one in enumerate(sections) if one.code == code), 0) :]
    found: list[tuple[Section, date, int]] = []
    for section in sections:
        where = key if section.code == code else ""
        found += [(section, *row) for row in _keys(cases, section, where, ON_A_PAGE + 1 - len(found), today)]
        if len(found) > ON_A_PAGE:
            last, *of_last = found[ON_A_PAGE - 1]
            return _with_all(found[:ON_A_PAGE]), key_of((last.code, *of_last))
    return _with_all(found), ""


def _may_hold(section: Section, chosen: Mapping[str, str]) -> bool:
    """Is it worth looking into this section for what was chosen?"""
    statuses = {status for one in section.standings for status in standing.STANDINGS[one]}
    is_chosen = chosen["section"] in ("", section.code)
    return is_chosen and (not chosen["status"] or chosen["status"] in statuses)


def _keys(
    cases: QuerySet[Case], section: Section, after: str, most: int, today: date
) -> list[tuple[date, int]]:
    """The next of a section: each standing is a stretch of an index in order, so the database sorts nothing."""
    keys: list[tuple[date, int]] = []
    for one in section.standings:
        rows = open_cases(cases).filter(standing=one).order_by("due", "id")
        if section.late:
            rows = rows.filter(due__lt=today)
        elif one in standing.RUNNING:
            rows = rows.filter(due__gte=today)
        keys += behind(rows, after).values_list(standing.due(), "id")[:most]
    return sorted(keys)[:most]


def _with_all(found: Sequence[tuple[Section, date, int]]) -> list[tuple[Section, Case]]:
    """Joined for the cases of the page only."""
    related = Case.objects.select_related("applicant", "officer", "department", "waiting_for")
    known = related.in_bulk([id_ for _section, _due, id_ in found])
    return [(section, known[id_]) for section, _due, id_ in found if id_ in known]


def _rows(found: Sequence[tuple[Section, Case]], today: date) -> Iterator[Row]:
    ids = [case.pk for _section, case in found]
    reach, opinions, begun = reach_of(ids), _awaited(ids), _begun(ids)
    before = None
    for section, case in found:
        begins = section if section is not before else None
        since = case.waiting_since or timezone.localdate(begun.get(case.pk, case.changed_at))
        yield Row(case, reach[case.pk], begins, opinions.get(case.pk, ()), since, days_left_of(case, today))
        before = section


def _begun(case_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of them became what it is."""
    newest = CaseEvent.objects.filter(case__in=case_ids, no=F("case__events_count"))
    return dict(newest.values_list("case_id", "occurred_at"))


def _awaited(case_ids: Sequence[int]) -> dict[int, list[Opinion]]:
    found: dict[int, list[Opinion]] = {}
    awaited = Opinion.objects.filter(case__in=case_ids, answered_on=None).select_related("institution")
    for opinion in awaited.order_by("due_on", "id"):
        found.setdefault(opinion.case_id, []).append(opinion)
    return found
