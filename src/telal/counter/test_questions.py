"""A citizen wants a human: a clerk reads it and answers in the same chat, once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.rules import WeekDay
from telal.conversation.models import Question
from telal.counter.conftest import signed_in
from telal.messaging.models import Contact, Lane, Message


@pytest.fixture
def contact(case, connect) -> Contact:
    contact = connect(case)
    Contact.objects.update(name="Amra iz Vibera")
    return contact


@pytest.fixture
def question(contact) -> Question:
    return Question.objects.create(
        contact=contact, kind="question", text="Kome da se javim?", asked_at=timezone.now()
    )


def page(client: Client) -> str:
    return client.get("/counter/questions").content.decode()


def reply(client: Client, question: Question, **said: str) -> str:
    answer = client.post(f"/counter/questions/{question.pk}", said)
    return answer.content.decode() if answer.status_code == 200 else answer.url


def test_a_question_is_shown_with_who_asks_and_their_case(clerk: Client, question, case):
    assert 'data-testid="questions-count">1<' in clerk.get("/counter/").content.decode()
    for words in ("Kome da se javim?", "Amra iz Vibera", case.number, f"razgovor br. {question.contact_id}"):
        assert words in page(clerk)


def test_the_answer_goes_out_in_the_chat_and_only_once(clerk: Client, question):
    for _ in range(2):
        assert reply(clerk, question, answer="Javite se u sobu 12.") == "/counter/questions"
    message = Message.objects.get()
    assert message.text.endswith("Javite se u sobu 12.")
    assert (message.lane, message.contact_id) == (Lane.ANSWER, question.contact_id)
    question.refresh_from_db()
    assert question.answered_by == "ana"
    assert question.contact.with_human_until > timezone.now()
    assert "Nijedno pitanje ne čeka." in page(clerk)


def test_what_was_settled_in_another_way_sends_nothing(clerk: Client, question):
    assert reply(clerk, question, settled="on") == "/counter/questions"
    assert not Message.objects.exists()
    assert not Question.objects.filter(answered_at=None).exists()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"answer": " "}, "Upišite odgovor"),
        ({"answer": "JMBG 0101990170001"}, "Izostavite JMBG"),
        ({"answer": "x" * 2001}, "Predugo"),
    ],
)
def test_a_bad_answer_is_not_lost_and_not_sent(clerk: Client, question, said, complaint):
    assert complaint in reply(clerk, question, **said)
    assert said["answer"] in reply(clerk, question, **said)
    assert not Message.objects.exists()


def test_who_has_left_cannot_be_answered_here(clerk: Client, question):
    Contact.objects.update(reachable=False)
    assert "više ne prima poruke" in reply(clerk, question, answer="Javite se.")
    assert Question.objects.filter(answered_at=None).exists()


def test_a_request_for_erasure_has_its_legal_day(clerk: Client, contact):
    due = timezone.localdate() + timedelta(days=30)
    Question.objects.create(contact=contact, kind="erasure", asked_at=timezone.now(), due_on=due)
    shown = page(clerk)
    assert "obrišu svi podaci" in shown
    assert f"{due.day}. {due.month}. {due.year}." in shown


def test_a_request_for_erasure_stays_open_until_the_clerk_closes_it(clerk: Client, contact):
    request = Question.objects.create(contact=contact, kind="erasure", asked_at=timezone.now())
    reply(clerk, request, answer="Ponesite lični dokument na šalter.")
    assert Question.objects.filter(answered_at=None).exists()
    reply(clerk, request, answer="Podaci su obrisani.", settled="on")
    assert not Question.objects.filter(answered_at=None).exists()
    assert Message.objects.count() == 2


def test_the_auditor_reads_and_does_not_answer(question):
    auditor = signed_in("revizor", "auditor")
    assert "Kome da se javim?" in page(auditor)
    assert 'data-testid="answer"' not in page(auditor)


def test_the_list_goes_page_by_page(clerk: Client, contact, monkeypatch):
    monkeypatch.setattr("telal.counter.paging.ON_A_PAGE", 2)
    for n in range(3):
        Question.objects.create(
            contact=contact, kind="question", text=f"pitanje {n}", asked_at=timezone.now()
        )
    assert "pitanje 2" not in page(clerk)
    later = page(clerk).partition('href="/counter/questions?after=')[2].partition('"')[0]
    assert "pitanje 2" in clerk.get(f"/counter/questions?after={later}").content.decode()
    assert clerk.get("/counter/questions?after=x").status_code == 200


def test_who_answers_sees_the_case_and_by_when(clerk: Client, question, case):
    for weekday in range(5):
        WeekDay.objects.create(weekday=weekday, hours="8:00–16:00")
    assert "odgovoriti do kraja radnog vremena" in page(clerk)
    assert case.subject in page(clerk)
    Question.objects.update(asked_at=timezone.now() - timedelta(days=9))
    assert "kasni" in page(clerk)
