"""What has been kept long enough goes, and nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from telal.cases.models import Applicant, Case, CaseEvent, Change, Reduced, Untold
from telal.conversation import bot
from telal.conversation.models import Question
from telal.messaging.models import Attempt, Contact, Inbound, Lane, Message, Pump, StrayReceipt
from telal.notices.announcer import announce
from telal.notices.consents import invite, record_consent, withdraw
from telal.notices.models import Consent, Invitation, Notice, Subscription
from telal.retention import report, sweeping
from telal.retention.models import Progress

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 11, 22, 9, 0, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def ivana():
    contact = Contact.objects.create(channel="viber", address="ivana==", name="Ivana", reachable=True)
    Contact.objects.update(created_at=days_ago(400), heard_at=days_ago(1))
    return contact


def say(contact, text, at, **fields):
    message = Message.objects.create(
        contact=contact, lane=Lane.ANSWER, text=text, created_at=at, **{"state": "seen", **fields}
    )
    Attempt.objects.create(message=message, started_at=at, ended_at=at, outcome="accepted")
    return message


def callback(key, at, **fields):
    return Inbound.objects.create(
        channel="viber", key=key, kind="message", address="ivana==", at=at, received_at=at, **fields
    )


@transaction.atomic
def reduce_at_once(case):
    Notice.objects.all().delete()
    Case.reduce([case.pk], NOW)
    connection.check_constraints()


def sweep_all():
    """Until nothing is left to drop; returns what was, by class."""
    total = sweeping.Counter()
    while dropped := sweeping.sweep(NOW):
        total += dropped
    return dict(total)


@pytest.fixture
def case(ivana):
    """A case that was archived 200 days ago, with consent, a slip and a connected citizen who heard of it all."""
    case = Case.register(
        source="counter", ref="a/1", number="06-23-1/26", kind="administrative", subject="Urbanistička saglasnost",
        received_on=days_ago(300).date(), applicant=Applicant.called("Ivana Perić", "+38761123456"),
    )  # fmt: skip
    consent = record_consent(case, recorded_by="ana", medium="paper")
    invite(consent)
    Subscription.objects.create(consent=consent, case=case, contact=ivana, created_at=days_ago(300))
    case.move_to(Change("archived", occurred_at=days_ago(200)), source="counter")
    while announce(bot.menu):
        pass
    Message.objects.update(due_at=None, state="seen", created_at=days_ago(200))
    Case.objects.update(changed_at=days_ago(200))
    Contact.objects.update(heard_at=days_ago(300))
    return case


def test_a_text_goes_first_and_its_message_later(ivana):
    old, older = say(ivana, "Vaš predmet", days_ago(91)), say(ivana, "Vaš predmet", days_ago(89))
    assert sweep_all() == {"chat_text": 1}
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == ["", "Vaš predmet"]
    Message.objects.filter(pk__in=[old.pk, older.pk]).update(created_at=days_ago(181))
    assert sweep_all() == {"chat_text": 1, "delivery_log": 2}
    assert not Attempt.objects.exists()


def test_what_is_still_owed_stays_however_old_it_is(ivana):
    say(ivana, "first", days_ago(400), due_at=days_ago(399), state="queued")
    say(ivana, "second", days_ago(400))
    callback("waiting", days_ago(400))
    assert sweep_all() == {}
    Message.objects.update(due_at=None)
    assert sweep_all() == {"chat_text": 2, "delivery_log": 2}


def test_a_million_rows_are_taken_in_small_steps(ivana, monkeypatch):
    monkeypatch.setattr(sweeping, "LARGEST_BATCH", 3)
    for n in range(7):
        say(ivana, str(n), days_ago(100 - n))
    assert [sweeping.sweep(NOW)["chat_text"] for _ in range(4)] == [3, 3, 1, 0]


def test_a_callback_keeps_its_key_and_nothing_else(ivana):
    callback("message 1 x", days_ago(31), handled_at=days_ago(31), error="KeyError", body="Dobar dan")
    assert sweep_all() == {"callbacks": 1}
    assert list(Inbound.objects.values_list("key", "body", "address")) == [("message 1 x", "", "")]


def test_a_receipt_of_nothing_goes_after_two_weeks(ivana):
    for token, age in ((1, 16), (2, 14)):
        StrayReceipt.objects.create(
            channel="viber", address="x", token=token, kind="seen", at=NOW, received_at=days_ago(age)
        )
    assert sweep_all() == {"stray_receipts": 1}


def test_of_a_case_long_closed_only_the_consent_and_the_number_remain(case):
    assert sweep_all()["case_data"] == 1
    case.refresh_from_db()
    assert (case.number, case.subject, case.applicant.name, case.reduced_at) == ("06-23-1/26", "", "", NOW)
    assert not CaseEvent.objects.exists()
    assert not Notice.objects.exists()
    assert not Invitation.objects.exists()
    assert Consent.objects.get().person == "Ivana Perić"
    assert list(Applicant.objects.values_list("name", flat=True)) == [""]


def test_the_person_in_the_chat_goes_when_nothing_is_left_to_say(case, ivana):
    assert sweep_all()["contacts"] == 1
    assert not Contact.objects.exists()


def test_a_question_goes_some_time_after_its_answer_and_keeps_its_person_until_then(case, ivana):
    question = Question.objects.create(contact=ivana, kind="question", text="Kome?", asked_at=days_ago(300))
    assert "contacts" not in sweep_all()
    Question.objects.filter(pk=question.pk).update(answered_at=days_ago(89))
    assert "questions" not in sweep_all()
    Question.objects.filter(pk=question.pk).update(answered_at=days_ago(91))
    dropped = sweep_all()
    assert (dropped["questions"], dropped["contacts"]) == (1, 1)


def test_who_still_follows_a_case_or_has_just_written_stays(case, ivana):
    Case.objects.update(status="in_progress")
    Contact.objects.create(channel="viber", address="new==", heard_at=days_ago(1))
    assert "contacts" not in sweep_all()


def test_a_case_with_news_that_nobody_has_told_waits(case):
    Untold.objects.create(event=case.events.latest("no"))
    assert "case_data" not in sweep_all()
    with pytest.raises(IntegrityError):
        reduce_at_once(case)
    assert CaseEvent.objects.count() == 2


def test_a_case_with_a_message_on_its_way_waits(case):
    Message.objects.filter(pk=Message.objects.latest("pk").pk).update(due_at=NOW, state="queued")
    assert "case_data" not in sweep_all()


def test_the_proof_of_consent_goes_five_years_after_its_end(case):
    sweep_all()
    Case.objects.update(reduced_at=days_ago(5 * 365))
    assert sweep_all() == {}
    Case.objects.update(reduced_at=days_ago(5 * 366))
    assert sweep_all() == {"consent_proof": 1}


def test_a_consent_withdrawn_is_kept_as_long_though_its_case_goes_on(case):
    Case.objects.update(status="in_progress")
    withdraw(Consent.objects.get(), recorded_by="ana", medium="paper")
    assert "consent_proof" not in sweep_all()
    Consent.objects.get().withdrawal.__class__.objects.update(withdrawn_at=days_ago(5 * 366))
    assert sweep_all()["consent_proof"] == 1


def test_what_was_dropped_does_not_come_back_but_new_things_may_happen(case):
    sweep_all()
    case.refresh_from_db()
    with pytest.raises(Reduced):
        case.move_to(Change("in_progress", occurred_at=days_ago(250)), source="import")
    case.move_to(Change("in_progress", occurred_at=NOW + timedelta(days=1)), source="counter")
    assert case.reduced_at is None


def test_a_person_of_no_case_goes(case):
    Applicant.called("Zaboravljena", "+38761999999")
    assert sweep_all()["applicants"] == 1


def test_the_report_says_what_is_due_and_what_was_done(case):
    def reported(code):
        return next(line.split() for line in report.lines(NOW) if line.startswith(code))

    assert reported("case_data") == ["case_data", "180", "1", "0", "never"]
    sweep_all()
    assert reported("case_data")[:4] == ["case_data", "180", "0", "1"]
    assert Progress.objects.get(pk="chat_text").dropped == 2


def test_without_the_right_to_sweep_nothing_is_touched(case):
    Pump.objects.filter(pk="retention").delete()
    assert sweep_all() == {}
