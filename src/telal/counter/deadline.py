"""The deadline of one case in words: the date, and how it comes about."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telal.cases import deadlines
from telal.cases.deadlines import Clock, Moment, Reckoning
from telal.cases.models import Case, moments_of
from telal.cases.rules import InForce, in_force
from telal.cases.statuses import STATUSES
from telal.counter.templatetags.counter import day, status_label

_CHECKED = ("received", "assigned")


@dataclass(frozen=True, slots=True)
class Deadline:
    """``because`` says how ``due_on`` comes about; ``others`` are further dates that somebody keeps an eye on: (words, date).

    ``counted`` is the date that the clock would have, where somebody has given another one.
    """

    due_on: date | None
    days_left: int | None
    because: Sequence[str]
    others: Sequence[tuple[str, date]]
    counted: date | None


def deadline_of(case: Case) -> Deadline:
    moments = moments_of([case.pk]).get(case.pk, [])
    because, others = list(_because(case, moments)), list(_others(case, moments))
    left = days_left_of(case, timezone.localdate())
    return Deadline(case.due_on, left, because, others, _counted_on(case, moments))


def days_left_of(case: Case, today: date) -> int | None:
    """None where no deadline goes on; negative when it is over."""
    runs = STATUSES[case.status].clock in ("runs", "restarts")
    return (case.due_on - today).days if case.due_on and runs else None


def _counted_on(case: Case, moments: Sequence[Moment]) -> date | None:
    if not case.due_given or not deadlines.is_ticking(case.status):
        return None
    counted = copy(case)
    counted.due_given = False
    reckoning = counted.reckoning(moments)
    return reckoning.due_on if reckoning else None


def _because(case: Case, moments: Sequence[Moment]) -> Iterator[str]:
    if case.due_given:
        yield _("upisan, ne računa se")
        return
    if case.status == "received" and case.counts_from() is None:
        yield _("ne teče dok zahtjev nije potpun")
    reckoning = case.reckoning(moments)
    # What has been decided keeps the date it had; how today's rules would count is another story.
    if reckoning is None or reckoning.due_on != case.due_on:
        return
    yield from _counted(case, reckoning, case.clock(moments), moments)
    if case.clock(moments).held_since and deadlines.is_ticking(case.status):
        yield _("stoji od %(day)s i pomjera se za svaki dan čekanja") % {"day": day(case.held_since)}


def _counted(case: Case, reckoning: Reckoning, clock: Clock, moments: Sequence[Moment]) -> Iterator[str]:
    yield ngettext("%(days)d dan od %(day)s", "%(days)d dana od %(day)s", reckoning.days) % {
        "days": reckoning.days,
        "day": day(reckoning.since),
    }
    if clock.counted_from:
        yield _("ponovni postupak")
    elif clock.asked_others and _is_extended(case, clock, in_force()):
        yield _("duži rok jer se traži mišljenje drugog organa")
    for status, days in deadlines.stood_still(moments, case.counts_from()).items():
        yield _stood(status, days)
    if reckoning.is_moved:
        yield _("pomjeren na prvi radni dan")


def _is_extended(case: Case, clock: Clock, kept: InForce) -> bool:
    terms = kept.terms(case.service_id)
    alone = deadlines.days_for(case.kind, terms, Clock(), kept.rules)
    return deadlines.days_for(case.kind, terms, clock, kept.rules) != alone


def _stood(status: str, days: int) -> str:
    said: Mapping[str, str] = {
        "awaiting_applicant": ngettext(
            "stajao %(days)d dan zbog dopune", "stajao %(days)d dana zbog dopune", days
        ),
        "suspended": ngettext(
            "stajao %(days)d dan zbog prekida postupka", "stajao %(days)d dana zbog prekida postupka", days
        ),
    }
    other = ngettext(
        "stajao %(days)d dan u stanju „%(status)s“", "stajao %(days)d dana u stanju „%(status)s“", days
    )
    return said.get(status, other) % {"days": days, "status": status_label(status)}


def _others(case: Case, moments: Sequence[Moment]) -> Iterator[tuple[str, date]]:
    kept = in_force()
    if case.service_id and case.status in _CHECKED and not case.complete_since:
        days = kept.service(case.service_id).completeness_days
        if due := deadlines.until(case.received_on, days, kept.working_days):
            yield _("potpunost provjeriti do"), due
    if case.status == "served":
        served = max(moment.on for moment in moments if moment.status == "served")
        if due := deadlines.until(served, kept.rules.days["appeal"], kept.working_days):
            yield _("rok za žalbu"), due
    if case.waiting_since and (
        due := deadlines.until(case.waiting_since, kept.rules.days["opinion"], kept.working_days)
    ):
        yield _("mišljenje se očekuje do"), due
