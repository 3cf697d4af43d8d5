"""What the demonstration is made of: an export that the importer takes whole, and histories in a good order."""

from datetime import date, datetime
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from telal.cases.statuses import is_expected
from telal.demo import municipality
from telal.demo.histories import steps
from telal.intake.commands import SAMPLE
from telal.intake.entries import read_entries
from telal.intake.files import read_table
from telal.intake.mapping import load_mapping


@pytest.mark.parametrize("now", ["2026-11-22T20:00", "2027-01-02T06:30"])
def test_the_invented_register_is_taken_whole_and_is_plausible(tmp_path, now):
    now = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/Sarajevo"))
    path = tmp_path / "predmeti.csv"
    path.write_text(municipality.export(now), encoding="utf-8")
    mapping = load_mapping(SAMPLE / "primjer.toml")
    reading = read_entries(read_table(path, mapping.columns()).rows, mapping)
    assert (reading.wrong, reading.remarks, reading.unmapped) == ([], [], {})

    cases = {}
    for entry in reading.entries:
        assert entry.occurred_at <= now
        cases.setdefault(entry.case.ref, []).append(entry)
    assert len(cases) == 41
    assert len({timeline[-1].change.status for timeline in cases.values()}) > 12
    for timeline in cases.values():
        assert timeline[0].change.status == "received"
        for before, after in pairwise(timeline):
            assert is_expected(before.change.status, after.change.status, before.case.kind)
    with_phones = {citizen.ref: citizen.name for citizen in municipality.citizens()}
    assert {ref: cases[ref][0].case.applicant for ref in with_phones} == with_phones
    assert all(cases[ref][0].consent for ref in with_phones)


def test_histories_open_before_they_move_and_the_first_show_every_turn():
    played = list(islice(steps(date(2026, 11, 22)), 60))
    known = set()
    for step in played:
        assert step.opens is (step.entry.case.ref not in known)
        known.add(step.entry.case.ref)
    assert {"awaiting_other_body", "suspended", "decided", "dispatched"} < {
        step.entry.change.status for step in played
    }
    assert all(step.number.endswith("/2026") for step in played)
