"""Deadlines counted anew, after the rules, a service or the calendar have changed: what would become of them, and doing it.

Nothing changes by itself: citizens are told a new date, so somebody looks at the sum of it first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from django.db import transaction

from telal.cases.deadlines import is_ticking
from telal.cases.models import CLOCK, Case, moments_of
from telal.cases.statuses import STATUSES

_Item = TypeVar("_Item")
_TOGETHER = 200
_TICKING = [code for code in STATUSES if is_ticking(code)]
_READ = (
    "number", "kind", "service", "status", "received_on", "complete_since", "due_on", "due_given", "counted_from", "held_days",
    "held_since", "asked_others",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shift:
    """An open case whose deadline would be another one. None: no deadline."""

    case_id: int
    number: str
    before: date | None
    after: date | None


def shifts() -> Iterator[Shift]:
    """All of them, in the order in which the cases came; those whose date somebody has given are not among them."""
    cases = Case.objects.filter(status__in=_TICKING, due_given=False, reduced_at=None)
    for batch in _batches(cases.order_by("id").only(*_READ).iterator(_TOGETHER)):
        timelines = moments_of([case.pk for case in batch if case.held_days is None])
        for case in batch:
            reckoning = case.reckoning(timelines.get(case.pk))
            after = reckoning.due_on if reckoning else None
            if after != case.due_on:
                yield Shift(case.pk, case.number, case.due_on, after)


def shift(most: int, *, actor: str = "") -> int:
    """Count so many anew, each with a line in its timeline, of which citizens hear. Returns how many are another one now."""
    ids = [one.case_id for one in islice(shifts(), most)]
    return sum(_count_anew(batch, actor) for batch in _batches(ids))


@transaction.atomic
def _count_anew(ids: Sequence[int], actor: str) -> int:
    return sum(case.count_anew(source=CLOCK, actor=actor) is not None for case in Case.locked("id", ids))


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    left = iter(items)
    while batch := list(islice(left, _TOGETHER)):
        yield batch
