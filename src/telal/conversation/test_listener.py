"""What people do in the chat, many at a time: everybody is answered in their own order, and nobody waits for another's trouble."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import REGISTRY

from telal.cases.models import Applicant, Case, Change
from telal.cases.rules import WeekDay
from telal.conversation import bot, listener
from telal.conversation.models import Question
from telal.messaging.channel import Joined, Left, Opened, Person, Said
from telal.messaging.models import Contact, Inbound, Message
from telal.notices.announcer import announce
from telal.notices.consents import invite, record_consent
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
            person = getattr(event, "person", None)
            Inbound.objects.create(
                channel=self.name, key=body, kind="x", address=person.address if person else "",
                at=NOW, received_at=NOW, body=body,
            )  # fmt: skip

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


def connect(name, number="06-23-1/26"):
    now = timezone.now()
    case = Case.register(
        source="api", ref=f"{name} {number}", number=number, kind="administrative", subject="Nadogradnja",
        received_on=date(2026, 11, 2), applicant=Applicant.called(name),
    )  # fmt: skip
    contact, _ = Contact.objects.get_or_create(
        channel="viber", address=f"{name}==", defaults={"reachable": True, "name": name}
    )
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


def hear(platform, *events):
    """What the person who said the last of it is answered."""
    name = events[-1].person.name
    before = len(answers(name))
    platform.brings(*events)
    listener.listen(platform)
    return answers(name)[before:]


def test_a_question_in_pieces_is_answered_once(platform):
    connect("ivana")
    (told,) = hear(
        platform, *(said("ivana", text) for text in ("Dobar dan", "asdf", "sta je s mojim predmetom"))
    )
    assert "06-23-1/26" in told
    assert len(hear(platform, said("ivana", "Dobar dan"), said("ivana", "asdf qwer"))) == 1


def test_many_end_one_case_each_in_as_many_statements_as_one(platform, django_assert_max_num_queries):
    people = [f"stranka{n}" for n in range(10)]
    for place, name in enumerate(people):
        connect(name, f"06-23-{place + 1}/26")
        connect(name, "06-23-99/26")
    platform.brings(*(said(name, "Odjava 06-23-99/26") for name in people))
    with django_assert_max_num_queries(32):
        listener.listen(platform)
    live = Subscription.objects.filter(ended_at=None).values_list("contact__name", "case__number")
    assert sorted(number for _, number in live) == sorted(f"06-23-{place + 1}/26" for place in range(10))


def test_a_language_chosen_in_the_chat_holds_for_answers_and_notices(platform):
    connect("ivana")
    hear(platform, said("ivana", "Srpski latinicom"))
    ivana = Contact.objects.get(address="ivana==")
    assert (ivana.language, ivana.language_chosen) == ("sr-Latn", True)
    (told,) = hear(platform, said("ivana", "шта је са мојим предметом"))
    assert "Primljeno" in told
    Case.objects.get().move_to(Change("suspended"), source="api")
    while announce(bot.menu):
        pass
    assert "Postupak je prekinut i nastavlja se kasnije." in answers("ivana")[-1]
    buttons = Message.objects.latest("id").buttons
    assert [button["text"] for button in buttons] == ["Moji predmeti", "Pomoć"]


def test_who_is_discreet_hears_that_there_is_news_and_asks_for_the_rest(platform):
    connect("ivana")
    hear(platform, said("ivana", "diskretno"))
    Case.objects.get().move_to(Change("decided", outcome="refused"), source="api")
    while announce(bot.menu):
        pass
    message = Message.objects.latest("id")
    shown = message.text + "".join(button["text"] for button in message.buttons)
    for hidden in ("06-23", "odbijen", "Odluka", "Nadogradnja"):
        assert hidden not in shown
    (told,) = hear(platform, said("ivana", "Moji predmeti"))
    assert "odbijen" in told
    hear(platform, said("ivana", "prikaži detalje"))
    Case.objects.get().move_to(Change("served"), source="api")
    while announce(bot.menu):
        pass
    assert "06-23-1/26" in answers("ivana")[-1]


def test_a_notice_of_a_refusal_can_be_asked_what_it_means(platform):
    connect("ivana")
    Case.objects.get().move_to(Change("decided", outcome="dismissed"), source="api")
    while announce(bot.menu):
        pass
    button = Message.objects.latest("id").buttons[0]
    (told,) = hear(platform, said("ivana", button["says"]))
    assert "Odbačen znači" in told


def test_a_question_for_a_human_is_kept_sealed_and_without_personal_numbers(platform):
    hear(platform, said("ivana", "Hoću da pričam s čovjekom, jmbg 0101990170001, pin 482199"))
    question = Question.objects.get()
    assert question.text == "Hoću da pričam s čovjekom, jmbg [JMBG], pin [PIN]"
    assert (question.kind, question.answered_at, question.due_on) == ("question", None, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM conversation_question")
        assert "čovjekom" not in cursor.fetchone()[0]
    (told,) = hear(platform, said("ivana", "u vezi onog što smo pričali"))
    assert told == bot.WORDS.text("bs", "human_added")
    assert Question.objects.count() == 2
    Contact.objects.update(with_human_until=timezone.now())
    hear(platform, said("ivana", "u vezi onog što smo pričali"))
    assert Question.objects.count() == 2


def test_who_confirms_twice_has_asked_to_be_erased_once_and_loses_nothing(platform):
    subscription = connect("ivana")
    hear(platform, said("ivana", "obrišite sve o meni"))
    assert not Question.objects.exists()
    for _ in range(2):
        hear(platform, said("ivana", "Da, tražim brisanje"))
    request = Question.objects.get()
    assert (request.kind, request.due_on) == ("erasure", timezone.localdate() + timedelta(days=30))
    subscription.refresh_from_db()
    assert subscription.ended_at is None


def test_hours_are_read_only_for_who_asks_for_them(platform):
    WeekDay.objects.bulk_create(WeekDay(weekday=n, hours="8:00–16:00" if n < 5 else "") for n in range(7))
    (told,) = hear(platform, said("ivana", "radno vrijeme"))
    assert "Ponedjeljak–petak: 8:00–16:00" in told
    platform.brings(said("ivana", "Moji predmeti"))
    with CaptureQueriesContext(connection) as queries:
        listener.listen(platform)
    assert not [query for query in queries if "weekday" in query["sql"]]


# ── Floods and loops ─────────────────────────────────────────────────────────────────────────────────────────────────


MUCH, SAME = bot.enough("flood", "bs").text, bot.enough("repeated", "bs").text


def unanswered(reason):
    return REGISTRY.get_sample_value("telal_questions_unanswered_total", {"reason": reason})


def hear_all(platform):
    batches = 0
    while listener.listen(platform):
        batches += 1
    return batches


def test_of_a_flood_the_first_are_answered_and_the_next_minute_is_as_usual(
    platform, django_capture_on_commit_callbacks
):
    before = unanswered("flood")
    platform.brings(*(said("bot", f"06-23-{n}/26") for n in range(300)))
    with django_capture_on_commit_callbacks(execute=True):
        hear_all(platform)
    assert [text == MUCH for text in answers("bot")] == [False] * 20 + [True]
    assert unanswered("flood") - before == 280
    assert not Inbound.objects.filter(handled_at=None).exists()
    assert hear(platform, said("bot", "Pomoć")) == []
    Contact.objects.update(while_ends=timezone.now())
    assert len(hear(platform, said("bot", "Pomoć"))) == 1


def test_nobody_waits_for_a_flood_that_came_before_them(platform, django_assert_max_num_queries):
    platform.brings(*(said("bot", f"06-23-{n}/26") for n in range(1000)))
    platform.brings(said("ivana", "Pomoć"), said("ivana", "Moji predmeti"))
    assert listener.listen(platform) == 200
    assert len(answers("ivana")) == 2
    assert len(answers("bot")) == 21
    with django_assert_max_num_queries(125):
        assert hear_all(platform) == 5


def test_what_waits_of_everybody_keeps_its_order(platform):
    names = [f"stranka{n}" for n in range(60)]
    platform.brings(*(said("bot", f"06-23-{n}/26") for n in range(250)))
    platform.brings(*(said(name, text) for text in ("Pomoć", "hvala", "radno vrijeme") for name in names))
    waiting = [(inbound.address, inbound.pk) for inbound in Inbound.objects.order_by("id")]
    taken = []
    while batch := listener._next_callbacks():
        taken += [(inbound.address, inbound.pk) for inbound, _ in batch]
        Inbound.objects.filter(pk__in=[inbound.pk for inbound, _ in batch]).update(handled_at=NOW)
    assert {address for address, _ in taken[:200]} == {"bot==", *(f"{name}==" for name in names)}
    by_person = lambda one: one[0]  # noqa: E731
    assert sorted(taken, key=by_person) == sorted(waiting, key=by_person)


def test_a_flood_cannot_hide_a_stop_or_a_link(platform):
    connect("ivana")
    other = Case.register(
        source="api", ref="other", number="06-23-9/26", kind="administrative", subject="Ograda",
        received_on=date(2026, 11, 2), applicant=Applicant.called("Ivana"),
    )  # fmt: skip
    consent = record_consent(other, recorded_by="Amra", medium="paper")
    flood = [said("ivana", f"asdf {n}") for n in range(100)]
    platform.brings(*flood, said("ivana", "STOP"), *flood)
    hear_all(platform)
    assert not Subscription.objects.filter(ended_at=None).exists()
    assert answers("ivana")[-1] == bot.WORDS.text("bs", "stopped")
    link = Opened(Person("ivana=="), NOW, context=invite(consent).token)
    platform.brings(*flood, link, said("ivana", "asdf"), *flood)
    hear_all(platform)
    assert "06-23-9/26" in answers("ivana")[-1]


def test_a_bot_that_says_the_same_for_ever_is_not_answered_for_ever(platform):
    for _ in range(9):
        hear(platform, said("bot", "Hvala na poruci! Javićemo se."))
    assert [text == SAME for text in answers("bot")] == [False] * 5 + [True]
    assert hear(platform, said("bot", "radno vrijeme"))
    Contact.objects.update(said_until=timezone.now())
    assert hear(platform, said("bot", "radno vrijeme"))


def test_two_bots_that_repeat_each_other_come_to_an_end(platform):
    connect("bot")
    connect("bot", "06-23-2/26")
    told = hear(platform, said("bot", "Moji predmeti"))
    rounds = 0
    while told:
        rounds += 1
        assert rounds < 10
        told = hear(platform, said("bot", f"{told[-1]} "))
    assert answers("bot")[-1] == SAME
    assert hear(platform, said("bot", "radno vrijeme"))
