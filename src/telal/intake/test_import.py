"""A file becomes cases: in the order of time, each event once, good rows unharmed by bad ones, nothing by a dry run."""

import gzip
from datetime import date, datetime

import pytest
from django.utils import timezone

from telal.cases.models import Case, CaseEvent, Unmatched, Untold
from telal.intake.commands import SAMPLE, run_import
from telal.notices.consents import withdraw
from telal.notices.models import Consent, Invitation

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(tmp_path, capsys):
    """Import these lines of the ordinary export; returns the exit code and the report."""

    def take(content, mapping=SAMPLE / "primjer.toml", **options):
        path = tmp_path / "export.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = run_import(path, mapping, dry_run=options.get("dry_run", False))
        return code, "".join(capsys.readouterr())

    return take


@pytest.fixture
def export():
    return (SAMPLE / "primjer.csv").read_text()


def timeline(ref):
    return [(event.status, event.source) for event in Case.objects.get(ref=ref).events.all()]


def test_an_ordinary_export_becomes_cases(take, export):
    code, report = take(export)
    assert (code, "3 new cases" in report, "7 new events" in report, "2 new consents" in report) == (
        0,
        True,
        True,
        True,
    )

    case = Case.objects.get(ref="2026-1847")
    assert (case.number_key, case.status, str(case.waiting_for)) == (
        "UP1 5-23-1847/2026",
        "awaiting_other_body",
        "KJKP Vodovod i kanalizacija d.o.o. Sarajevo",
    )
    assert (case.waiting_since, case.due_on, case.officer.room) == (
        date(2026, 11, 6),
        date(2027, 1, 1),
        "105",
    )
    assert (case.applicant.name, case.applicant.phone) == ("Ćamil Šabanović", "+38761555201")
    assert case.events.get(no=1).occurred_at.isoformat() == "2026-11-02T08:14:00+00:00"

    answered = Case.objects.get(ref="2026-0611")
    assert (answered.kind, answered.status, answered.outcome) == (
        "non_administrative",
        "archived",
        "answered",
    )
    consent = Consent.objects.get(case__ref="2026-2004")
    assert (consent.language, consent.phone, consent.medium) == ("sr", "+436641234567", "import")
    assert not Invitation.objects.exists()


def test_the_same_file_twice_changes_nothing(take, export):
    take(export)
    code, report = take(export)
    assert code == 0
    assert "0 new cases" in report
    assert "7 rows that were known already" in report
    assert (CaseEvent.objects.count(), Consent.objects.count()) == (7, 2)


def test_tomorrows_longer_file_adds_only_what_is_new(take, export):
    take(export)
    header, *rows = export.splitlines()
    decided = rows[2].replace("Čeka se mišljenje;06.11.2026. 13:05", "Riješeno;25.11.2026. 10:00")
    moved_deadline = [row.replace("01.01.2027.", "15.01.2027.") for row in rows]
    code, report = take("\n".join([header, decided, *moved_deadline]) + "\n")
    assert (code, "1 new events" in report) == (0, True)
    assert [status for status, _ in timeline("2026-1847")] == [
        "received",
        "in_progress",
        "awaiting_other_body",
        "decided",
    ]


def test_rows_may_come_in_any_order(take, export):
    header, *rows = export.splitlines()
    take("\n".join([header, *reversed(rows)]) + "\n")
    assert [status for status, _ in timeline("2026-1847")] == [
        "received",
        "in_progress",
        "awaiting_other_body",
    ]


def test_two_equal_rows_are_two_events_and_stay_two(take, export):
    header, *rows = export.splitlines()
    twice = "\n".join([header, *rows[:2], rows[1]]) + "\n"
    take(twice)
    take(twice)
    assert [status for status, _ in timeline("2026-1847")] == ["received", "in_progress", "in_progress"]


def test_a_case_first_heard_of_in_the_middle_is_opened_on_the_day_of_its_receipt(take, export):
    header, *rows = export.splitlines()
    take("\n".join([header, rows[2]]) + "\n")
    first, second = Case.objects.get(ref="2026-1847").events.all()
    assert (first.status, first.occurred_at) == (
        "received",
        datetime.fromisoformat("2026-11-02T00:00:00+01:00"),
    )
    assert second.status == "awaiting_other_body"


def test_a_dry_run_tells_the_same_and_writes_nothing(take, export):
    _, dry = take(export, dry_run=True)
    assert not Case.objects.exists()
    _, wet = take(export)
    assert dry.splitlines()[2:] == wet.splitlines()[2:]


def test_bad_rows_are_reported_and_spoil_no_good_one(take, export):
    header, *rows = export.splitlines()
    bad = {
        2: rows[0].replace("02.11.2026. 09:14", "31.02.2026."),
        3: rows[0].replace("Zaprimljeno;02.11", ";02.11"),
        4: rows[0].replace("UP-1;Urban", "UP-9;Urban"),
        5: rows[0].replace("UP-1 05-23-1847/2026", ""),
        6: rows[0] + ";one more",
        7: rows[0].replace("UP-1 05-23-1847/2026", "9" * 101),
    }
    code, report = take("\n".join([header, *bad.values(), *rows]) + "\n")
    assert code == 1
    assert "6 rows that could not be used" in report
    for line, reason in (
        (2, "time is no date"),
        (3, "there is no status"),
        (4, "the kind of case must be"),
        (5, "there is no number"),
        (6, "22 cells where the header has 21"),
        (7, "number is longer than 100"),
    ):
        assert f"line {line}: {reason}" in report
    assert CaseEvent.objects.count() == 7
    assert "Ćamil" not in report
    assert "061" not in report


def test_a_phone_number_that_is_none_is_left_out_alone(take, export):
    code, report = take(export.replace("061/555-201", "06 123"))
    assert code == 0
    assert "line 2: left out: the phone number" in report
    assert "123" not in report
    assert Case.objects.get(ref="2026-1847").applicant.phone == ""


def test_status_texts_nobody_mapped_are_counted_and_skipped(take, export):
    code, report = take(export.replace("u radu", "Referiše").replace("Rjes.", "NA POTPISU"))
    assert code == 0
    assert "1 Referiše" in report
    assert "1 NA POTPISU" in report
    assert [status for status, _ in timeline("2026-1847")] == ["received", "awaiting_other_body"]


def test_a_consent_that_was_taken_back_does_not_come_again_with_the_next_file(take, export):
    take(export)
    withdraw(Consent.objects.get(case__ref="2026-1847"), recorded_by="stranka", medium="chat")
    take(export)
    assert Consent.objects.filter(case__ref="2026-1847").count() == 1


def test_a_mapping_or_a_file_that_cannot_be_used_ends_with_one_sentence(take, export, tmp_path):
    assert take(export, tmp_path / "none.toml") == (
        1,
        "The mapping cannot be opened: No such file or directory.\n",
    )
    code, report = take("Broj;Status\n1;2\n")
    assert (code, "The file has no column" in report) == (1, True)


def test_real_histories_come_in_their_order_and_once(take):
    """Four cases of the real log that show every kind of step."""
    lines = (
        gzip.decompress((SAMPLE / "wabo-permit-events.csv.gz").read_bytes())
        .decode()
        .splitlines(keepends=True)
    )
    chosen = ("case-3984,", "case-891,", "case-4537,", "case-8061,")
    some = lines[0] + "".join(line for line in lines if line.startswith(chosen))
    for events in ("28 new events", "0 new events"):
        code, report = take(some, SAMPLE / "wabo.toml")
        assert (code, events in report) == (0, True), report
    events = CaseEvent.objects.order_by("pk")
    assert [e.occurred_at for e in events] == sorted(e.occurred_at for e in events)
    assert [status for status, _ in timeline("case-4537")] == [
        "received", "in_progress", "in_progress", "in_progress", "suspended",
    ]  # fmt: skip
    assert [status for status, _ in timeline("case-891")][-2:] == ["decided", "dispatched"]


def test_a_whole_file_does_not_bring_back_what_was_dropped(take, export):
    take(export)
    Untold.objects.all().delete()
    Case.reduce(list(Case.objects.values_list("pk", flat=True)), timezone.now())
    _, report = take(export)
    assert "0 new events" in report
    assert not CaseEvent.objects.exists()


def test_rows_that_could_not_be_used_wait_for_the_staff_once(take, export):
    header, first, *_ = export.splitlines()
    broken = first.replace("2026-1847", "", 1)
    for options in ({"dry_run": True}, {}, {}):
        take("\n".join((header, broken)), **options)
    one = Unmatched.objects.get()
    assert (one.source, one.sender, one.line, one.times) == ("import", "export.csv", 2, 2)
    assert one.reason == "row_missing: ref"
    assert one.said.startswith("{")
