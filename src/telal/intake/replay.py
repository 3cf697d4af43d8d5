"""Entries into cases: through the one door, in batches, each entry once however often its file comes."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import DataError, IntegrityError, transaction

from telal.cases.models import Applicant, Case, CaseEvent, Department, Officer, Service
from telal.cases.unmatched import MOST_KEPT
from telal.intake.entries import ConsentData, Entry
from telal.intake.reasons import Reason
from telal.notices.consents import record_consent
from telal.notices.models import Consent, GivenAs

_SOURCE = "import"
_BATCH = 200
# SQLite takes only so many parameters in one query.
_REFS_AT_ONCE = 500

_Item = TypeVar("_Item")


@dataclass(slots=True)
class Replayed:
    """What came of the entries. ``events`` are new lines of timelines; ``refused`` are entries that the database did not take:
    (line, reason); ``kept`` are the last of them.
    """

    cases: int = 0
    events: int = 0
    consents: int = 0
    repeated: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    kept: deque[tuple[Entry, Reason]] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))


def replay(entries: Sequence[Entry], *, dry_run: bool) -> Replayed:
    """Play the entries in the given order. A dry run counts the same and writes nothing.

    Raises DatabaseError when the database is out of reach; then whole batches are in, and the same file may come again.
    """
    known = _Known.of({entry.case.ref for entry in entries})
    replayed = Replayed()
    for batch in _batches(entries):
        with transaction.atomic():
            for entry in batch:
                _play(entry, known, replayed, dry_run=dry_run)
    return replayed


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database holds of the cases in a file: their ids by ``ref``, keys of events, and who ever agreed.

    ``reduced`` is since when nothing older is taken in again.
    """

    cases: dict[str, int]
    reduced: dict[str, datetime]
    keys: set[tuple[str, str]]
    consents: set[str]

    @classmethod
    def of(cls, refs: Iterable[str]) -> "_Known":
        known = cls({}, {}, set(), set())
        for some in _batches(sorted(refs), _REFS_AT_ONCE):
            cases = Case.objects.filter(ref__in=some).only("ref", "reduced_at")
            known.cases.update((case.ref, case.pk) for case in cases)
            known.reduced.update((case.ref, case.reduced_at) for case in cases if case.reduced_at)
            events = CaseEvent.objects.filter(case__ref__in=some, key__startswith="import:")
            known.keys.update((ref, key) for ref, key in events.values_list("case__ref", "key") if key)
            own = Consent.objects.filter(case__ref__in=some, given_as=GivenAs.APPLICANT)
            known.consents.update(own.values_list("case__ref", flat=True))
        return known


def _play(entry: Entry, known: _Known, replayed: Replayed, *, dry_run: bool) -> None:
    """One entry, wholly or not at all. The entry *received* is the opening of a case: it happens once."""
    ref = entry.case.ref
    if ref in known.reduced and entry.occurred_at <= known.reduced[ref]:
        replayed.repeated += 1
        return
    opens = ref not in known.cases
    moves = entry.change.status != "received" and (ref, str(entry.change.key)) not in known.keys
    agrees = entry.consent is not None and ref not in known.consents
    pk = known.cases.get(ref, 0)
    if not dry_run:
        try:
            with transaction.atomic():
                case = _open(entry) if opens else Case.objects.select_related("applicant").get(pk=pk)
                pk = case.pk
                if agrees and entry.consent:
                    _agree(case, entry.consent)
                if moves:
                    case.move_to(entry.change, source=_SOURCE)
        except (IntegrityError, DataError) as error:
            why = Reason.of("meanwhile" if isinstance(error, IntegrityError) else "value")
            replayed.refused.append((entry.line, str(why)))
            replayed.kept.append((entry, why))
            return
    known.cases[ref] = pk
    known.keys.add((ref, str(entry.change.key)))
    if agrees:
        known.consents.add(ref)
    replayed.cases += opens
    replayed.consents += agrees
    replayed.events += opens + moves
    replayed.repeated += not (moves or opens)


def _open(entry: Entry) -> Case:
    data, change = entry.case, entry.change
    service = Service.called(data.service, data.kind)
    return Case.register(
        source=_SOURCE,
        occurred_at=entry.opened_at,
        ref=data.ref,
        number=data.number,
        kind=data.kind,
        subject=data.subject,
        sensitive=data.sensitive or bool(service and service.sensitive),
        service=service,
        applicant=Applicant.called(data.applicant, data.phone),
        received_on=data.received_on,
        complete_since=data.complete_since,
        due_on=data.due_on or change.due_on,
        barcode=data.barcode,
        department=Department.called(change.department or ""),
        officer=Officer.called(change.officer or "", change.officer_phone, change.officer_room),
    )


def _agree(case: Case, consent: ConsentData) -> None:
    """Consent without an invitation: nobody could read its token. The slip is printed when the citizen comes for it."""
    record_consent(
        case,
        recorded_by=consent.recorded_by,
        medium=_SOURCE,
        given_at=consent.given_at,
        text_version=consent.text_version,
        language=consent.language,
    )


def _batches(items: Sequence[_Item], size: int = _BATCH) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
