"""Every line of a timeline is dealt with once: told, in order, to all who may hear it, or the reason is written down."""

from datetime import date

import pytest
from django.utils import timezone

from telal.cases.models import Applicant, Case, Change, Untold
from telal.messaging.channel import Button
from telal.messaging.models import Contact, Lane, Message
from telal.notices import announcer
from telal.notices.consents import record_consent, withdraw
from telal.notices.models import Notice, Reason, Subscription

pytestmark = pytest.mark.django_db

KEYS = [Button("Pomoć", says="Pomoć", columns=3)]


@pytest.fixture
def case():
    return Case.register(
        source="api", ref="1", number="06-23-1/26", kind="administrative", subject="Nadogradnja",
        received_on=date(2026, 11, 2), applicant=Applicant.called("Ivana Perić"),
    )  # fmt: skip


def subscribe(case, name, *, reachable=True, language="bs", told_through=0):
    contact = Contact.objects.create(
        channel="viber", address=f"{name}==", reachable=reachable, language=language
    )
    consent = record_consent(case, recorded_by="Amra", medium="paper")
    now = timezone.now()
    Subscription.objects.create(
        case=case, contact=contact, consent=consent, created_at=now, told_through=told_through
    )
    return contact


def announce():
    while announcer.announce(lambda _: KEYS):
        pass


def reasons(contact=None):
    of = Notice.objects.filter(subscription__contact=contact).order_by("event_id")
    return list(of.values_list("reason", flat=True))


def move(case, *statuses):
    for status in statuses:
        case.move_to(Change(status), source="api")


def test_each_hears_every_change_in_order_and_in_their_language(case, monkeypatch):
    monkeypatch.setattr(announcer, "LARGEST_BATCH", 2)
    ivana, john = subscribe(case, "ivana"), subscribe(case, "john", language="en")
    move(case, "assigned", "in_progress", "decided")
    announce()
    for contact, words in ((ivana, "Predmet"), (john, "Case")):
        told = Message.objects.filter(contact=contact).order_by("id")
        assert [message.notice.event.no for message in told] == [1, 2, 3, 4]
        assert all(message.text.startswith(f"{words} 06-23-1/26") for message in told)
        assert {message.lane for message in told} == {Lane.NOTICE}
        assert told[0].buttons == [{"text": "Pomoć", "says": "Pomoć", "columns": 3, "asks": ""}]
    assert not Untold.objects.exists()
    announce()
    assert Message.objects.count() == 8


def test_the_reason_why_somebody_is_not_told_is_written_down(case):
    gone, newcomer = subscribe(case, "gone", reachable=False), subscribe(case, "new", told_through=2)
    move(case, "assigned", "assigned", "archived")
    announce()
    assert reasons(gone) == [Reason.UNREACHABLE, Reason.UNREACHABLE, Reason.NO_NEWS, Reason.UNREACHABLE]
    assert reasons(newcomer) == [Reason.IN_FIRST_STATUS, Reason.IN_FIRST_STATUS, Reason.NO_NEWS, ""]


def test_the_reason_why_nobody_is_told_is_written_down(case):
    announce()
    consent = record_consent(case, recorded_by="Amra", medium="paper")
    move(case, "assigned")
    announce()
    withdraw(consent, recorded_by="Amra", medium="paper")
    move(case, "in_progress")
    announce()
    assert reasons() == [Reason.NO_CONSENT, Reason.NOT_BOUND, Reason.WITHDRAWN]
