"""From our models to the shapes of the API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from telal.api.v1.problems import Problem
from telal.api.v1.schemas import (
    ApplicantOut,
    AttemptOut,
    CaseWithInvitation,
    CaseWithTimeline,
    ConsentOut,
    EventOut,
    InvitationOut,
    MessageOut,
    NotTold,
    OfficerOut,
    ProblemDocument,
    TimelineEvent,
)
from telal.cases.models import Case, CaseEvent
from telal.messaging.models import Attempt, Message
from telal.notices.consents import Slip
from telal.notices.models import Consent, GivenAs, Notice, Reason


def case_with_invitation(case: Case, slip: Slip | None) -> CaseWithInvitation:
    shown: dict[str, Any] = {"invitation": invitation(slip)} if slip else {}
    return CaseWithInvitation(**_case(case), **shown)


def case_with_timeline(case: Case) -> CaseWithTimeline:
    """The case and all that became of each event, in six queries whatever its length."""
    # What was said to the citizen is not for the system: it is not even unsealed.
    notices = Notice.objects.select_related("message__contact").defer("message__text").order_by("id")
    attempts = Attempt.objects.order_by("id")
    events = (
        CaseEvent.objects.filter(case=case)
        .select_related("untold")
        .prefetch_related(Prefetch("notices", notices), Prefetch("notices__message__attempts", attempts))
        .order_by("no")
    )
    return CaseWithTimeline(**_case(case), timeline=[_timeline_event(case, line) for line in events])


def _case(case: Case) -> dict[str, Any]:
    officer, consent = case.officer, _newest_consent(case)
    return {
        "ref": case.ref,
        "number": case.number,
        "barcode": case.barcode,
        "kind": case.kind,
        "subject": case.subject,
        "sensitive": case.sensitive,
        "applicant": ApplicantOut(name=case.applicant.name, phone=case.applicant.phone),
        "received_on": case.received_on,
        "complete_since": case.complete_since,
        "due_on": case.due_on,
        "due_given": case.due_given,
        "service": case.service.name if case.service else "",
        "status": case.status,
        "outcome": case.outcome,
        "department": case.department.name if case.department else "",
        "officer": OfficerOut(name=officer.name, phone=officer.phone, room=officer.room) if officer else None,
        "waiting_for": case.waiting_for.name if case.waiting_for else "",
        "waiting_since": case.waiting_since,
        "changed_at": _local(case.changed_at),
        "consent": consent,
    }


def _newest_consent(case: Case) -> ConsentOut | None:
    own = Consent.objects.filter(case=case, given_as=GivenAs.APPLICANT)
    consent = own.select_related("withdrawal").order_by("-id").first()
    if consent is None:
        return None
    withdrawal = getattr(consent, "withdrawal", None)
    return ConsentOut(
        given_at=_local(consent.given_at),
        recorded_by=consent.recorded_by,
        text_version=consent.text_version,
        language=consent.language,
        withdrawn_at=_local(withdrawal.withdrawn_at) if withdrawal else None,
    )


def invitation(slip: Slip) -> InvitationOut:
    return InvitationOut(
        url=slip.url,
        token=slip.token,
        pin=slip.pin,
        viber_link=slip.chat_link,
        expires_at=_local(slip.expires_at),
    )


def event(case: Case, line: CaseEvent) -> EventOut:
    return EventOut(**_event(case, line))


def _event(case: Case, line: CaseEvent) -> dict[str, Any]:
    officer = OfficerOut(name=line.officer, phone=line.officer_phone, room=line.officer_room)
    return {
        "case": case.ref,
        "key": line.key,
        "no": line.no,
        "status": line.status,
        "outcome": line.outcome,
        "occurred_at": _local(line.occurred_at),
        "recorded_at": _local(line.recorded_at),
        "department": line.department,
        "officer": officer if line.officer else None,
        "waiting_for": line.waiting_for,
        "waiting_since": line.waiting_since,
        "due_on": line.due_on,
        "note": line.note,
        "source": line.source,
        "actor": line.actor,
        "expected": line.expected,
    }


def _timeline_event(case: Case, line: CaseEvent) -> TimelineEvent:
    notices = line.notices.all()
    return TimelineEvent(
        **_event(case, line),
        pending=hasattr(line, "untold"),
        messages=[_message(notice.message) for notice in notices if notice.message],
        not_told=list(_not_told(notices)),
    )


def _not_told(notices: Iterable[Notice]) -> Iterable[NotTold]:
    for notice in notices:
        if notice.reason:
            reason = Reason(notice.reason)
            yield NotTold(reason=reason.value, label=str(reason.label))


def _message(message: Message) -> MessageOut:
    return MessageOut(
        channel=message.contact.channel,
        state=message.state,
        queued_at=_local(message.created_at),
        sent_at=_local_or_none(message.sent_at),
        delivered_at=_local_or_none(message.delivered_at),
        seen_at=_local_or_none(message.seen_at),
        ended_at=_local_or_none(message.ended_at),
        attempts=[_attempt(attempt) for attempt in message.attempts.all()],
        error=message.error,
        error_detail=message.error_detail,
        billing=message.billing,
        in_session=message.in_session,
    )


def _attempt(attempt: Attempt) -> AttemptOut:
    return AttemptOut(
        started_at=_local(attempt.started_at),
        ended_at=_local(attempt.ended_at),
        outcome=attempt.outcome,
        code=attempt.code,
        detail=attempt.detail,
    )


def problem(error: Problem) -> ProblemDocument:
    return ProblemDocument(**error.document())


def _local(moment: datetime) -> datetime:
    """The same moment on the municipality's clock, whichever way it came here."""
    return timezone.localtime(moment)


def _local_or_none(moment: datetime | None) -> datetime | None:
    return _local(moment) if moment else None
