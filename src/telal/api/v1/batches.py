"""Many events at once: a line each, a result each, in order; a bad line never spoils a good one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from pydantic import ValidationError

from telal.api.v1 import answers, recording, refusals
from telal.api.v1.bodies import fingerprint, parse
from telal.api.v1.problems import Problem, invalid, our_fault
from telal.api.v1.schemas import LineIn, LineResult
from telal.cases.models import Case, CaseEvent
from telal.cases.unmatched import Refusal
from telal.sql import OUT_OF_REACH

MEDIA_TYPE = "application/x-ndjson"
MOST_LINES = 20_000
LONGEST_LINE = 64 << 10
# So many lines share a transaction: enough to spare the disk, few enough that nobody else waits for long.
_LINES_TOGETHER = 50


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as understood. ``case`` and ``key`` are what it says of itself, so that the sender can find it."""

    no: int
    case: str | None
    key: str | None
    said: "_Event | Problem"

    def result(self, case: Case, event: CaseEvent, status: int) -> LineResult:
        return LineResult(
            line=self.no, case=self.case, key=self.key, status=status, event=answers.event(case, event)
        )

    def failed(self, problem: Problem) -> LineResult:
        return LineResult(
            line=self.no,
            case=self.case,
            key=self.key,
            status=problem.status,
            problem=answers.problem(problem),
        )


@dataclass(frozen=True, slots=True)
class _Event:
    sent: LineIn
    fingerprint: str


_Known = dict[tuple[int, str | None], CaseEvent]


def record_lines(body: bytes, *, actor: str) -> Iterator[LineResult]:
    """The result of each line that is not empty. Raises Problem, before anything is recorded, when there are too many."""
    written = [(no, line) for no, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(written) > MOST_LINES:
        raise Problem(
            413, f"These are more than {MOST_LINES:,} lines: send them in parts. Nothing was recorded."
        )
    refused = refusals.Kept()
    for start in range(0, len(written), _LINES_TOGETHER):
        some = written[start : start + _LINES_TOGETHER]
        lines = [_read(*line) for line in some]
        results = _record(lines, actor)
        for (_, said), line, result in zip(some, lines, results, strict=True):
            if refusals.is_for_staff(result.status):
                refused.add(_refusal(line, result.status, said))
        yield from results
    refused.keep(actor)


def _refusal(line: _Line, status: int, said: bytes) -> Refusal:
    if isinstance(line.said, Problem):
        return refusals.unread(status, refusals.fields_of(line.said), said, ref=line.case or "", line=line.no)
    sent = line.said.sent
    return refusals.of_event(
        status, sent.case, sent, key=sent.key, fingerprint=line.said.fingerprint, said=said, line=line.no
    )


def _read(no: int, written: bytes) -> _Line:
    value: Any = None
    try:
        if len(written) > LONGEST_LINE:
            raise Problem(413, f"The line is longer than {LONGEST_LINE >> 10} kB.")
        value = parse(written, "line")
        sent = LineIn.model_validate(value)
    except Problem as problem:
        return _Line(no, None, None, problem)
    except ValidationError as error:
        return _Line(
            no, _text(value, "case"), _text(value, "key"), invalid(error.errors(include_input=False))
        )
    event = {name: part for name, part in value.items() if name not in ("case", "key")}
    return _Line(no, sent.case, sent.key, _Event(sent, fingerprint(event)))


def _text(value: Any, name: str) -> str | None:
    text = value.get(name) if isinstance(value, dict) else None
    return text[:200] if isinstance(text, str) else None


def _record(lines: Sequence[_Line], actor: str) -> list[LineResult]:
    """All lines in one transaction; if that fails, each in its own, so that one line's failure stays its own.

    When the database is out of reach, no line is to blame and none may go before another: the whole batch comes again.
    """
    try:
        with transaction.atomic():
            return list(_results(lines, actor))
    except OUT_OF_REACH:
        raise
    except Exception as error:
        if len(lines) == 1:
            return [lines[0].failed(our_fault(error))]
        return [result for line in lines for result in _record([line], actor)]


def _results(lines: Sequence[_Line], actor: str) -> Iterator[LineResult]:
    cases = _lock(lines)
    known = _known(lines, cases)
    for line in lines:
        try:
            yield _result(line, cases, known, actor)
        except Problem as problem:
            yield line.failed(problem)


def _lock(lines: Sequence[_Line]) -> dict[str | None, Case]:
    """The cases of these lines, locked in one order, so that two batches never wait for each other."""
    refs = {line.said.sent.case for line in lines if isinstance(line.said, _Event)}
    return {case.ref: case for case in Case.locked("ref", list(refs))}


def _known(lines: Sequence[_Line], cases: dict[str | None, Case]) -> _Known:
    keys = {line.said.sent.key for line in lines if isinstance(line.said, _Event)}
    events = CaseEvent.objects.filter(case__in=[case.pk for case in cases.values()], key__in=keys)
    return {(event.case_id, event.key): event for event in events}


def _result(line: _Line, cases: dict[str | None, Case], known: _Known, actor: str) -> LineResult:
    if isinstance(line.said, Problem):
        raise line.said
    case = cases.get(line.case)
    if case is None:
        raise recording.UnknownCase
    event = known.get((case.pk, line.key))
    if event:
        return line.result(case, recording.same(event, line.said.fingerprint), 200)
    sent = line.said.sent
    event = known[case.pk, line.key] = recording.move(
        case, sent, sent.key, line.said.fingerprint, actor=actor
    )
    return line.result(case, event, 201)
