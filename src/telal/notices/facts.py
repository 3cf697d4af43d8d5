"""From the timeline to what a message may say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from telal.cases.models import CASE_SUBJECT, CLOCK, CaseEvent
from telal.notices.compose import CaseFacts
from telal.sealing.fields import as_kept
from telal.sealing.seals import legible_or_alarm


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline, and what may be told about it.

    ``free_since`` is when it could first be told: when it was recorded, or when it could no longer be taken back.
    """

    event_id: int
    case_id: int
    no: int
    is_news: bool
    key: str | None
    recorded_at: datetime
    free_since: datetime
    trace: UUID | None
    facts: CaseFacts


# Where each fact stands, as seen from the event.
_FACTS = {
    "number": "case__number",
    "kind": "case__kind",
    "subject": "sealed_subject",
    "status": "status",
    "outcome": "outcome",
    "department": "department",
    "officer": "officer",
    "officer_phone": "officer_phone",
    "officer_room": "officer_room",
    "waiting_for": "waiting_for",
    "waiting_since": "waiting_since",
    "received_on": "case__received_on",
    "due_on": "due_on",
    "sensitive": "case__sensitive",
    "only_deadline": "source",
}


def lines(events: QuerySet[CaseEvent]) -> list[Line]:
    """These lines as values: they are read by the hundred, and models would cost more than all the rest."""
    rows = events.annotate(
        sealed_subject=as_kept("case__subject"), free_since=Coalesce("untold__not_before", "recorded_at")
    ).values_list(
        "id", "case_id", "no", "is_news", "key", "recorded_at", "free_since", "trace", "occurred_at", *_FACTS.values()
    )  # fmt: skip
    here = timezone.get_current_timezone()  # asking for it costs more than using it
    return [
        Line(
            id_,
            case_id,
            no,
            is_news,
            key,
            recorded_at,
            free_since,
            trace,
            _facts(case_id, occurred_at.astimezone(here), facts),
        )
        for id_, case_id, no, is_news, key, recorded_at, free_since, trace, occurred_at, *facts in rows
    ]


def _facts(case_id: int, occurred_at: datetime, others: Sequence[Any]) -> CaseFacts:
    """``occurred_at`` is local time."""
    known = dict(zip(_FACTS, others, strict=True))
    # Where somebody has changed it on the disk, the news is told all the same, by number.
    known["subject"] = legible_or_alarm(known["subject"], CASE_SUBJECT, "subject_unreadable", case=case_id)
    known["only_deadline"] = known["only_deadline"] == CLOCK
    return CaseFacts(**known, occurred_on=occurred_at.date())
