"""Nothing that the municipality's system sends is lost; a broken one cannot fill the house."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from telal.cases import unmatched
from telal.cases.models import Applicant, Case, Change, Unmatched, UnmatchedCount
from telal.cases.unmatched import Refusal, keep, take_in_what_waited

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def refused(key: str, status: str = "assigned", minutes_ago: int = 60) -> Refusal:
    at = NOW - timedelta(minutes=minutes_ago)
    change = Change(status, key=key, occurred_at=at, note="Zvati 061 123 456")
    return Refusal(
        "unknown_case", f"Amra Hodžić {key}", ref="A-1", key=key, status=status, occurred_at=at, change=change
    )


def keep_some(*refusals: Refusal) -> None:
    keep(refusals, source="api", sender="DMS")


def register(ref: str = "A-1") -> Case:
    return Case.register(
        source="api", ref=ref, number="06-23-1/26", kind="administrative", subject="x",
        received_on=timezone.localdate() - timedelta(days=3), applicant=Applicant.called("Amra Hodžić"),
    )  # fmt: skip


def later(minutes: int = 2):
    return timezone.now() + timedelta(minutes=minutes)


def test_what_waited_follows_its_case_in_the_order_in_which_it_happened():
    keep_some(refused("2", "in_progress", 30), refused("1", "assigned", 60))
    assert take_in_what_waited(later()) == 0
    case = register()
    assert take_in_what_waited(timezone.now()) == 0, "the system is just about to tell more"
    assert take_in_what_waited(later()) == 2
    assert [event.status for event in case.events.all()] == ["received", "assigned", "in_progress"]
    assert case.events.get(no=2).note == "Zvati 061 123 456"
    assert not unmatched.still_open().exists()


def test_what_something_later_has_overtaken_waits_for_a_human():
    keep_some(refused("1"))
    case = register()
    case.move_to(Change("in_progress"), source="api")
    assert take_in_what_waited(later()) == 0
    assert unmatched.take_in(Unmatched.objects.get(), by="ana") == ""
    assert not case.events.get(no=3).expected


def test_what_waits_for_a_human_holds_up_no_other_case(monkeypatch):
    monkeypatch.setattr(unmatched, "_AT_ONCE", 1)
    keep_some(refused("1"), replace(refused("2"), ref="A-2"))
    register().move_to(Change("in_progress"), source="api")
    register("A-2")
    assert take_in_what_waited(later()) == 1


def test_what_has_come_again_meanwhile_is_not_written_twice():
    keep_some(refused("1"))
    case = register()
    case.move_to(Change("assigned", key="1"), source="api")
    assert unmatched.take_in(Unmatched.objects.get(), by="ana") == ""
    assert case.events.count() == 2


def test_the_same_again_is_counted_and_what_was_dismissed_does_not_come_back():
    for _ in range(3):
        keep_some(refused("1"))
    one = Unmatched.objects.get()
    assert (one.times, UnmatchedCount.objects.get().total) == (3, 3)
    unmatched.dismiss([one.pk], by="ana", because="proba")
    keep_some(refused("1"))
    assert not unmatched.still_open().exists()


def test_of_a_system_that_sends_nonsense_the_newest_is_kept(monkeypatch):
    monkeypatch.setattr(unmatched, "MOST_KEPT", 3)
    keep([Refusal("unreadable", str(n)) for n in range(5)], source="api", sender="DMS", total=5_000_000)
    keep([Refusal("unreadable", "9" * 100_000)], source="api", sender="DMS")
    keep([Refusal("unreadable", "x")], source="import", sender="izvoz.csv")
    kept = Unmatched.objects.filter(source="api")
    assert (kept.count(), UnmatchedCount.objects.get(source="api").total) == (3, 5_000_001)
    assert max(len(one.said) for one in kept) == unmatched.LONGEST_SAID


def test_nothing_of_it_lies_open():
    keep_some(refused("1"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cases_unmatched")
        lying = " ".join(map(str, cursor.fetchall()))
    assert "Amra" not in lying
    assert "061" not in lying


def test_trouble_with_keeping_is_nobody_elses():
    keep([Refusal("unreadable", "x", ref=str(uuid.uuid4()))], source="x" * 500, sender="DMS")
