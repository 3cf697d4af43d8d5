"""What goes in and out of the API, and nothing else: these shapes are a promise to other people's software.

A field left out and a field that is null are not the same in a PUT: the first stays as it is, the second is cleared.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from telal.api.v1 import fields
from telal.cases import statuses
from telal.messaging.models import State
from telal.notices.models import Reason


class In(BaseModel):
    """Strict: an unknown field is a misunderstanding, better said at once."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


# ── In ──────────────────────────────────────────────────────────────────────────────────────────────────────


class OfficerIn(In):
    """Službenik. Phone and room are shown to the citizen as written; left out, the known ones stay."""

    name: fields.Name = Field(examples=["Amra Hadžić"])
    phone: fields.Contact | None = Field(None, examples=["033 282 310"])
    room: fields.Contact | None = Field(None, examples=["114"])


class ApplicantIn(In):
    """Stranka. The phone in any spelling; it is kept as E.164."""

    name: fields.Name = Field(examples=["Ana Anić"])
    phone: fields.Phone | None = Field(None, examples=["061 123 456"])


class ConsentIn(In):
    """Saglasnost, as signed at the counter."""

    given_at: fields.Moment = Field(examples=["2026-11-20T09:12:00+01:00"])
    recorded_by: fields.Recorder = Field(
        examples=["m.kovac"], description="Who took it, as your system calls them."
    )
    text_version: fields.Version = Field(
        examples=["2026-1"], description="Which version of the statement was signed."
    )
    language: fields.Language = Field("bs", description="The language of the messages.")


class CaseIn(In):
    """A case. When it exists already, fields left out stay as they are, and null clears."""

    number: fields.Number = Field(examples=["UP1-06-23-1847/2026"], description="As printed on paper.")
    kind: Literal["administrative", "non_administrative", "certificate"]
    subject: fields.Subject = Field(examples=["Zahtjev za izdavanje građevinske dozvole"])
    received_on: fields.Day
    complete_since: fields.Day | None = Field(
        None, description="Since when the request is complete: the deadline runs from here."
    )
    due_on: fields.Day | None = Field(
        None, description="The deadline for deciding. Without one it is computed, and null computes it again."
    )
    service: fields.Name | None = Field(
        None,
        description="What was asked for, by the code or the name of the service: its own deadline counts first.",
        examples=["08-18"],
    )
    department: fields.Name | None = Field(None, examples=["Služba za urbanizam"])
    officer: OfficerIn | None = None
    sensitive: bool = Field(
        False,
        description="Messages do not name the subject. Left out for a new case, it is as its service has it.",
    )
    barcode: fields.Barcode | None = Field(None, examples=["111929"])
    applicant: ApplicantIn
    consent: ConsentIn | None = Field(
        None,
        description="Recorded once. Sending it again changes nothing, also when it has been withdrawn since given_at.",
    )


class EventIn(In):
    """What has just happened to a case. A field left out, or null, leaves the case as it is; an empty text clears."""

    status: fields.Status
    occurred_at: fields.Moment | None = Field(
        None, description="When it happened; now, if left out.", examples=["2026-11-22T10:30:00+01:00"]
    )
    department: fields.NameOrNone | None = Field(None, examples=["Služba za urbanizam"])
    officer: OfficerIn | None = None
    waiting_for: fields.NameOrNone | None = Field(
        None,
        examples=["JP Elektroprivreda BiH"],
        description="Whose opinion is awaited. Only with the status awaiting_other_body.",
    )
    outcome: fields.Outcome | None = Field(
        None, description=f"Only with {', '.join(filter(statuses.may_carry_outcome, statuses.STATUSES))}."
    )
    due_on: fields.Day | None = Field(None, description="The deadline from now on.")
    note: fields.Note | None = Field(None, description="For staff; citizens do not see it.")

    @field_validator("waiting_for")
    @classmethod
    def _only_while_waiting(cls, waiting_for: str | None, info: ValidationInfo) -> str | None:
        if waiting_for and info.data.get("status", "awaiting_other_body") != "awaiting_other_body":
            raise fields.wrong(
                "Only a case that is awaiting_other_body waits for somebody: leave this out, or change the status."
            )
        return waiting_for

    @field_validator("outcome")
    @classmethod
    def _only_when_decided(cls, outcome: str | None, info: ValidationInfo) -> str | None:
        status = info.data.get("status")
        if outcome and status and not statuses.may_carry_outcome(status):
            allowed = ", ".join(filter(statuses.may_carry_outcome, statuses.STATUSES))
            raise fields.wrong(
                f"There is no outcome yet with this status: leave it out, or use one of {allowed}."
            )
        return outcome


class LineIn(EventIn):
    """An event in a line of its own."""

    case: fields.Ref
    key: fields.Key


# ── Out ─────────────────────────────────────────────────────────────────────────────────────────────────────


class OfficerOut(Out):
    name: str
    phone: str
    room: str


class ApplicantOut(Out):
    name: str
    phone: str = Field(description="E.164, or empty.")


class ConsentOut(Out):
    """The newest consent of the case."""

    given_at: datetime
    recorded_by: str
    text_version: str
    language: str
    withdrawn_at: datetime | None


class InvitationOut(Out):
    """What the slip for the citizen needs. Shown once; only hashes of the token and the PIN are kept."""

    url: str = Field(description="Goes into the QR code of the slip.")
    token: str
    pin: str
    viber_link: str = Field(
        description="Opens the chat directly; empty while the address of the chat is not known."
    )
    expires_at: datetime


class CaseOut(Out):
    """The case as it is now."""

    ref: str
    number: str
    barcode: str
    kind: str
    subject: str
    sensitive: bool
    applicant: ApplicantOut
    received_on: date
    complete_since: date | None
    due_on: date | None
    due_given: bool = Field(description="Whether somebody has given the deadline; else it is computed.")
    service: str = Field(description="The name of the service, or empty.")
    status: str
    outcome: str
    department: str
    officer: OfficerOut | None
    waiting_for: str
    waiting_since: date | None
    changed_at: datetime
    consent: ConsentOut | None


class CaseWithInvitation(CaseOut):
    invitation: Annotated[
        InvitationOut | None, Field(None, description="Only in the answer that created it.")
    ]


class InvitationAnswer(Out):
    ref: str
    invitation: InvitationOut


class EventOut(Out):
    """One line of the timeline: what the case was after the change. Never edited, so the same answer for ever."""

    case: str
    key: str | None
    no: int = Field(description="1 is the first line of the timeline.")
    status: str
    outcome: str
    occurred_at: datetime
    recorded_at: datetime
    department: str
    officer: OfficerOut | None
    waiting_for: str
    waiting_since: date | None
    due_on: date | None
    note: str
    source: str = Field(description="Where it came from, such as api, counter, import.")
    actor: str
    expected: bool = Field(description="false: an unusual move, accepted as it is.")


class AttemptOut(Out):
    """One try to send."""

    started_at: datetime
    ended_at: datetime
    outcome: str
    code: str
    detail: str


class MessageOut(Out):
    """How far a message to the citizen got."""

    channel: str
    state: str = Field(json_schema_extra={"enum": list(State.values)})
    queued_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    seen_at: datetime | None
    ended_at: datetime | None
    attempts: list[AttemptOut]
    error: str
    error_detail: str
    billing: int | None = Field(description="The platform's cost signal, as it gave it.")
    in_session: bool | None = Field(
        description="Whether the citizen had written within the last day: such a message is free."
    )


class NotTold(Out):
    """Why somebody was not told of an event."""

    reason: str = Field(json_schema_extra={"enum": list(Reason.values)})
    label: str = Field(description="The reason in Bosnian, for people.")


class TimelineEvent(EventOut):
    pending: bool = Field(description="Nobody has dealt with it yet; within seconds somebody will.")
    messages: list[MessageOut]
    not_told: list[NotTold]


class CaseWithTimeline(CaseOut):
    timeline: list[TimelineEvent]


class FieldErrorOut(Out):
    field: str = Field(examples=["consent.given_at"])
    detail: str


class ProblemDocument(Out):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What is wrong, and what to do.")
    errors: list[FieldErrorOut] | None = Field(
        None, description="Which fields are wrong, by their path in the body."
    )


class LineResult(Out):
    """What became of one line."""

    line: int
    case: str | None
    key: str | None
    status: int = Field(description="As the event alone would have been answered: 201, 200, 404, 409, 422 …")
    event: EventOut | None = None
    problem: ProblemDocument | None = None
