"""Taking back a change before anybody is told: it wins only while the line is held, and then nobody ever hears of it."""

from django.db import transaction
from django.db.models import Q

from telal import sql
from telal.cases.models import Case, CaseEvent, Untold
from telal.messaging.models import Lane, Pump
from telal.notices.models import Notice, Reason, Subscription


@transaction.atomic
def take_back(event: CaseEvent, *, actor: str) -> bool:
    """Make the case again what it was before this line. False when it is too late: told already, or something came after it."""
    # Whoever announces holds this row: either they have told of the line, or they will never see it.
    list(Pump.objects.select_for_update().filter(pk="announce"))
    (case,) = Case.locked("id", [event.case_id])
    held = Untold.objects.filter(pk=event.pk, not_before__gt=sql.database_now()).first()
    if held is None or case.newest != event:
        return False
    Untold.objects.filter(pk=event.pk).delete()
    Notice.objects.create(event=event, reason=Reason.TAKEN_BACK, created_at=sql.database_now())
    case.take_back(held, actor=actor, is_news=_may_be_known(event))
    return True


def _may_be_known(event: CaseEvent) -> bool:
    """Has somebody been connected, or answered, since? They were told how the case stood then, so they hear how it stands now."""
    live = Subscription.objects.filter(case=event.case_id, ended_at=None)
    answers = Q(contact__messages__lane=Lane.ANSWER, contact__messages__created_at__gte=event.recorded_at)
    return live.filter(Q(told_through__gte=event.no) | answers).exists()
