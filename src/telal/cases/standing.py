"""How urgent an open case is for whoever works on it: the sections of a work list, and the index that keeps them in order.

Within a section, what is due first comes first.
"""

from datetime import date

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from telal.cases.statuses import STATUSES, Status

# For an order: a case without a deadline comes after all that have one.
NO_DEADLINE = date(9999, 12, 31)

AWAITING_OTHERS, PAUSED, NEW, WORKED_ON, DECIDED = range(1, 6)
# Those whose deadline goes on; they are late when it is over.
RUNNING = (AWAITING_OTHERS, NEW, WORKED_ON)


def standing_of(status: Status) -> int | None:
    """None for one that nobody has to do anything about."""
    if status.final:
        return None
    if status.phase == "waiting":
        return AWAITING_OTHERS if status.clock == "runs" else PAUSED
    if status.code in ("received", "assigned"):
        return NEW
    return WORKED_ON if status.clock in ("runs", "restarts") else DECIDED


STANDINGS = {
    standing: tuple(code for code, status in STATUSES.items() if standing_of(status) == standing)
    for standing in (AWAITING_OTHERS, PAUSED, NEW, WORKED_ON, DECIDED)
}
OPEN = tuple(code for codes in STANDINGS.values() for code in codes)


def standing() -> Case:
    """The section as an expression: the very one of the indexes, so that they serve it."""
    whens = [When(status__in=codes, then=Value(number)) for number, codes in STANDINGS.items()]
    return Case(*whens, output_field=IntegerField())


def due() -> Coalesce:
    return Coalesce("due_on", Value(NO_DEADLINE))


def is_open() -> Q:
    return Q(status__in=OPEN)
