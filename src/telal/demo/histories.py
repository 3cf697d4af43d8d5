"""Real histories, happening again: cases from the sample log, put in and moved on through the API as a DMS would."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, zip_longest
from typing import Any
from urllib.parse import quote

from telal.cases.statuses import STATUSES
from telal.demo.web import Site
from telal.intake.commands import SAMPLE
from telal.intake.entries import Entry, read_entries
from telal.intake.files import read_table
from telal.intake.mapping import load_mapping
from telal.notices.consent_text import current_version

_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One event of one history. ``citizen`` is the place, from 0, of the person whose case it is made to be."""

    entry: Entry
    number: str
    citizen: int
    opens: bool


def steps(today: date) -> Iterator[Step]:
    """All histories of the log, some at a time, and within those in the order of time."""
    mapping = load_mapping(SAMPLE / "wabo.toml")
    table = read_table(SAMPLE / "wabo-permit-events.csv.gz", mapping.columns())
    histories = _histories(read_entries(table.rows, mapping).entries)
    for start in range(0, len(histories), _AT_ONCE):
        together = histories[start : start + _AT_ONCE]
        played = [
            Step(
                entry,
                mapping.made_up.value("number", entry.case.ref, today.year),
                citizen,
                opens=entry is history[0],
            )
            for citizen, history in enumerate(together)
            for entry in history
        ]
        yield from sorted(played, key=lambda step: step.entry.occurred_at)


def _histories(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Those that visit the most statuses first, and of every sort in turn: decided, waiting for others, put aside, …"""
    by_case = sorted(entries, key=lambda entry: (entry.case.ref, entry.occurred_at))
    sorts = defaultdict(list)
    for _, history in groupby(by_case, lambda entry: entry.case.ref):
        of_one = list(history)
        sorts[frozenset(entry.change.status for entry in of_one)].append(of_one)
    rich_first = sorted(sorts.items(), key=lambda item: (-len(item[0]), sorted(item[0])))
    in_turn = zip_longest(*(histories for _, histories in rich_first))
    return [history for turn in in_turn for history in turn if history]


@dataclass(frozen=True, slots=True)
class Dms:
    """What a document management system does: puts cases, and tells what happens to them."""

    api: Site

    def put(self, step: Step, applicant: str, now: str) -> str:
        """The case as of today, with consent. Returns the link that opens its chat."""
        case, change = step.entry.case, step.entry.change
        today = date.fromisoformat(now[:10])
        due_on = today + (case.due_on - case.received_on) if case.due_on else today + timedelta(days=60)
        body = {
            "number": step.number,
            "kind": case.kind,
            "subject": case.subject,
            "received_on": today.isoformat(),
            "complete_since": today.isoformat(),
            "due_on": due_on.isoformat(),
            "department": change.department,
            "officer": _officer(step.entry),
            "applicant": {"name": applicant, "phone": case.phone},
            "consent": {
                "given_at": now,
                "recorded_by": "pisarnica",
                "text_version": current_version(),
            },
        }
        return self._link(self.api.ask("PUT", _path(case.ref), body))

    def tell(self, step: Step) -> None:
        """What the log says happened next, as happening now."""
        change = step.entry.change
        body = {
            "status": change.status,
            "waiting_for": change.waiting_for,
            "outcome": change.outcome,
            "note": change.note or None,
        }
        self.api.ask("POST", f"{_path(step.entry.case.ref)}/events", body, Idempotency_Key=str(change.key))

    def invite(self, ref: str) -> str:
        """A new slip for a case whose applicant has consented. Returns the link that opens its chat."""
        return self._link(self.api.ask("POST", f"{_path(ref)}/invitation"))

    def _link(self, answer: Any) -> str:
        return str(answer["invitation"]["viber_link"])


def describe(step: Step) -> str:
    """``UP-1 05-23-8061/2026  Čeka se mišljenje … (KJKP Vodovod …)``."""
    change = step.entry.change
    detail = change.waiting_for or change.note
    return f"{step.number}  {STATUSES[change.status].label('bs')}{f' ({detail})' if detail else ''}"


def _officer(entry: Entry) -> dict[str, str] | None:
    change = entry.change
    if not change.officer:
        return None
    return {"name": change.officer, "phone": change.officer_phone, "room": change.officer_room}


def _path(ref: str) -> str:
    return f"/api/v1/cases/{quote(ref, safe='')}"
