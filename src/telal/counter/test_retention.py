"""How long data is kept is seen, and changed with open eyes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.messaging.models import Contact, Lane, Message
from telal.retention import keeping, sweeping
from telal.retention.classes import CLASSES

pytestmark = pytest.mark.django_db

PAGE = "/counter/settings/retention"
USUAL = {kept.code: str(kept.days) for kept in CLASSES}


def send(client: Client, **days: str) -> str:
    answer = client.post(f"{PAGE}/keep", {**USUAL, **days})
    return answer.content.decode() if answer.status_code == 200 else answer.url


@pytest.fixture
def old_message(db: None) -> Message:
    contact = Contact.objects.create(channel="viber", address="x", reachable=True)
    message = Message.objects.create(
        contact=contact, lane=Lane.ANSWER, text="Dobar dan", state="seen", created_at=timezone.now()
    )
    Message.objects.update(created_at=timezone.now() - timedelta(days=40))
    return message


def test_shorter_is_shown_first_and_done_when_confirmed(boss: Client, old_message: Message):
    shown = send(boss, chat_text="30")
    assert "Tekstovi poruka, s 90 na 30 dana: <b>1</b>" in shown
    assert keeping.days()["chat_text"] == 90
    summary = "-".join({**USUAL, "chat_text": "30"}.values())
    assert send(boss, chat_text="30", confirmed=summary) == PAGE
    assert keeping.days()["chat_text"] == 30
    sweeping.sweep(timezone.now())
    old_message.refresh_from_db()
    assert old_message.text == ""


def test_what_was_confirmed_is_what_is_done(boss: Client, old_message: Message):
    """They look at one number and then type another."""
    summary = "-".join({**USUAL, "chat_text": "60"}.values())
    assert "s 90 na 30 dana" in send(boss, chat_text="30", confirmed=summary)
    assert keeping.days()["chat_text"] == 90


def test_longer_is_done_at_once(boss: Client):
    assert send(boss, questions="120") == PAGE
    assert keeping.days()["questions"] == 120


@pytest.mark.parametrize(
    ("days", "complaint"),
    [
        ({"chat_text": "91"}, "od 1 do 90"),
        ({"consent_proof": "30"}, "od 365 do 1827"),
        ({"case_data": "dugo"}, "od 1 do 731"),
        ({"chat_text": "90", "delivery_log": "60"}, "ne može čuvati duže od zapisnika"),
        ({"callbacks": ""}, "od 15 do 90"),
    ],
)
def test_what_the_law_or_the_work_does_not_allow_is_refused(boss: Client, days, complaint):
    assert complaint in send(boss, **days)
    assert keeping.days() == {code: int(count) for code, count in USUAL.items()}


def test_what_the_server_says_is_not_changed_here(boss: Client, settings):
    send(boss, questions="120")
    settings.TELAL_KEEP_FIXED = frozenset({"questions"})
    settings.TELAL_KEEP = {**settings.TELAL_KEEP, "questions": 400}
    assert "zadano na serveru" in boss.get(PAGE).content.decode()
    assert send(boss, questions="10") == PAGE
    assert keeping.days()["questions"] == 400


def test_a_text_never_outlives_its_message(settings):
    settings.TELAL_KEEP = {**settings.TELAL_KEEP, "delivery_log": 20}
    assert keeping.days()["chat_text"] == 20


def test_what_is_over_is_counted_when_asked(boss: Client, old_message: Message):
    Message.objects.update(created_at=timezone.now() - timedelta(days=100))
    assert "due-chat_text" not in boss.get(PAGE).content.decode()
    assert 'due-chat_text">1<' in boss.get(f"{PAGE}?due").content.decode()
