"""Who is asking? Each way into a case, and what somebody tries who has no right to it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telal.cases.models import Applicant, Case, Change
from telal.conversation import bot, listener, proving
from telal.conversation.test_listener import Platform, answers
from telal.messaging.channel import Opened, Person, Said
from telal.messaging.models import Contact, Inbound, Message
from telal.notices import compose, proofs
from telal.notices.announcer import announce
from telal.notices.consents import invite, record_consent, withdraw
from telal.notices.models import (
    Consent,
    Doubt,
    Guess,
    NewConsent,
    Notice,
    PhoneRequest,
    ProvenPhone,
    Subscription,
)

pytestmark = pytest.mark.django_db

NUMBER, OTHER = "+38761123456", "+38762654321"
REFUSED = proving.words("pin_refused", "bs").text
NOT_CONFIRMED = proving.words("phone_refused", "bs").text
STILL_YOU = compose.still_you("bs")[0]
CONNECTED = bot.bound("bs").text


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def says(platform):
    def says(name, text, **fields):
        """Somebody writes, and is answered. Returns the answer, or the last of several."""
        now = timezone.now()
        event = Said(Person(f"{name}==", name), now, **{"kind": "text", "text": text, **fields})
        platform.brings(event)
        listener.listen(platform)
        return answers(name)[-1]

    return says


@pytest.fixture
def shares(says):
    def shares(name, phone=NUMBER, **fields):
        """They press the button for their number, on a phone."""
        token = fields.pop("token", None) or token_of(name)
        return says(name, token, kind="contact", contact_phone=phone.removeprefix("+"), **fields)

    return shares


def token_of(name):
    """What the last button for the number says."""
    messages = Message.objects.filter(contact__address=f"{name}==").order_by("-id")
    return next(
        button["says"] for message in messages for button in message.buttons if button["asks"] == "phone"
    )


def case_of(number, phone=NUMBER, name="Ivana Perić", **fields):
    """A case with consent; returns it and the slip."""
    case = Case.register(
        source="counter", ref=number, number=number, kind="administrative", subject="Nadogradnja",
        received_on=timezone.localdate(), applicant=Applicant.called(name, phone), **fields,
    )  # fmt: skip
    return case, invite(record_consent(case, recorded_by="ana", medium="paper"))


def follows(name):
    live = Subscription.objects.filter(contact__address=f"{name}==", ended_at=None)
    return sorted(live.values_list("case__number", "way"))


def settle():
    while listener.greet() + announce(bot.menu):
        pass


# ── The number ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_shared_number_opens_every_case_that_was_left_with_it(says, shares):
    case_of("06-23-1/26")
    case_of("06-23-2/26")
    case_of("06-23-3/26", OTHER)
    withdrawn, _ = case_of("06-23-4/26")
    withdraw(withdrawn.consents.get(), recorded_by="ana", medium="paper")
    assert "Pošalji moj broj" in says("ivana", "moji predmeti")
    answer = shares("ivana")
    assert follows("ivana") == [("06-23-1/26", "phone"), ("06-23-2/26", "phone")]
    assert "06-23-1/26" in answer
    assert "06-23-2/26" in answer
    assert "06-23-3/26" not in answer


def test_a_number_with_one_case_is_answered_as_after_the_link(says, shares):
    case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    assert shares("ivana").startswith(CONNECTED)


@pytest.mark.parametrize("written", ["38761123456", "+38761123456"])
def test_the_platform_may_write_the_number_with_or_without_its_plus(says, shares, written):
    case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    shares("ivana", written)
    assert follows("ivana") == [("06-23-1/26", "phone")]


@pytest.mark.parametrize(
    "attack",
    [
        {"token": "Ivana"},
        {"token": f"{proofs.TOKEN_BEGINS}AAAAAAAAAAAAAAAAAAAAAAAA"},
        {"contact_named": True},
        {"phone": ""},
        {"phone": "123"},
    ],
    ids=["no token", "invented", "forwarded", "no number", "no such number"],
)
def test_a_contact_that_proves_nothing_opens_nothing(says, shares, attack):
    case_of("06-23-1/26")
    says("petar", "moji predmeti")
    answer = shares("petar", **attack)
    assert follows("petar") == []
    assert answer in (NOT_CONFIRMED, proving.words("phone_not_sent", "bs").text)
    assert not ProvenPhone.objects.exists()


def test_a_token_is_good_once(says, shares):
    case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    token = token_of("ivana")
    shares("ivana", OTHER)
    assert shares("ivana", NUMBER, token=token) == NOT_CONFIRMED
    assert follows("ivana") == []


def test_a_token_is_good_for_half_an_hour(says, shares):
    case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    PhoneRequest.objects.update(expires_at=timezone.now())
    assert shares("ivana") == NOT_CONFIRMED
    assert shares("ivana").startswith(CONNECTED)  # the refusal brought a new button


def test_a_token_of_somebody_else_is_good_for_nobody(says, shares):
    case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    says("petar", "moji predmeti")
    assert shares("petar", token=token_of("ivana")) == NOT_CONFIRMED
    assert follows("petar") == []
    assert shares("ivana").startswith(CONNECTED)


def test_a_computer_cannot_share_a_number_and_is_told_what_to_do(says, shares):
    case, slip = case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    token = token_of("ivana")
    answer = says("ivana", token)
    assert "na računaru" in answer
    assert shares("ivana", token=token) == NOT_CONFIRMED  # whoever has read it in the chat comes too late
    assert says("ivana", f"{case.number} PIN {slip.pin}").startswith(CONNECTED)


def test_only_the_hash_of_a_token_is_kept(says):
    says("ivana", "moji predmeti")
    assert PhoneRequest.objects.get().token_hash != token_of("ivana")


@pytest.mark.parametrize(
    ("text", "asks"),
    [("dodaj predmet", True), ("promijenio sam broj telefona", True), ("moji predmeti", True), ("hvala", False), ("STOP", False)],
)  # fmt: skip
def test_the_button_comes_with_the_answers_that_speak_of_it(says, text, asks):
    says("ivana", text)
    assert PhoneRequest.objects.exists() == asks


def test_a_consent_recorded_later_is_told_to_whoever_has_proven_its_number(says, shares):
    says("ivana", "moji predmeti")
    assert "Vaš broj telefona je potvrđen" in shares("ivana")
    case_of("06-23-1/26")
    assert listener.greet() == 1
    assert answers("ivana")[-1].startswith(CONNECTED)
    assert "06-23-1/26" in answers("ivana")[-1]
    settle()
    assert len(answers("ivana")) == 3  # what they were told as the present state is not told again
    assert not NewConsent.objects.exists()


def test_a_new_consent_is_told_discreetly_to_who_is_discreet(says, shares):
    says("ivana", "moji predmeti")
    shares("ivana")
    says("ivana", "diskretno")
    case_of("06-23-1/26")
    listener.greet()
    assert answers("ivana")[-1] == compose.news("bs")
    assert "06-23-1/26" in says("ivana", "moji predmeti")


def test_who_has_chosen_a_language_keeps_it(says, shares):
    says("ivana", "Srpski latinicom")
    _, slip = case_of("06-23-1/26")
    says("ivana", f"06-23-1/26 PIN {slip.pin}")
    assert Contact.objects.get().language == "sr-Latn"
    says("ivana", "dodaj predmet")
    assert shares("ivana", token="x") == proving.words("phone_refused", "sr-Latn").text


def test_many_consents_at_once_are_one_message(says, shares, django_assert_max_num_queries):
    says("firma", "moji predmeti")
    shares("firma")
    for n in range(20):
        case_of(f"06-23-{n + 1}/26")
    with django_assert_max_num_queries(25):
        listener.greet()
    assert len(follows("firma")) == 20
    assert len(answers("firma")) == 3


def test_a_consent_withdrawn_meanwhile_connects_nobody(says, shares):
    says("ivana", "moji predmeti")
    shares("ivana")
    case, _ = case_of("06-23-1/26")
    withdraw(case.consents.get(), recorded_by="ana", medium="paper")
    listener.greet()
    assert follows("ivana") == []


def test_a_case_whose_data_is_over_connects_nobody(says, shares):
    case, _ = case_of("06-23-1/26")
    settle()
    Notice.objects.all().delete()
    Case.reduce([case.pk], timezone.now())
    says("ivana", "moji predmeti")
    assert "potvrđen" in shares("ivana")
    assert follows("ivana") == []


def test_who_says_that_the_number_changed_proves_the_new_one_and_the_old_one_counts_no_longer(says, shares):
    case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    shares("ivana")
    assert "Ako je ovo Vaš novi broj" in says("ivana", "promijenila sam broj telefona")
    assert ProvenPhone.objects.get().phone == NUMBER  # a word alone moves nothing
    shares("ivana", OTHER)
    assert ProvenPhone.objects.get().phone == OTHER
    case_of("06-23-2/26", NUMBER)
    case_of("06-23-3/26", OTHER)
    listener.greet()
    assert follows("ivana") == [("06-23-1/26", "phone"), ("06-23-3/26", "phone")]


def test_one_person_may_have_several_numbers(says, shares):
    case_of("06-23-1/26", NUMBER)
    case_of("06-23-2/26", OTHER)
    for phone in (NUMBER, OTHER):
        says("ivana", "dodaj predmet")
        shares("ivana", phone)
    assert [number for number, _ in follows("ivana")] == ["06-23-1/26", "06-23-2/26"]


# ── Number and PIN ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_number_and_pin_connect_that_case_alone(says):
    _, slip = case_of("06-23-1/26")
    case_of("06-23-2/26")
    assert says("ivana", f"06-23-1/26 {slip.pin}").startswith(CONNECTED)
    assert follows("ivana") == [("06-23-1/26", "pin")]
    assert not ProvenPhone.objects.exists()
    assert not any(slip.pin in text for text in answers("ivana"))


def test_the_same_pin_once_more_says_again_how_it_stands(says):
    _, slip = case_of("06-23-1/26")
    first = says("ivana", f"06-23-1/26 PIN {slip.pin}")
    assert says("ivana", f"06-23-1/26 PIN {slip.pin}") == first
    assert len(follows("ivana")) == 1


def test_a_number_after_the_word_broj_is_no_token(says):
    case_of("06-23-1/26")
    assert "računaru" not in says("ivana", "broj:1847")


def test_one_slip_connects_a_representative_as_well(says):
    case, slip = case_of("06-23-1/26")
    for name in ("ivana", "advokat"):
        says(name, f"06-23-1/26 PIN {slip.pin}")
    case.move_to(Change("in_progress"), source="counter")
    settle()
    assert all("se radi" in answers(name)[-1] for name in ("ivana", "advokat"))


def test_whatever_is_wrong_is_answered_alike_and_costs_alike(says):
    """A wrong PIN, a case that does not exist, one without a slip, and a right PIN during a pause."""
    _, slip = case_of("06-23-1/26")
    ended, old = case_of("06-23-2/26")
    withdraw(ended.consents.get(), recorded_by="ana", medium="paper")
    wrong = "999999" if slip.pin != "999999" else "888888"
    says("petar", "dobar dan")  # everything that is read once has been read

    def costs(text):
        with CaptureQueriesContext(connection) as statements:
            answer = says("petar", text)
        asked = Message.objects.filter(contact__address="petar==").order_by("-id")[0].buttons
        return answer, [(key["text"], key["asks"]) for key in asked], len(statements)

    tried = [
        costs(f"06-23-1/26 PIN {wrong}"),
        costs(f"06-23-77/26 PIN {wrong}"),
        costs(f"06-23-2/26 PIN {old.pin}"),
        costs(f"06-23-1/26 PIN {wrong}"),
        costs(f"06-23-1/26 PIN {slip.pin}"),
        costs(f"06-23-77/26 PIN {slip.pin}"),
    ]
    assert {one[0] for one in tried} == {REFUSED}
    assert len({str(one) for one in tried}) == 1
    assert list(Guess.objects.order_by("id").values_list("held", flat=True)) == [False] * 4 + [True] * 2
    assert follows("petar") == []


def test_a_pause_ends_by_itself(says):
    _, slip = case_of("06-23-1/26")
    for _ in range(4):
        says("ivana", "06-23-1/26 PIN 000000" if slip.pin != "000000" else "06-23-1/26 PIN 000001")
    assert says("ivana", f"06-23-1/26 PIN {slip.pin}") == REFUSED
    Guess.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert says("ivana", f"06-23-1/26 PIN {slip.pin}").startswith(CONNECTED)


def test_who_says_a_right_pin_for_ever_is_connected_when_the_pause_is_over(says):
    _, slip = case_of("06-23-1/26")
    for _ in range(4):
        says("ivana", "06-23-1/26 PIN 000000" if slip.pin != "000000" else "06-23-1/26 PIN 000001")
    for _ in range(8):
        says("ivana", f"06-23-1/26 PIN {slip.pin}")
    assert answers("ivana")[-1] == bot.enough("repeated", "bs").text
    Guess.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert says("ivana", f"06-23-1/26 PIN {slip.pin}").startswith(CONNECTED)


def test_many_chats_cannot_try_one_slip_for_long(says):
    _, slip = case_of("06-23-1/26")
    wrong = "999999" if slip.pin != "999999" else "888888"
    for n in range(11):
        says(f"chat{n}", f"06-23-1/26 PIN {wrong}")
    assert says("chat99", f"06-23-1/26 PIN {slip.pin}") == REFUSED
    _, its_slip = case_of("06-23-2/26")
    assert says("ivana", f"06-23-2/26 PIN {its_slip.pin}").startswith(CONNECTED)


def test_one_chat_cannot_go_from_case_to_case(says):
    slips = [case_of(f"06-23-{n}/26")[1] for n in range(1, 6)]
    for n in range(1, 5):
        says("petar", f"06-23-{n}/26 PIN {'999999' if slips[n - 1].pin != '999999' else '888888'}")
    assert says("petar", f"06-23-5/26 PIN {slips[4].pin}") == REFUSED


def test_a_pin_is_over_with_its_slip(says):
    case, old = case_of("06-23-1/26")
    new = invite(case.consents.get())
    if old.pin != new.pin:
        assert says("ivana", f"06-23-1/26 PIN {old.pin}") == REFUSED
    assert says("ivana", f"06-23-1/26 PIN {new.pin}").startswith(CONNECTED)


def test_what_was_typed_is_not_kept(says):
    _, slip = case_of("06-23-1/26")
    says("ivana", f"06-23-1/26 PIN {slip.pin}")
    assert not Inbound.objects.exclude(body="").exists()


# ── The link ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_used_by_one_is_good_for_nobody_else(platform, says):
    _, slip = case_of("06-23-1/26")
    now = timezone.now()
    for name in ("ivana", "petar"):
        platform.brings(Opened(Person(f"{name}==", name), now, slip.token))
    listener.listen(platform)
    assert bot.link_problem("used", "bs").text in (says("petar", "Počni"), *answers("petar"))
    says("ivana", "Počni")
    assert (follows("ivana"), follows("petar")) == ([("06-23-1/26", "link")], [])
    platform.brings(Opened(Person("petar==", "petar"), timezone.now(), slip.token))
    listener.listen(platform)
    says("petar", "Počni")
    assert follows("petar") == []


# ── Several people ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_stop_of_one_is_not_the_stop_of_the_other(says):
    case, slip = case_of("06-23-1/26")
    for name in ("ivana", "advokat"):
        says(name, f"06-23-1/26 PIN {slip.pin}")
    says("advokat", "STOP")
    assert (follows("ivana"), follows("advokat")) == ([("06-23-1/26", "pin")], [])
    assert not hasattr(Consent.objects.get(), "withdrawal")
    case.move_to(Change("in_progress"), source="counter")
    settle()
    assert "se radi" in answers("ivana")[-1]
    says("ivana", "STOP")
    assert Consent.objects.get().withdrawal.medium == "chat"


def test_ending_one_case_ends_it_for_the_one_who_says_so(says):
    _, slip = case_of("06-23-1/26")
    for name in ("ivana", "advokat"):
        says(name, f"06-23-1/26 PIN {slip.pin}")
    says("advokat", "Odjava 06-23-1/26")
    assert (len(follows("ivana")), follows("advokat")) == (1, [])
    says("ivana", "Odjava 06-23-1/26")
    assert Consent.objects.get().withdrawal


def test_stop_of_the_consents_own_number_ends_it_for_all(says, shares):
    _, slip = case_of("06-23-1/26")
    says("advokat", f"06-23-1/26 PIN {slip.pin}")
    says("ivana", "moji predmeti")
    shares("ivana")
    says("ivana", "STOP")
    assert (follows("ivana"), follows("advokat")) == ([], [])
    assert Consent.objects.get().withdrawal


def test_after_stop_a_number_connects_to_nothing_new(says, shares):
    case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    shares("ivana")
    says("ivana", "STOP")
    case_of("06-23-2/26")
    listener.greet()
    assert follows("ivana") == []


# ── Is it still you? ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def silent(says, shares, settings):
    """Ivana has proven her number, follows a case, and has not written for half a year."""
    settings.TELAL_RECONFIRM_DAYS = 180
    case, _ = case_of("06-23-1/26")
    says("ivana", "moji predmeti")
    shares("ivana")
    settle()
    Contact.objects.update(heard_at=timezone.now() - timedelta(days=181))
    return case


def test_who_was_silent_for_long_is_asked_once_before_anything_is_told(silent):
    before = len(answers("ivana"))
    for status in ("in_progress", "inspection_or_hearing"):
        silent.move_to(Change(status), source="counter")
        settle()
    assert answers("ivana")[before:] == [STILL_YOU]
    assert "06-23" not in STILL_YOU
    reasons = Notice.objects.order_by("-id").values_list("reason", flat=True)[:2]
    assert list(reasons) == ["unconfirmed", "unconfirmed"]


def test_a_yes_brings_the_present_state_and_the_news_go_on(silent, says):
    silent.move_to(Change("in_progress"), source="counter")
    settle()
    asked = says("ivana", "moji predmeti")
    assert asked == STILL_YOU  # writing alone says nothing of who writes
    answer = says("ivana", "Da, to sam i dalje ja")
    assert "se radi" in answer
    silent.move_to(Change("inspection_or_hearing"), source="counter")
    settle()
    assert len(answers("ivana")) - answers("ivana").index(answer) == 2


def test_a_pin_says_nothing_of_the_other_cases_while_the_question_is_open(silent, says):
    _, slip = case_of("06-23-2/26", OTHER)
    silent.move_to(Change("in_progress"), source="counter")
    settle()
    for _ in range(2):
        assert says("ivana", f"06-23-2/26 PIN {slip.pin}") == STILL_YOU
    assert not any("06-23-1/26" in text for text in answers("ivana")[2:])


def test_a_no_releases_the_number(silent, says):
    silent.move_to(Change("in_progress"), source="counter")
    settle()
    says("ivana", "Ne, nisam ja")
    assert follows("ivana") == []
    assert not ProvenPhone.objects.exists()
    assert not hasattr(Consent.objects.get(), "withdrawal")  # it was not theirs to withdraw
    assert "06-23-1/26" not in says("ivana", "moji predmeti")


def test_nobody_else_confirms_by_the_same_words(says):
    _, slip = case_of("06-23-1/26")
    says("ivana", f"06-23-1/26 PIN {slip.pin}")
    says("ivana", "Ne, nisam ja")
    assert follows("ivana") == [("06-23-1/26", "pin")]


def test_who_came_by_the_slip_is_not_asked(says, settings):
    case, slip = case_of("06-23-1/26")
    says("ivana", f"06-23-1/26 PIN {slip.pin}")
    Contact.objects.update(heard_at=timezone.now() - timedelta(days=1000))
    case.move_to(Change("in_progress"), source="counter")
    settle()
    assert "se radi" in answers("ivana")[-1]


def test_a_new_consent_of_a_silent_number_waits_for_the_yes(silent, says):
    case_of("06-23-2/26")
    settle()
    assert answers("ivana")[-1] == STILL_YOU
    answer = says("ivana", "Da, to sam i dalje ja")
    assert "06-23-2/26" in answer


def test_when_somebody_else_proves_the_number_the_first_is_asked_and_may_stay(says, shares):
    """A family with one number, or a number that changed hands: only they know."""
    case, _ = case_of("06-23-1/26")
    for name in ("ivana", "petar"):
        says(name, "moji predmeti")
        shares(name)
    assert answers("ivana")[-1] == STILL_YOU
    assert Doubt.objects.get().because == "shared"
    case.move_to(Change("in_progress"), source="counter")
    settle()
    assert "se radi" in answers("petar")[-1]
    assert answers("ivana")[-1] == STILL_YOU
    assert "se radi" in says("ivana", "Da, to sam i dalje ja")
    assert follows("ivana") == follows("petar") == [("06-23-1/26", "phone")]


def test_the_number_proven_anew_is_a_yes(silent, says, shares):
    silent.move_to(Change("in_progress"), source="counter")
    settle()
    PhoneRequest.objects.all().delete()
    contact = Contact.objects.get()
    token = proofs.ask({contact.pk: False}, timezone.now())[contact.pk]
    assert "se radi" in shares("ivana", token=token)
    assert not Doubt.objects.exists()


def test_stop_is_heard_also_from_who_was_asked(silent, says):
    silent.move_to(Change("in_progress"), source="counter")
    settle()
    says("ivana", "STOP")
    assert follows("ivana") == []
    assert not Doubt.objects.exists()
