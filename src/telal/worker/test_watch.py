"""Whoever watches sees what waits, for how long, and who works."""

from datetime import timedelta

import pytest
from django.utils import timezone

from telal.messaging.models import Contact, Inbound, Lane, Message, Sender, State
from telal.worker.watch import look

pytestmark = pytest.mark.django_db


@pytest.fixture
def owe():
    def owe(
        contact: Contact, *, due: timedelta, lane: Lane = Lane.NOTICE, state: str = State.QUEUED
    ) -> Message:
        """``due`` is how long ago it was to be dealt with."""
        now = timezone.now()
        return Message.objects.create(
            contact=contact, lane=lane, text="…", state=state, created_at=now, due_at=now - due
        )

    return owe


@pytest.fixture
def somebody():
    numbers = iter(range(100))
    return lambda: Contact.objects.create(channel="viber", address=f"{next(numbers)}")


def seconds(name: str) -> int:
    return round(look().queues[name].oldest.total_seconds())


def test_where_nothing_waits_nothing_is_old():
    sight = look()
    assert {queue.length for queue in sight.queues.values()} == {0}
    assert sight.longest_wait == timedelta()
    assert (sight.workers, sight.last_worked) == (0, None)


def test_the_oldest_message_that_may_leave_is_told_by_its_queue(somebody, owe):
    owe(somebody(), due=timedelta(seconds=90))
    owe(somebody(), due=timedelta(seconds=30))
    owe(somebody(), due=timedelta(seconds=5), lane=Lane.ANSWER)
    assert (seconds("notices"), seconds("answers"), seconds("bulk")) == (90, 5, 0)
    assert look().queues["notices"].length == 2


def test_a_message_behind_another_of_the_same_person_does_not_wait_for_us(somebody, owe):
    person = somebody()
    owe(person, due=timedelta(minutes=-5))  # tried, and to be tried again
    owe(person, due=timedelta(hours=2))
    assert seconds("notices") == 0


def test_what_is_being_sent_does_not_wait(somebody, owe):
    owe(somebody(), due=timedelta(hours=2), state=State.SENDING)
    assert seconds("notices") == 0
    assert look().messages == {"queued": 0, "sending": 1, "uncertain": 0}


def test_a_callback_waits_since_it_came():
    now = timezone.now()
    Inbound.objects.create(
        channel="viber", key="1", kind="message", at=now, body="{}", received_at=now - timedelta(seconds=40)
    )
    assert seconds("callbacks") == 40


def test_a_worker_is_alive_until_its_lease_ends():
    now = timezone.now()
    Sender.objects.create(host="a", expires_at=now + timedelta(seconds=4))
    Sender.objects.create(host="b", expires_at=now - timedelta(seconds=20))
    sight = look()
    assert sight.workers == 1
    assert round(sight.last_worked.total_seconds()) == 2


def test_who_left_is_counted():
    Contact.objects.create(channel="viber", address="1", unreachable_because="left")
    Contact.objects.create(channel="viber", address="2")
    assert look().unreachable == 1
