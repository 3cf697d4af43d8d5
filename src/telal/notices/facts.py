"""From the timeline to what a message may say."""

from django.utils import timezone

from telal.cases.models import Case, CaseEvent
from telal.notices.compose import CaseFacts


def facts_of(case: Case, event: CaseEvent) -> CaseFacts:
    """What the citizen may be told about this line of the timeline of their case."""
    return CaseFacts(
        number=case.number,
        kind=case.kind,
        subject=case.subject,
        status=event.status,
        outcome=event.outcome,
        department=event.department,
        officer=event.officer,
        officer_phone=event.officer_phone,
        officer_room=event.officer_room,
        waiting_for=event.waiting_for,
        waiting_since=event.waiting_since,
        received_on=case.received_on,
        due_on=event.due_on,
        occurred_on=timezone.localdate(event.occurred_at),
        sensitive=case.sensitive,
    )
