"""A change that is taken back before anybody hears of it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from telal.cases.models import Applicant, Case, Change, Untold
from telal.messaging.models import Contact, Lane, Message
from telal.notices.announcer import announce
from telal.notices.models import Consent, Notice, Reason, Subscription
from telal.notices.taking_back import take_back

pytestmark = pytest.mark.django_db
HOLD = timedelta(seconds=60)


def a_case(number="06-23-1847/26") -> Case:
    return Case.register(
        source="api", ref=number, number=number, kind="administrative", subject="Ograda",
        received_on=timezone.localdate(), applicant=Applicant.called("Ivana"),
    )  # fmt: skip


def follow(contact: Contact, case: Case, told_through: int = 0) -> None:
    now = timezone.now()
    consent = Consent.objects.create(
        case=case,
        person="Ivana",
        phone="",
        given_at=now,
        recorded_by="ana",
        medium="paper",
        text_version="1",
        language="bs",
    )
    Subscription.objects.create(
        case=case, contact=contact, consent=consent, created_at=now, told_through=told_through
    )


@pytest.fixture
def ivana() -> Contact:
    return Contact.objects.create(channel="viber", address="ivana", reachable=True, heard_at=timezone.now())


@pytest.fixture
def case(ivana: Contact) -> Case:
    case = a_case()
    follow(ivana, case)
    tell()
    Message.objects.all().delete()
    return case


def tell() -> int:
    return announce(lambda language: [])


def hold_is_over() -> None:
    Untold.objects.exclude(not_before=None).update(not_before=timezone.now() - timedelta(seconds=1))


def texts() -> list[str]:
    return list(Message.objects.order_by("id").values_list("text", flat=True))


def test_nobody_hears_before_the_hold_is_over(case):
    case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    assert tell() == 0
    hold_is_over()
    assert tell() == 1
    assert len(texts()) == 1


def test_the_promise_counts_from_the_end_of_the_hold(case):
    case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    hold_is_over()
    ended = Untold.objects.get().not_before
    tell()
    assert Message.objects.get().caused_at == ended


def test_taken_back_the_case_is_what_it_was_and_nobody_hears(case):
    case.move_to(
        Change("awaiting_other_body", waiting_for="Vodovod", department="Urbanizam", officer="Alma", due_on=timezone.localdate()),
        source="counter",
    )  # fmt: skip
    tell()
    Message.objects.all().delete()
    before = Case.objects.values(
        "status", "outcome", "department", "officer", "waiting_for", "waiting_since", "due_on"
    ).get()
    event = case.move_to(
        Change("decided", outcome="granted", officer="Mirza", department=""),
        source="counter",
        actor="ana",
        hold=HOLD,
    )
    assert take_back(event, actor="ana")
    assert Case.objects.values(*before).get() == before
    tell()
    assert texts() == []
    assert [line.status for line in case.events.order_by("no")][-2:] == ["decided", "awaiting_other_body"]
    assert Notice.objects.get(event=event).reason == Reason.TAKEN_BACK
    assert Notice.objects.get(event=case.events.latest("no")).reason == Reason.NO_NEWS


def test_it_is_taken_back_once(case):
    event = case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    assert [take_back(event, actor="ana") for _ in range(2)] == [True, False]
    assert case.events.count() == 3


def test_too_late_is_too_late(case):
    event = case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    hold_is_over()
    assert not take_back(event, actor="ana")
    tell()
    assert not take_back(event, actor="ana")
    assert len(texts()) == 1


def test_what_the_dms_did_after_it_stays(case):
    event = case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    case.move_to(Change("in_progress"), source="api")
    assert not take_back(event, actor="ana")
    assert tell() == 0
    hold_is_over()
    assert tell() == 2
    case.refresh_from_db()
    assert case.status == "in_progress"


def test_whoever_follows_two_cases_hears_of_both_in_order_and_a_stranger_at_once(case, ivana):
    second, strangers = a_case("06-23-2/26"), a_case("06-23-3/26")
    follow(ivana, second)
    follow(Contact.objects.create(channel="viber", address="marko", reachable=True), strangers)
    tell()
    Message.objects.all().delete()
    case.move_to(Change("assigned"), source="counter", hold=HOLD)
    second.move_to(Change("assigned"), source="api")
    strangers.move_to(Change("assigned"), source="api")
    assert tell() == 1
    hold_is_over()
    assert tell() == 2
    of_ivana = Message.objects.filter(contact=ivana).order_by("id")
    assert [message.notice.event.case.number for message in of_ivana] == [case.number, second.number]


def test_who_was_told_the_state_meanwhile_hears_that_it_is_again_another(case):
    event = case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    newcomer = Contact.objects.create(channel="viber", address="marko", reachable=True)
    follow(newcomer, case, told_through=event.no)
    assert take_back(event, actor="ana")
    tell()
    assert Message.objects.filter(contact=newcomer).count() == 1


def test_who_was_answered_meanwhile_hears_it_too(case, ivana):
    event = case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    now = timezone.now()
    Message.objects.create(contact=ivana, lane=Lane.ANSWER, text="Dodijeljen", created_at=now, caused_at=now)
    assert take_back(event, actor="ana")
    tell()
    assert Message.objects.filter(contact=ivana, lane=Lane.NOTICE).count() == 1


def test_after_it_the_same_change_is_news_again(case):
    event = case.move_to(Change("assigned"), source="counter", actor="ana", hold=HOLD)
    take_back(event, actor="ana")
    case.move_to(Change("assigned"), source="counter", actor="ana")
    tell()
    assert len(texts()) == 1


def test_a_key_of_the_line_stays_used(case):
    event = case.move_to(Change("assigned", key="counter:1"), source="counter", actor="ana", hold=HOLD)
    take_back(event, actor="ana")
    with pytest.raises(IntegrityError):
        case.move_to(Change("assigned", key="counter:1"), source="counter", actor="ana")
