"""``telal import``: a file of the DMS, a mapping, and a report of what came of every row. No personal data in the report."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import DatabaseError

from telal.cases import unmatched
from telal.cases.unmatched import Refusal
from telal.intake.entries import Reading, read_entries
from telal.intake.files import FileTrouble, Table, read_table
from telal.intake.mapping import MappingTrouble, load_mapping
from telal.intake.replay import Replayed, replay

# The log that demonstrations and tests replay, and the two mappings that ship with Telal.
SAMPLE = Path(__file__).parent / "sample"

_LINES_SHOWN = 20


def run_import(file: Path, mapping: Path, *, dry_run: bool) -> int:
    """Replay ``file`` and print what happened. Returns 0, or 1 where the file or any row of it could not be used."""
    try:
        using = load_mapping(mapping)
        table = read_table(file, using.columns(), encoding=using.encoding, separator=using.separator)
        reading = read_entries(table.rows, using)
        replayed = replay(reading.entries, dry_run=dry_run)
        if not dry_run:
            _keep(file.name, reading, replayed)
    except (MappingTrouble, FileTrouble) as trouble:
        return _complain(str(trouble))
    except DatabaseError as error:
        return _complain(
            f"The database did not take it ({type(error).__name__}); what it had taken stays. Is it there and migrated "
            "(telal migrate)? Then import the same file again: nothing comes twice."
        )
    sys.stdout.write("\n".join([*_report(table, reading, replayed, dry_run=dry_run), ""]))
    return 1 if reading.wrong or replayed.refused else 0


def _keep(file: str, reading: Reading, replayed: Replayed) -> None:
    """Rows that were not taken in wait for the staff; what only came in another way meanwhile can be tried again."""
    unread = [
        Refusal(reason.kept, json.dumps(row.cells, ensure_ascii=False).replace("\\u0000", ""), line=row.line)
        for row, reason in reading.kept
    ]
    refused = [
        Refusal(
            reason.kept, "", ref=entry.case.ref, key=str(entry.change.key), line=entry.line,
            status=entry.change.status, occurred_at=entry.occurred_at, change=entry.change,
        )
        for entry, reason in replayed.kept
    ]  # fmt: skip
    total = len(reading.wrong) + reading.unmapped.total() + len(replayed.refused)
    unmatched.keep([*unread, *refused], source="import", sender=file, total=total)


def _complain(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _report(table: Table, reading: Reading, replayed: Replayed, *, dry_run: bool) -> Iterator[str]:
    separator = {"\t": "tabs"}.get(table.separator, f"“{table.separator}”")
    yield f"Read {reading.rows} rows ({table.encoding}, separated by {separator})."
    yield "Dry run: nothing was changed. Otherwise there would be:" if dry_run else "Now there are:"
    for count, what in (
        (replayed.cases, "new cases"),
        (replayed.events, "new events"),
        (replayed.consents, "new consents"),
        (replayed.repeated, "rows that were known already"),
    ):
        yield f"{count:>8} {what}"
    yield from _skipped("rows that the mapping ignores", reading.ignored)
    yield from _skipped("rows with a status that the mapping does not know", reading.unmapped)
    yield from _lines("rows that could not be used", sorted(reading.wrong + replayed.refused))
    yield from _lines("rows of which a part was left out", reading.remarks)


def _skipped(what: str, skipped: Counter[str]) -> Iterator[str]:
    yield f"{skipped.total():>8} {what}"
    for text, count in skipped.most_common():
        yield f"{count:>16} {text}"


def _lines(what: str, lines: Sequence[tuple[int, str]]) -> Iterator[str]:
    yield f"{len(lines):>8} {what}"
    for line, reason in lines[:_LINES_SHOWN]:
        yield f"{'line':>16} {line}: {reason}"
    if len(lines) > _LINES_SHOWN:
        yield f"{'…':>16} and {len(lines) - _LINES_SHOWN} more"
