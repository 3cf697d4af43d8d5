"""The promise is counted honestly: every message, as it was."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from telal.messaging import promise
from telal.messaging.models import Attempt, Contact, Day, Lane, Message, State

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
S = timedelta(seconds=1)


@pytest.fixture
def wrote():
    contact = Contact.objects.create(channel="viber", address="1")

    def wrote(
        took: timedelta | None,
        *,
        lane: Lane = Lane.NOTICE,
        at: datetime = NOON,
        state: str = State.SENT,
        **fields,
    ) -> Message:
        """A message whose cause came at ``at``, and that was handed over ``took`` later, or never."""
        return Message.objects.create(
            contact=contact, lane=lane, text="", state=state, created_at=at, caused_at=at,
            sent_at=None if took is None else at + took, **fields,
        )  # fmt: skip

    return wrote


def counted(day: date = TODAY, now: datetime = NOON + timedelta(hours=1)) -> dict[str, int]:
    totals = vars(promise.count(day, now))
    return {name: number for name, number in totals.items() if isinstance(number, int) and number}


def test_a_notice_has_ten_seconds_and_an_answer_one(wrote):
    wrote(10 * S)
    wrote(10.1 * S)
    wrote(1 * S, lane=Lane.ANSWER)
    wrote(1.1 * S, lane=Lane.ANSWER)
    assert counted() == {"notices": 2, "notices_in_time": 1, "answers": 2, "answers_in_time": 1}


def test_what_failed_or_still_waits_is_late(wrote):
    wrote(None, state=State.FAILED)
    wrote(None, state=State.QUEUED)
    wrote(None, state=State.UNCERTAIN)
    assert counted() == {"notices": 3, "failed": 1}


def test_what_may_still_be_in_time_is_not_counted_yet(wrote):
    wrote(None, state=State.QUEUED)
    assert counted(now=NOON + 9 * S) == {}
    assert counted(now=NOON + 11 * S) == {"notices": 1}


def test_who_could_not_be_reached_counts_apart(wrote):
    wrote(None, state=State.CANCELLED, error="left")
    refused = wrote(None, state=State.FAILED, error="6")
    Attempt.objects.create(message=refused, started_at=NOON, ended_at=NOON, outcome="unreachable", code="6")
    assert counted() == {"taken_back": 2}


def test_a_receipt_proves_arrival_even_of_a_send_that_nobody_answered(wrote):
    wrote(None, state=State.DELIVERED, delivered_at=NOON + 7 * S)
    assert counted() == {"notices": 1, "notices_in_time": 1, "delivered": 1}


def test_a_message_of_which_we_do_not_know_since_when_it_was_owed_is_no_evidence(wrote):
    Message.objects.update_or_create(pk=wrote(1 * S).pk, defaults={"caused_at": None})
    assert counted() == {}


def test_a_day_begins_at_midnight_in_sarajevo(wrote):
    midnight = datetime(2026, 11, 21, 23, tzinfo=UTC)
    wrote(1 * S, at=midnight - S)
    wrote(1 * S, at=midnight)
    wrote(1 * S, at=midnight + timedelta(days=1) - S)
    wrote(1 * S, at=midnight + timedelta(days=1))
    assert counted()["notices"] == 2
    assert counted(TODAY - timedelta(days=1))["notices"] == 1


def test_totals_stay_when_the_messages_are_gone(wrote):
    message = wrote(1 * S, at=NOON - timedelta(days=2))
    while promise.keep_totals(NOON):
        pass
    message.delete()
    assert promise.keep_totals(NOON) is None
    assert [(day.day, day.notices) for day in promise.recent(NOON) if day.notices] == [
        (date(2026, 11, 20), 1)
    ]


def test_a_day_is_counted_again_for_receipts_that_came_later(wrote):
    message = wrote(1 * S, at=NOON)
    evening = timezone.make_aware(datetime(2026, 11, 23, 0, 2))
    assert promise.keep_totals(evening) == TODAY
    Message.objects.filter(pk=message.pk).update(delivered_at=NOON + timedelta(days=1))
    while promise.keep_totals(evening + timedelta(hours=1)):
        pass
    assert Day.objects.get(day=TODAY).delivered == 0
    while promise.keep_totals(evening + timedelta(days=1)):
        pass
    assert Day.objects.get(day=TODAY).delivered == 1


def test_the_present_day_is_counted_as_it_stands(wrote):
    wrote(1 * S)
    assert [day.notices for day in promise.recent(NOON + 20 * S)] == [1]
    assert not Day.objects.exists()
