"""A worker whose database fails it at the worst moment."""

import asyncio
from concurrent.futures import Executor, Future

import pytest
from django.db import OperationalError, connection

from telal import sql
from telal.messaging import lease
from telal.messaging.channel import Accepted
from telal.messaging.dispatcher import Dispatcher
from telal.messaging.lease import Lease
from telal.messaging.models import Contact, Lane, Message
from telal.messaging.outbox import Cause, Owed, owe

pytestmark = pytest.mark.django_db(transaction=True)


class Line(Executor):
    """The way to the database. When it is deaf, what was asked is done there, and the answer is lost."""

    deaf = False

    def submit(self, work, *given):
        answer = Future()
        done = work(*given)
        answer.set_exception(OperationalError()) if self.deaf else answer.set_result(done)
        return answer


class Taking:
    """A channel that takes everything."""

    name, rate, unanswered_an_hour = "viber", None, 100

    def __init__(self):
        self.taken = []

    async def send(self, outgoing):
        self.taken.append(outgoing.text)
        return Accepted(len(self.taken))


@pytest.fixture
def ivana():
    return Contact.objects.create(channel="viber", address="ivana==", reachable=True)


def say(contact, text):
    now = sql.database_now()
    owe([Owed(contact.pk, Lane.NOTICE, text, [], Cause(None, now))], now)


def test_what_was_claimed_in_a_lost_answer_is_not_forgotten(ivana, monkeypatch):
    """The commit is there, the worker lives and keeps its lease, and does not know what it holds."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")  # the line works in the loop's own thread
    channel, line = Taking(), Line()

    async def live() -> None:
        dispatcher = Dispatcher(channel, line, in_flight=10, ended=lambda: None)
        await dispatcher.turn()
        say(ivana, "first")
        line.deaf = True
        with pytest.raises(OperationalError):
            await dispatcher.turn()
        assert Message.objects.get().state == "sending"
        line.deaf = False
        say(ivana, "second")
        for _ in range(8):
            await dispatcher.turn()
            await asyncio.sleep(0.02)
        await dispatcher.finish()
        connection.close()  # a coroutine has one of its own

    asyncio.run(live())
    assert channel.taken == ["first", "second"]
    assert set(Message.objects.values_list("state", "attempts_count")) == {("sent", 1)}


def test_a_lease_counts_from_before_the_database_was_asked(monkeypatch):
    """However long its answer took: on its side the time has been running."""
    clock = iter([100.0, 105.5, 106.5])
    monkeypatch.setattr(lease, "tick", lambda: next(clock))
    ours, asked = Lease(), lease.tick()
    sender = ours.renew(sql.database_now(), asked)
    assert ours.holds(sender)
    assert not ours.holds(sender)
