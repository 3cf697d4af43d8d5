"""What people do in the chat, many at a time: everybody is answered in their own order, and nobody waits for another's trouble."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from telal.cases.models import Applicant, Case
from telal.conversation import bot, listener
from telal.messaging.channel import Joined, Left, Person, Said
from telal.messaging.models import Contact, Inbound, Message
from telal.notices.consents import record_consent
from telal.notices.models import Subscription

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Platform:
    """A channel whose callbacks are already in our words."""

    name = "viber"

    def __init__(self):
        self._events = {}

    def brings(self, *events):
        for event in events:
            body = str(len(self._events))
            self._events[body] = event
            Inbound.objects.create(channel=self.name, key=body, kind="x", at=NOW, received_at=NOW, body=body)

    def decode(self, body):
        event = self._events[body]
        if isinstance(event, Exception):
            raise event
        return event


@pytest.fixture
def platform():
    return Platform()


def said(name, text, at=NOW):
    return Said(Person(f"{name}==", name), at, "text", text)


def answers(name):
    told = Message.objects.filter(contact__address=f"{name}==").order_by("id")
    return list(told.values_list("text", flat=True))


def connect(name):
    now = timezone.now()
    case = Case.register(
        source="api", ref=name, number="06-23-1/26", kind="administrative", subject="Nadogradnja",
        received_on=date(2026, 11, 2), applicant=Applicant.called(name),
    )  # fmt: skip
    contact = Contact.objects.create(channel="viber", address=f"{name}==", reachable=True)
    consent = record_consent(case, recorded_by="Amra", medium="paper")
    return Subscription.objects.create(case=case, contact=contact, consent=consent, created_at=now)


def test_each_is_answered_in_their_own_order_and_about_their_own_case(platform):
    connect("ivana")
    platform.brings(
        said("ivana", "Moji predmeti"), said("petar", "Moji predmeti"), said("ivana", "STOP"), said("ivana", "Moji predmeti"),
    )  # fmt: skip
    assert listener.listen(platform) == 4
    nothing = bot.nothing_to_show("bs").text
    state, stopped, afterwards = answers("ivana")
    assert "06-23-1/26" in state
    assert stopped not in (state, nothing)
    assert (afterwards, answers("petar")) == (nothing, [nothing])
    assert listener.listen(platform) == 0
    assert not Inbound.objects.exclude(body="").exists()


def test_what_cannot_be_dealt_with_is_kept_and_spoils_no_other(platform, monkeypatch):
    understand = listener.understand
    monkeypatch.setattr(
        listener, "understand", lambda text, year: understand(text, year=year) if text != "!" else 1 / 0
    )
    platform.brings(said("ivana", "Pomoć"), said("petar", "!"), ValueError(), said("amra", "Pomoć"))
    listener.listen(platform)
    assert [len(answers(name)) for name in ("ivana", "petar", "amra")] == [1, 0, 1]
    spoilt = Inbound.objects.exclude(error="").order_by("id").values_list("error", "body")
    assert list(spoilt) == [("ZeroDivisionError", "1"), ("ValueError", "2")]


def test_who_has_left_since_is_not_written_to(platform):
    later = NOW + timedelta(minutes=1)
    platform.brings(Left("ivana==", later), said("ivana", "Pomoć"))
    listener.listen(platform)
    assert answers("ivana") == []
    platform.brings(Joined(Person("ivana=="), NOW), said("ivana", "Pomoć", later + timedelta(minutes=1)))
    listener.listen(platform)
    assert len(answers("ivana")) == 1
    ivana = Contact.objects.get()
    assert (ivana.name, ivana.reachable, ivana.unreachable_because) == ("ivana", True, "")


def test_many_questions_take_no_more_statements_than_one(platform, django_assert_max_num_queries):
    people = [f"stranka{n}" for n in range(30)]
    for name in people[:5]:
        connect(name)
    platform.brings(*(said(name, "Dobar dan") for name in people))
    listener.listen(platform)
    platform.brings(*(said(name, "Moji predmeti") for name in people))
    with django_assert_max_num_queries(20):
        listener.listen(platform)
    assert all(len(answers(name)) == 2 for name in people)
