"""From rows to what happened: each row is an event of a case, skipped for a stated reason, or wrong for a stated reason.

Reasons name the column's role and never repeat what a cell says: cells hold personal data.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from textwrap import shorten
from typing import TypeVar
from zoneinfo import ZoneInfo

from telal.cases.models import Change, Kind
from telal.cases.phones import normalise_phone
from telal.cases.statuses import LANGUAGES, OUTCOMES
from telal.cases.unmatched import MOST_KEPT
from telal.intake.files import Row
from telal.intake.mapping import Meaning, MunicipalityMapping, Source, folded
from telal.intake.reasons import Reason
from telal.intake.times import midnight, read_day, read_moment

_YES = frozenset({"da", "d", "yes", "y", "true", "1", "x", "+"})
_OF_A_CHANGE = ("department", "officer", "officer_phone", "officer_room", "waiting_for", "outcome", "note")
_LONGEST = {
    **dict.fromkeys(("ref", "applicant", "service", "department", "officer", "waiting_for"), 200),
    "number": 100,
    **dict.fromkeys(("officer_phone", "officer_room"), 60),
    "recorded_by": 150,
    "text_version": 40,
    "barcode": 20,
}
_LONGEST_SUBJECT = 500

_When = TypeVar("_When", date, datetime)


class _Wrong(ValueError):
    """A row that cannot be used."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CaseData:
    ref: str
    number: str
    kind: str
    subject: str
    applicant: str
    phone: str
    received_on: date
    complete_since: date | None
    due_on: date | None
    service: str
    barcode: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class ConsentData:
    given_at: datetime
    recorded_by: str
    text_version: str
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that is an event. ``occurred_at`` is the change's, never None; a case that is not open yet opens at ``opened_at``."""

    line: int
    case: CaseData
    change: Change
    occurred_at: datetime
    opened_at: datetime
    consent: ConsentData | None


@dataclass(slots=True)
class Reading:
    """``entries`` in the order of their time, those of the same time as in the file. ``ignored`` and ``unmapped`` count
    status texts; ``wrong`` are rows that cannot be used and ``remarks`` rows of which a part was left out: (line, reason). Of those
    that cannot be used ``kept`` are the last.
    """

    rows: int = 0
    entries: list[Entry] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    kept: deque[tuple[Row, Reason]] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    remarks: list[tuple[int, str]] = field(default_factory=list)


def read_entries(rows: Iterable[Row], mapping: MunicipalityMapping) -> Reading:
    """What the rows say happened, by the mapping. Never raises for a row."""
    reading = Reading()
    seen: Counter[str] = Counter()
    for row in rows:
        reading.rows += 1
        try:
            if row.trouble:
                raise _Wrong(row.trouble)
            _read_row(row, mapping, seen, reading)
        except _Wrong as wrong:
            reading.wrong.append((row.line, str(wrong.reason)))
            reading.kept.append((row, wrong.reason))
    reading.entries.sort(key=lambda entry: entry.occurred_at)
    return reading


def _read_row(row: Row, mapping: MunicipalityMapping, seen: Counter[str], reading: Reading) -> None:
    cells = _Cells(row, mapping)
    text = cells.status_text()
    meaning = mapping.meanings.get(folded(text))
    if meaning is None:
        said = " ".join(text.split())[:80]
        if folded(text) in mapping.ignored:
            reading.ignored[said] += 1
        else:
            reading.unmapped[said] += 1
            reading.kept.append((row, Reason.of("status")))
        return
    reading.entries.append(cells.entry(meaning, _key(row, mapping, cells.ref, seen)))
    reading.remarks.extend((row.line, remark) for remark in cells.remarks)


def _key(row: Row, mapping: MunicipalityMapping, ref: str, seen: Counter[str]) -> str:
    """The same row has the same key tomorrow, wherever it then stands in the file; the second of two equal rows another."""
    content = "\0".join([ref, *(folded(row.cells[column]) for column in mapping.key)])
    seen[content] += 1
    return "import:" + sha256(f"{content}\0{seen[content]}".encode()).hexdigest()[:32]


class _Cells:
    """One row, read through the mapping."""

    def __init__(self, row: Row, mapping: MunicipalityMapping) -> None:
        self._row = row
        self._mapping = mapping
        self._year = 0
        self.remarks: list[str] = []
        self.ref = self._needed("ref")

    def status_text(self) -> str:
        text = self._text(self._mapping.event["status"])
        if not text:
            raise _Wrong(Reason.of("missing", "status"))
        return text

    def entry(self, meaning: Meaning, key: str) -> Entry:
        occurred_at = self._moment("time", self._mapping.event)
        if occurred_at is None:
            raise _Wrong(Reason.of("missing", "time"))
        received_on = self._day("received_on", self._mapping.case)
        if received_on is None:
            raise _Wrong(Reason.of("missing", "received_on"))
        self._year = received_on.year
        case = self._case(received_on)
        opened_at = min(occurred_at, midnight(received_on, self._mapping.zone))
        return Entry(
            line=self._row.line,
            case=case,
            change=self._change(meaning, occurred_at, key),
            occurred_at=occurred_at,
            opened_at=occurred_at if meaning.status == "received" else opened_at,
            consent=self._consent(occurred_at),
        )

    def _case(self, received_on: date) -> CaseData:
        kind = self._needed("kind")
        if kind not in Kind.values:
            raise _Wrong(Reason.of("unlisted", "kind", these=", ".join(Kind.values)))
        return CaseData(
            ref=self.ref,
            number=self._needed("number"),
            kind=kind,
            subject=shorten(self._needed("subject"), _LONGEST_SUBJECT, placeholder=" …"),
            applicant=self._needed("applicant"),
            phone=self._phone(),
            received_on=received_on,
            complete_since=self._day("complete_since", self._mapping.case),
            due_on=self._day("due_on", self._mapping.case),
            service=self._case_text("service"),
            barcode=self._case_text("barcode"),
            sensitive=_is_yes(self._case_text("sensitive")),
        )

    def _change(self, meaning: Meaning, occurred_at: datetime, key: str) -> Change:
        sources = {**self._mapping.event, **meaning.said}
        said = {name: self._text(sources[name]) for name in _OF_A_CHANGE if name in sources}
        for name, value in said.items():
            _check_length(name, value)
        if said.get("outcome") and said["outcome"] not in OUTCOMES:
            raise _Wrong(Reason.of("unlisted", "outcome", these=", ".join(OUTCOMES)))
        return Change(
            meaning.status,
            occurred_at=occurred_at,
            # An empty cell says nothing; it does not take anything back.
            department=said.get("department") or None,
            officer=said.get("officer") or None,
            officer_phone=said.get("officer_phone", ""),
            officer_room=said.get("officer_room", ""),
            waiting_for=said.get("waiting_for") or None,
            outcome=said.get("outcome") or None,
            due_on=self._day("due_on", self._mapping.event),
            note=said.get("note", ""),
            key=key,
        )

    def _consent(self, occurred_at: datetime) -> ConsentData | None:
        sources = self._mapping.consent
        if not sources or not _is_yes(self._text(sources["given"])):
            return None
        said = {name: self._text(source) for name, source in sources.items()}
        for name in ("recorded_by", "text_version"):
            _check_length(name, said.get(name, ""))
        language = said.get("language") or LANGUAGES[0]
        if language not in LANGUAGES:
            raise _Wrong(Reason.of("unlisted", "language", these=", ".join(LANGUAGES)))
        given_at = self._moment("given_at", sources) or occurred_at
        return ConsentData(
            given_at, said.get("recorded_by") or "import", said.get("text_version", ""), language
        )

    def _phone(self) -> str:
        """An unusable number spoils nothing but itself."""
        written = self._case_text("phone")
        try:
            return normalise_phone(written) if written else ""
        except ValueError as error:
            self.remarks.append(f"left out: the phone number. {error}")
            return ""

    # ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _needed(self, name: str) -> str:
        value = self._case_text(name)
        if not value:
            raise _Wrong(Reason.of("missing", name))
        return value

    def _case_text(self, name: str) -> str:
        source = self._mapping.case.get(name)
        value = self._text(source) if source else ""
        _check_length(name, value)
        return value

    def _text(self, source: Source) -> str:
        if source.made_up:
            return self._made_up(source.made_up)
        value = source.value or self._row.cells.get(source.column, "") or source.otherwise
        return (source.translate or {}).get(folded(value), value)

    def _made_up(self, what: str) -> str:
        try:
            return self._mapping.made_up.value(what, self.ref, self._year)
        except ValueError as error:
            raise _Wrong(Reason.of("made_up", why=error)) from error

    def _moment(self, name: str, sources: Mapping[str, Source]) -> datetime | None:
        return self._when(name, sources, read_moment)

    def _day(self, name: str, sources: Mapping[str, Source]) -> date | None:
        return self._when(name, sources, read_day)

    def _when(
        self, name: str, sources: Mapping[str, Source], read: Callable[[str, ZoneInfo, str], _When]
    ) -> _When | None:
        text = self._text(sources[name]) if name in sources else ""
        try:
            return read(text, self._mapping.zone, self._mapping.time_format) if text else None
        except ValueError as error:
            raise _Wrong(Reason.of("no_date", name)) from error


def _is_yes(text: str) -> bool:
    return folded(text) in _YES


def _check_length(name: str, value: str) -> None:
    longest = _LONGEST.get(name, len(value))
    if len(value) > longest:
        raise _Wrong(Reason.of("too_long", name, longest=longest))
