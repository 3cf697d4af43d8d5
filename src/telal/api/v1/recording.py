"""What the API does to cases: each function is one transaction, and doing it twice does no harm."""

from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from telal.api.v1.problems import Problem
from telal.api.v1.schemas import ApplicantIn, CaseIn, ConsentIn, EventIn, OfficerIn
from telal.cases.models import (
    CLOCK,
    Applicant,
    Case,
    CaseEvent,
    Change,
    Department,
    Officer,
    Reduced,
    Service,
    number_key,
)
from telal.notices.consents import Slip, invite, live_consents, own_consents, record_consent, withdraw
from telal.notices.models import GivenAs, Withdrawal

SOURCE = "api"


class DroppedCase(Problem):
    """Its time is over, and its data with it; a system that sends everything every night must not bring it back."""

    def __init__(self) -> None:
        super().__init__(
            410,
            "This case was closed long ago and its data has been dropped. If it is open again, send what has happened since then.",
        )


class UnknownCase(Problem):
    def __init__(self) -> None:
        super().__init__(404, "There is no case with this ref. Create it first: PUT /api/v1/cases/{ref}.")


def find(ref: str) -> Case:
    """The case with everything it refers to. Raises UnknownCase."""
    related = Case.objects.select_related("applicant", "department", "officer", "waiting_for", "service")
    case = related.filter(ref=ref).first()
    if case is None:
        raise UnknownCase
    return case


def _lock(ref: str) -> Case | None:
    return next(iter(Case.locked("ref", [ref])), None)


def _locked(ref: str) -> Case:
    case = _lock(ref)
    if case is None:
        raise UnknownCase
    return case


# ── A case ──────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def put(ref: str, sent: CaseIn, *, actor: str) -> tuple[Case, Slip | None, bool]:
    """Create or update. Returns the case, the slip if this made one, and whether the case is new. Raises DroppedCase."""
    case = _lock(ref)
    created = case is None
    if case and case.reduced_at:
        raise DroppedCase
    if case is None:
        case, created = _register(ref, sent, actor)
    if not created:
        _update(case, sent, actor)
    slip = _consent(case, sent.consent) if sent.consent else None
    return case, slip, created


def _register(ref: str, sent: CaseIn, actor: str) -> tuple[Case, bool]:
    fields = _fields(sent, None)
    if fields.get("service") and "sensitive" not in fields:
        fields["sensitive"] = fields["service"].sensitive
    received_at = _start_of(sent.received_on)
    try:
        # A savepoint: the transaction goes on if somebody else was faster.
        with transaction.atomic():
            case = Case.register(ref=ref, source=SOURCE, actor=actor, occurred_at=received_at, **fields)
    except IntegrityError:
        return _locked(ref), False
    return case, True


def _start_of(day: date) -> datetime:
    """All that is known of the moment, and early enough for events of the same day that are told later."""
    return min(timezone.make_aware(datetime.combine(day, time())), timezone.now())


def _update(case: Case, sent: CaseIn, actor: str) -> None:
    """What makes the deadline another one is news; so is that, and stands in the timeline."""
    began = case.received_on, case.complete_since
    fields = _fields(sent, case)
    if "due_on" in fields:
        case.due_given = fields["due_on"] is not None
        case.due_on = fields.pop("due_on") or case.due_on
    for field, value in fields.items():
        setattr(case, field, value)
    if began != (case.received_on, case.complete_since):
        case.held_days = None
    case.number_key = number_key(case.number, case.received_on.year)
    case.save()
    case.count_anew(source=CLOCK, actor=actor)


def _fields(sent: CaseIn, known: Case | None) -> dict[str, Any]:
    """The fields of our case for those that were sent."""
    values: dict[str, Any] = sent.model_dump(
        include=sent.model_fields_set - {"applicant", "department", "officer", "consent", "service"}
    )
    values["applicant"] = _applicant(sent.applicant, known)
    if "barcode" in values:
        values["barcode"] = values["barcode"] or ""
    if "department" in sent.model_fields_set:
        values["department"] = Department.called(
            sent.department or "", known=known.department if known else None
        )
    if "service" in sent.model_fields_set:
        values["service"] = Service.called(sent.service or "", sent.kind)
    if "officer" in sent.model_fields_set:
        values["officer"] = _officer(sent.officer, known) if sent.officer else None
    return values


def _applicant(sent: ApplicantIn, known: Case | None) -> Applicant:
    """The same person keeps the phone they left, unless it was sent."""
    if known and "phone" not in sent.model_fields_set and known.applicant.name == sent.name:
        return known.applicant
    return Applicant.called(sent.name, sent.phone or "")


def _officer(sent: OfficerIn, case: Case | None) -> Officer | None:
    known = case.officer if case else None
    return Officer.called(sent.name, sent.phone or "", sent.room or "", known=known)


def _consent(case: Case, sent: ConsentIn) -> Slip | None:
    """Record it once: not while the applicant's stands, nor when they have taken it back since it was given."""
    if own_consents(case).exists() or _withdrawn_since(case, sent.given_at):
        return None
    consent = record_consent(
        case,
        recorded_by=sent.recorded_by,
        medium=SOURCE,
        given_at=sent.given_at,
        text_version=sent.text_version,
        language=sent.language,
    )
    return invite(consent)


def _withdrawn_since(case: Case, given_at: datetime) -> bool:
    theirs = Withdrawal.objects.filter(consent__case=case, consent__given_as=GivenAs.APPLICANT)
    return theirs.filter(withdrawn_at__gte=given_at).exists()


@transaction.atomic
def new_invitation(ref: str) -> Slip:
    """A new slip for the applicant; their old one ends. Raises Problem when they have not consented."""
    consent = own_consents(_locked(ref)).first()
    if consent is None:
        raise Problem(
            409,
            "The applicant has not consented to messages about this case, or has withdrawn: record a consent with PUT first.",
        )
    return invite(consent)


@transaction.atomic
def withdraw_consent(ref: str, *, actor: str) -> None:
    """Nobody hears of the case any more."""
    for consent in live_consents(_locked(ref)):
        withdraw(consent, recorded_by=actor, medium=SOURCE)


# ── Its events ──────────────────────────────────────────────────────────────────────────────────────────────


def record(
    ref: str, sent: EventIn, *, key: str, fingerprint: str, actor: str
) -> tuple[Case, CaseEvent, bool]:
    """One line of the timeline. Returns the case, the line, and whether it is new. Raises Problem."""
    try:
        with transaction.atomic():
            case = _locked(ref)
            return case, move(case, sent, key, fingerprint, actor=actor), True
    except IntegrityError:
        # Most keys are new: the database says so when one is not.
        known = CaseEvent.objects.filter(case=case, key=key).first()
        if known is None:
            raise
    return case, same(known, fingerprint), False


def move(case: Case, sent: EventIn, key: str, fingerprint: str, *, actor: str) -> CaseEvent:
    """A new line of the timeline of a locked case. Raises DroppedCase for one of a time that has been dropped."""
    try:
        return case.write_down(change(sent, key, fingerprint), source=SOURCE, actor=actor)
    except Reduced:
        raise DroppedCase from None


def same(known: CaseEvent, fingerprint: str) -> CaseEvent:
    """The recorded event, if it was sent with this very body."""
    if known.fingerprint != fingerprint:
        raise Problem(
            409,
            "This key belongs to another event of this case. Give every event its own key; repeat an event as it was.",
        )
    return known


def change(sent: EventIn, key: str, fingerprint: str) -> Change:
    """What was sent, in our words."""
    officer = sent.officer
    return Change(
        status=sent.status,
        occurred_at=sent.occurred_at,
        department=sent.department,
        officer=officer.name if officer else None,
        officer_phone=officer.phone or "" if officer else "",
        officer_room=officer.room or "" if officer else "",
        waiting_for=sent.waiting_for,
        outcome=sent.outcome,
        due_on=sent.due_on,
        note=sent.note or "",
        key=key,
        fingerprint=fingerprint,
    )
