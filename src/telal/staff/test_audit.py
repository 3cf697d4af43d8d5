"""The audit log is only appended to, and shows when somebody has done more."""

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from telal.staff import audit
from telal.staff.audit import Draft, Recorder, record
from telal.staff.models import Cut, Door, Entry, Mention

pytestmark = pytest.mark.django_db


def look(about: str = "cases/1", days_ago: int = 0) -> Draft:
    at = timezone.now() - timedelta(days=days_ago)
    return Draft(Door.COUNTER, "ana", "counter:case", 200, "10.0.0.7", (about,), at)


@pytest.fixture
def five() -> None:
    record([look(f"cases/{number}") for number in range(5)])


def behind_our_back(statement: str) -> None:
    """As somebody who may do everything in the database, and takes its guards away first."""
    with connection.cursor() as cursor:
        for table in ("staff_entry", "staff_cut"):
            for trigger in (f"{table}_is_final", f"{table}_stays"):
                cursor.execute(
                    f"DROP TRIGGER {trigger}" + (f" ON {table}" if connection.vendor == "postgresql" else "")
                )
        cursor.execute(statement)


def test_entries_are_counted_without_gaps_and_the_chain_holds(five):
    record([look()])
    verdict = audit.verify()
    assert (verdict.entries, verdict.head.no, verdict.broken_at) == (6, 6, None)
    assert audit.holds(Entry.objects.get(no=3).digest)
    assert not audit.holds("0" * 32)


def test_an_empty_log_holds():
    assert audit.verify().broken_at is None


@pytest.mark.parametrize("table", ["staff_entry", "staff_mention"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET about = 'cases/9'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_and_to_drop(five, table: str, deed: str):
    with pytest.raises(Error, match="only appended to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed.format(table))


@pytest.mark.parametrize(
    ("deed", "at"),
    [
        ("UPDATE staff_entry SET who = 'niko' WHERE no = 2", 2),
        ("UPDATE staff_entry SET address = '10.0.0.7' WHERE no = 4", 4),
        ("DELETE FROM staff_entry WHERE no = 1", 1),
        ("DELETE FROM staff_entry WHERE no = 3", 3),
        ("DELETE FROM staff_entry WHERE no = 5", 5),
        ("UPDATE staff_tail SET no = 4", 5),
        ("DELETE FROM staff_tail", 1),
        (
            "UPDATE staff_tail SET no = 4, digest = (SELECT digest FROM staff_entry WHERE no = 4)",
            5,
        ),
    ],
)
def test_whoever_does_it_all_the_same_shows(deed: str, at: int):
    record([Draft(Door.COUNTER, "ana", "counter:case", 200) for _ in range(5)])
    behind_our_back(deed)
    assert audit.verify().broken_at == at


def test_what_was_kept_long_enough_goes_and_the_chain_goes_on():
    record([look(days_ago=800), look(days_ago=790), look()])
    assert audit.cut([1, 2], timezone.now()) == 2
    assert list(Entry.objects.values_list("no", flat=True)) == [3]
    assert list(Mention.objects.values_list("entry", flat=True)) == [3]
    record([look()])
    assert audit.verify().broken_at is None
    assert audit.holds(Cut.objects.get().digest)


def test_nothing_of_this_year_can_be_cut():
    record([look(days_ago=300)])
    with pytest.raises(Error, match="only appended to"), transaction.atomic():
        audit.cut([1], timezone.now())


def test_the_recorder_writes_at_once_until_it_is_started_and_gathers_afterwards(monkeypatch):
    written: list[int] = []
    monkeypatch.setattr(audit, "record", lambda drafts: written.append(len(drafts)))
    recorder = Recorder()
    recorder(look())
    assert written == [1]
    recorder.start()
    for _ in range(100):
        recorder(look())
    recorder.close()
    assert sum(written) == 101
