"""Whoever is on call sees the whole path of one id, and nothing about anybody."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from telal import tracing
from telal.cases.models import Applicant, Case, Change
from telal.config import commands
from telal.conversation import bot
from telal.messaging.models import Attempt, Contact, Inbound, Lane, Message
from telal.notices.announcer import announce
from telal.notices.consents import record_consent
from telal.notices.models import Subscription

pytestmark = pytest.mark.django_db

TRACE = UUID(tracing.new())
NOW = timezone.now()


@pytest.fixture
def citizen():
    return Contact.objects.create(channel="viber", address="her-id==", name="Senada Đozić", reachable=True)


@pytest.fixture
def case(citizen):
    case = Case.register(
        source="counter", ref="1", number="06-23-1847/26", kind="administrative", subject="Rušenje garaže",
        applicant=Applicant.called("Senada Đozić", "+38761123456"), received_on=NOW.date(),
    )  # fmt: skip
    consent = record_consent(case, recorded_by="alma", medium="paper")
    Subscription.objects.create(consent=consent, case=case, contact=citizen, created_at=NOW, told_through=1)
    return case


def told(capsys, given: str) -> tuple[int, list[str], str]:
    """The exit code, the steps, and all that was printed."""
    code = commands.trace(commands.parser().parse_args(["trace", given]))
    printed = "".join(capsys.readouterr())
    return code, [line[28:].split()[0] for line in printed.splitlines()[1:]], printed


def test_a_change_is_followed_to_the_phone(case, citizen, capsys):
    with tracing.following(tracing.Caller(TRACE, 1)):
        case.move_to(Change("assigned", department="Služba za urbanizam"), source="api")
    announce(bot.menu)
    message = Message.objects.get(contact=citizen)
    later = timezone.now()
    Attempt.objects.create(
        message=message, started_at=later, ended_at=later + timedelta(milliseconds=84), outcome="accepted"
    )
    Message.objects.filter(pk=message.pk).update(
        state="delivered",
        due_at=None,
        sent_at=later + timedelta(seconds=1),
        delivered_at=later + timedelta(seconds=2),
    )
    code, steps, printed = told(capsys, TRACE.hex)
    assert (code, steps) == (0, ["changed", "announced", "queued", "tried", "sent", "delivered"])
    assert "accepted after 84 ms" in printed
    assert told(capsys, str(message.pk))[1] == steps
    for secret in ("Senada", "Đozić", "61123456", "garaže", "23-1847", "her-id"):
        assert secret not in printed


def test_a_question_is_followed_to_its_answer(citizen, capsys):
    Inbound.objects.create(
        channel="viber", key="1", kind="message", address=citizen.address, at=NOW, body="", received_at=NOW,
        handled_at=NOW + timedelta(milliseconds=5), trace=TRACE,
    )  # fmt: skip
    for trace in (TRACE, UUID(tracing.new())):
        Message.objects.create(
            contact=citizen,
            lane=Lane.ANSWER,
            text="…",
            created_at=NOW + timedelta(milliseconds=9),
            trace=trace,
        )
    assert told(capsys, TRACE.hex)[1] == ["received", "handled", "queued"]


def test_what_nobody_knows_is_said(capsys):
    assert told(capsys, tracing.new())[0] == 1
    assert told(capsys, "17")[0] == 1
    assert "32 hexadecimal digits" in told(capsys, "Ana")[2]
