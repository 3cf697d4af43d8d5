"""Reading a case says how far each message got, and why somebody was not told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from telal.cases.models import Case, Untold
from telal.messaging.models import Attempt, Contact, Lane, Message, State
from telal.notices.models import Notice, Reason, Subscription

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(dms):
    """A case whose citizen heard, at the second try, that it was assigned; one person before them had not yet bound."""
    dms.put(consent=dms.consent)
    dms.event(status="assigned")
    case = Case.objects.get()
    received, assigned = case.events.order_by("no")
    now = timezone.now()
    contact = Contact.objects.create(channel="viber", address="01234567890A=", name="Ana")
    message = Message.objects.create(
        contact=contact, lane=Lane.NOTICE, text="Vaš predmet…", state=State.DELIVERED, created_at=now, sent_at=now + MINUTE,
        delivered_at=now + 2 * MINUTE, token=5741311803571721087, billing=1, in_session=False,
    )  # fmt: skip
    for outcome, code in (("try_later", "12"), ("sent", "")):
        Attempt.objects.create(
            message=message, started_at=now, ended_at=now + MINUTE, outcome=outcome, code=code
        )
    subscription = Subscription.objects.create(
        consent=case.consents.get(), case=case, contact=contact, created_at=now
    )
    Notice.objects.create(event=received, reason=Reason.NOT_BOUND, created_at=now)
    Notice.objects.create(event=assigned, subscription=subscription, message=message, created_at=now)
    Untold.objects.filter(event__in=(received, assigned)).delete()
    return dms


def test_each_event_says_who_was_told_and_who_not(told):
    told.event("e2", status="in_progress")
    received, assigned, in_progress = told.get()["timeline"]

    assert received["not_told"] == [{"reason": "not_bound", "label": "građanin još nije otvorio chat"}]
    assert received["messages"] == []

    [message] = assigned["messages"]
    assert (message["channel"], message["state"], message["billing"], message["in_session"]) == (
        "viber",
        "delivered",
        1,
        False,
    )
    assert [(attempt["outcome"], attempt["code"]) for attempt in message["attempts"]] == [
        ("try_later", "12"),
        ("sent", ""),
    ]
    assert message["queued_at"] < message["sent_at"] < message["delivered_at"]
    assert message["seen_at"] is None

    assert [line["pending"] for line in (received, assigned, in_progress)] == [False, False, True]


def test_the_channel_s_secrets_stay_inside(told):
    text = str(told.get())
    for secret in ("5741311803571721087", "01234567890A=", "Vaš predmet"):
        assert secret not in text


def test_a_long_timeline_is_read_at_once(told, django_assert_max_num_queries):
    for no in range(10):
        told.event(f"more{no}", status="in_progress")
    with django_assert_max_num_queries(6):
        told.get()
