"""Making a change that came from a screen: once, however often it arrives, and held for as long as it may be taken back."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from telal.cases.models import Case, CaseEvent, Change
from telal.counter.undo import hold


def make(
    case: Case,
    change: Change,
    *,
    actor: str,
    along: Callable[[CaseEvent], None] = lambda _: None,
) -> bool:
    """Whether it is made now; False where it had been already. ``along`` does what belongs to it, in the same transaction.

    Raises Reduced where the case has been closed for so long that its data is gone.
    """
    try:
        with transaction.atomic():
            along(case.move_to(change, source="counter", actor=actor, hold=hold()))
    except IntegrityError:
        # The same form has arrived twice: what it asked for is done.
        if not CaseEvent.objects.filter(case=case, key=change.key).exists():
            raise
        return False
    return True
