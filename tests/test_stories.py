"""What citizens live through, on real processes, real databases and HTTP."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from itertools import count

import pytest

from tests.house import House, eventually
from tests.test_webhook import said, signature

_serial = count(1)


@pytest.fixture
def number() -> str:
    return f"06-23-{next(_serial)}/26"


def ref_of(letter: str, number: str) -> str:
    return letter + number.replace("/", "-")


def timeline(house: House, ref: str) -> list[dict]:
    return house.api("GET", f"/cases/{ref}").body["timeline"]


def states(house: House, ref: str) -> list[str]:
    return [message["state"] for event in timeline(house, ref) for message in event["messages"]]


def reasons(house: House, ref: str) -> list[str]:
    return [untold["reason"] for event in timeline(house, ref) for untold in event["not_told"]]


def test_from_the_counter_to_the_phone_and_back(house, number):
    ref = ref_of("a", number)
    ivana = house.bound(ref, number)
    assert house.change(ref, "1", "in_progress").status == 201
    eventually(lambda: len(ivana.heard()) == 3, "welcome, the first status, and the change")
    house.change(ref, "2", "awaiting_other_body", waiting_for="KJKP Vodovod i kanalizacija")
    text = ivana.hears("KJKP Vodovod i kanalizacija")
    assert "Služba za urbanizam" in text
    assert "Alma Destanović" in text
    ivana.say("sta ima s mojim predmetom")
    eventually(lambda: ivana.heard()[-1].count("Vodovod") and len(ivana.heard()) >= 4, "the answer")
    ivana.say("STOP")
    ivana.hears("dja")
    heard = ivana.heard()
    house.change(ref, "3", "decided", outcome="granted")
    eventually(lambda: "withdrawn" in reasons(house, ref), "the reason is written down")
    assert ivana.heard() == heard


def test_without_consent_nobody_is_told_and_the_reason_is_kept(house, number):
    house.api("PUT", "/cases/" + ref_of("n", number), {
        "number": number, "kind": "administrative", "subject": "x", "received_on": "2026-11-02",
        "applicant": {"name": "Petar"},
    })  # fmt: skip
    house.change(ref_of("n", number), "1", "assigned")
    eventually(
        lambda: reasons(house, ref_of("n", number)) == ["no_consent"] * 2, "both events are dealt with"
    )


def test_what_happened_before_the_phone_was_connected_is_told_at_once(house, number):
    invitation = house.register(ref_of("b", number), number)
    house.change(ref_of("b", number), "1", "awaiting_applicant")
    ivana = house.phone()
    ivana.open(invitation["url"])
    time.sleep(0.3)
    assert len(ivana.heard()) == 1, "only the welcome: who opens a chat has not agreed to be written to"
    ivana.press("Počni")
    assert "dopun" in ivana.hears(number)


def test_a_link_works_once_and_explains_itself_afterwards(house, number):
    invitation = house.register(ref_of("l", number), number)
    ivana, stranger = house.phone("Ivana"), house.phone("Stranac")
    ivana.open(invitation["viber_link"])
    stranger.open(invitation["viber_link"])
    ivana.say("Počni")
    ivana.hears(number)
    stranger.say("Počni")
    eventually(lambda: len(stranger.heard()) == 2, "an explanation")
    assert number not in " ".join(stranger.heard())


def test_a_number_left_at_the_counter_opens_its_cases_and_those_to_come(house, number):
    ref = ref_of("p", number)
    house.register(ref, number, applicant={"name": "Ivana Perić", "phone": "065 100 200"})
    ivana = house.phone(phone_number="+38765100200")
    ivana.say("moji predmeti")
    eventually(lambda: ivana.button("share-phone"), "the button that asks for the number")
    ivana.share()
    ivana.hears(number)
    assert house.change(ref, "1", "awaiting_other_body", waiting_for="Zavod za zaštitu").status == 201
    ivana.hears("Zavod za zaštitu")
    later = number.replace("06-23", "06-24")
    house.register(ref_of("p", later), later, applicant={"name": "Ivana Perić", "phone": "065 100 200"})
    ivana.hears(later)


def test_a_number_that_is_only_claimed_opens_nothing(house, number):
    """Somebody else's contact, with what the button says made up, taken from another chat, or left out."""
    house.register(ref_of("q", number), number, applicant={"name": "Mara", "phone": "065 100 201"})
    ivana, stranger = house.phone("Ivana"), house.phone("Stranac")
    for phone in (ivana, stranger):
        phone.say("moji predmeti")
        eventually(lambda phone=phone: phone.button("share-phone"), "the button")
    tokens = ("", "broj:AAAAAAAAAAAAAAAAAAAAAAAA", ivana.button("share-phone")["ActionBody"])
    for heard, token in enumerate(tokens, len(stranger.heard()) + 1):
        stranger.send(type="contact", text=token, contact={"phone_number": "+38765100201"})
        stranger.hears_all(heard)
    own = stranger.button("share-phone")["ActionBody"]
    forwarded = {"name": "Mara", "phone_number": "+38765100201"}
    stranger.send(type="contact", text=own, contact=forwarded)
    stranger.hears_all(len(tokens) + 2)
    assert number not in " ".join(stranger.heard())


def test_a_computer_is_led_to_number_and_pin(house, number):
    invitation = house.register(ref_of("d", number), number)
    ivana = house.phone(devices=["phone", "desktop"])
    ivana.say("dodaj predmet")
    eventually(lambda: ivana.button("share-phone"), "the button")
    ivana.share("desktop")
    ivana.hears("na računaru")
    ivana.say(f"{number} PIN {invitation['pin']}")
    assert invitation["pin"] not in ivana.hears(f"Predmet {number}")


def test_a_phone_too_old_for_the_button_gets_the_words(house, number):
    invitation = house.register(ref_of("o", number), number)
    ivana = house.phone(api_version=2)
    ivana.say("dodaj predmet")
    ivana.hears("broj predmeta i PIN")
    assert ivana.button("share-phone") is None
    assert ivana.button("reply")
    ivana.say(f"{number} PIN {invitation['pin']}")
    ivana.hears(f"Predmet {number}")


def test_a_first_word_that_overtakes_the_opening_of_the_chat_connects_all_the_same(house, number):
    ref = ref_of("v", number)
    ivana = house.phone()
    house.fault(kind="late", event="conversation_started", seconds=0.7, receiver=ivana.id)
    ivana.open(house.register(ref, number)["viber_link"])
    ivana.say("Počni")
    ivana.hears(number)


def test_not_mine_and_not_there_get_the_same_answer(house, number):
    house.bound(ref_of("m", number), number)
    stranger = house.phone("Stranac")
    for text in (number, "06-23-999999/25"):
        before = len(stranger.heard())
        stranger.say(text)
        eventually(lambda before=before: len(stranger.heard()) > before, "an answer")
    assert stranger.heard()[-1] == stranger.heard()[-2]


def test_receipts_are_seen_at_the_counter(house, number):
    ref = ref_of("r", number)
    ivana = house.bound(ref, number)
    house.change(ref, "1", "in_progress")
    eventually(lambda: "delivered" in states(house, ref), "delivered")
    ivana.read()
    eventually(lambda: "seen" in states(house, ref), "seen")


def test_who_turns_messages_off_is_left_alone_until_they_return(house, number):
    ref = ref_of("u", number)
    ivana = house.bound(ref, number)
    ivana.leave()
    eventually(lambda: house.waiting() == 0, "it is known that she has left")
    heard = ivana.heard()
    house.change(ref, "1", "in_progress")
    eventually(lambda: "unreachable" in reasons(house, ref), "the reason")
    assert ivana.heard() == heard
    ivana.say("Moji predmeti")
    eventually(lambda: len(ivana.heard()) > len(heard), "an answer")
    house.change(ref, "2", "decided", outcome="refused")
    ivana.hears("odbijen")


def test_an_old_goodbye_arriving_late_does_not_undo_a_newer_word(house, number):
    ref = ref_of("o", number)
    ivana = house.bound(ref, number)
    ivana.event(event="unsubscribed", timestamp=int((time.time() - 600) * 1000))
    house.change(ref, "1", "in_progress")
    eventually(lambda: len(ivana.heard()) >= 3, "the message all the same")


def test_order_holds_under_trouble(house, number):
    ref = ref_of("t", number)
    ivana = house.bound(ref, number)
    before = len(ivana.heard())
    house.fault(kind="http", status=500, receiver=ivana.id, times=1)
    bodies = ["KJKP Vodovod", "Sarajevogas", "Toplane", "BH Telecom"]
    for key, body in enumerate(bodies):
        house.change(ref, str(key), "awaiting_other_body", waiting_for=body)
    eventually(lambda: len(ivana.heard()) >= before + 4, "all four", seconds=40)
    told = [next(body for body in bodies if body in text) for text in ivana.heard()[before:]]
    assert told == bodies


def test_an_unanswered_send_that_arrived_is_not_repeated(house, number):
    ref = ref_of("q", number)
    ivana = house.bound(ref, number)
    before = len(ivana.heard())
    house.fault(kind="reset", when="after", receiver=ivana.id, times=1)
    house.change(ref, "1", "in_progress")
    eventually(lambda: "delivered" in states(house, ref), "a receipt settles it")
    time.sleep(1)
    assert len(ivana.heard()) == before + 1


def test_an_unanswered_send_that_was_lost_is_repeated_once(house, number):
    ref = ref_of("w", number)
    ivana = house.bound(ref, number)
    before = len(ivana.heard())
    house.fault(kind="reset", when="before", receiver=ivana.id, times=1)
    house.change(ref, "1", "in_progress")
    eventually(lambda: len(ivana.heard()) == before + 1, "the second try")
    eventually(lambda: states(house, ref)[-1] == "delivered", "delivered")


def test_a_callback_that_comes_again_is_answered_once(house, number):
    ivana = house.bound(ref_of("d", number), number)
    before = len(ivana.heard())
    fields = {
        "event": "message",
        "message_token": 5741311803571799999 + next(_serial),
        "timestamp": int(time.time() * 1000),
    }
    for _ in range(3):
        ivana.event(**fields, sender={"id": ivana.id}, message={"type": "text", "text": "Moji predmeti"})
    eventually(lambda: len(ivana.heard()) > before, "an answer")
    time.sleep(0.5)
    assert len(ivana.heard()) == before + 1


@pytest.mark.parametrize(
    "kind", ["sticker", "picture", "location", "url", "file", "video", "contact", "hologram"]
)
def test_whatever_is_sent_gets_a_kind_answer(house, kind):
    petar = house.phone("Petar")
    petar.send(type=kind)
    eventually(lambda: petar.heard(), "an answer")


def test_a_sensitive_case_says_nothing_that_a_stranger_could_read(house, number):
    ref = ref_of("s", number)
    ivana = house.phone()
    invitation = house.register(ref, number, subject="Lična invalidnina", sensitive=True)
    ivana.open(invitation["viber_link"])
    ivana.say("Počni")
    eventually(lambda: len(ivana.heard()) == 2, "welcome, and that there is something")
    house.change(ref, "1", "decided", outcome="refused")
    eventually(lambda: len(ivana.heard()) == 3, "that something has changed")
    told = " ".join(ivana.heard())
    for secret in (number, "invalidnina", "urbanizam", "Alma", "odbijen"):
        assert secret not in told


def test_one_case_of_two_is_ended_and_the_other_goes_on(house, number):
    first, second = f"{number[:-3]}1/26", f"{number[:-3]}2/26"
    ivana = house.bound(ref_of("1", first), first)
    ivana.open(house.register(ref_of("2", second), second)["viber_link"])
    ivana.say("Počni")
    ivana.hears(second)
    ivana.say("Odjava za jedan predmet")
    ivana.hears("Za koji predmet")
    ivana.press(f"Odjava {first}")
    ivana.hears("Za taj predmet")
    house.change(ref_of("1", first), "1", "assigned")
    house.change(ref_of("2", second), "1", "decided", outcome="dismissed")
    ivana.hears("Zahtjev odbačen")
    assert "withdrawn" in eventually(
        lambda: reasons(house, ref_of("1", first)), "the reason why she is not told"
    )
    ivana.press(f"Šta to znači? {second}")
    assert second in ivana.hears("Odbačen znači")


def test_a_choice_made_in_the_chat_holds_for_what_comes_unasked(house, number):
    ref = ref_of("j", number)
    ivana = house.bound(ref, number)
    ivana.say("promijeni jezik")
    ivana.hears("Na kojem jeziku")
    ivana.press("Srpski latinicom")
    ivana.hears("na srpskom jeziku")
    house.change(ref, "1", "awaiting_other_body", waiting_for="KJKP Vodovod i kanalizacija")
    assert "drugog organa" in ivana.hears("KJKP Vodovod i kanalizacija")
    ivana.say("diskretno")
    ivana.hears("samo da ima novosti")
    heard = ivana.heard()
    house.change(ref, "2", "decided", outcome="granted")
    told = ivana.hears_all(len(heard) + 1)[-1]
    assert "Ima novosti" in told
    assert number not in told
    ivana.say("Moji predmeti")
    assert number in ivana.hears("usvojen")


def test_a_personal_number_is_warned_about_and_is_nowhere_afterwards(house, number):
    ivana = house.bound(ref_of("x", number), number)
    ivana.say("moj JMBG je 0101990175004, hoću da pričam s čovjekom")
    ivana.hears("Nismo ga sačuvali")
    assert "0101990175004" not in " ".join(ivana.heard())


def test_who_asks_to_be_erased_is_gone_while_the_house_goes_on(house, number):
    ref = ref_of("z", number)
    ivana = house.bound(
        ref, number, applicant={"name": "Ivana", "phone": f"+43 664 {2_000_000 + next(_serial)}"}
    )
    assert "Nothing has been erased" in house.telal("erase", "--case", ref)
    assert "POTVRDA O BRISANJU" in house.telal("erase", "--case", ref, "--yes", "--request", "06-11-7/26")
    heard = ivana.heard()
    house.change(ref, "1", "decided", outcome="granted")
    eventually(lambda: "withdrawn" in reasons(house, ref), "the reason why nobody is told")
    assert house.api("GET", f"/cases/{ref}").body["applicant"]["phone"] == ""
    ivana.say("Moji predmeti")
    eventually(lambda: len(ivana.heard()) == len(heard) + 1, "an answer to somebody new")
    assert number not in ivana.heard()[-1]


def test_a_flood_is_answered_a_little_holds_nobody_up_and_hides_no_stop(house, number):
    ref = ref_of("f", number)
    bot = house.bound(ref, number, "Robot")
    ivana = house.phone()

    def write(*texts: str) -> None:
        with closing(HTTPConnection("127.0.0.1", house.ports[0])) as web:
            for body in (said(text, bot.id) for text in texts):
                web.request("POST", "/hooks/viber/", body, {"X-Viber-Content-Signature": signature(body)})
                assert web.getresponse().read() == b""

    def flood(first: int) -> list[Future[None]]:
        """250 messages by 5 connections at once."""
        return [
            crowd.submit(write, *(f"06-23-{n}/24" for n in range(first + some, first + some + 50)))
            for some in range(0, 250, 50)
        ]

    with ThreadPoolExecutor(5) as crowd:
        beginning = flood(0) + flood(250)
        ivana.say("radno vrijeme")
        middle = flood(500)
        ivana.hears("Radno vrijeme")
        # What has not left when they say STOP does not leave.
        bot.hears("mnogo poruka odjednom")
        write("STOP")
        for under_way in beginning + middle + flood(750):
            under_way.result()
    bot.hears("Odjavljeni ste")
    eventually(lambda: house.is_settled(), "all of it is dealt with")
    whom = [send["receiver"] for send in house.accepted()]
    assert whom.index(ivana.id) < len(whom) - 1 - whom[::-1].index(bot.id)
    told = bot.heard()[2:]
    assert len(told) <= 22
    assert sum("mnogo poruka odjednom" in text for text in told) == 1
    house.change(ref, "1", "assigned")
    eventually(lambda: "withdrawn" in reasons(house, ref), "she has said STOP, and it held")


def test_two_bots_that_answer_each_other_come_to_an_end(house, number):
    bot = house.bound(ref_of("p", number), number, "Robot")
    bot.say("Moji predmeti")
    heard, heard_before = bot.hears_all(3), []
    while heard != heard_before:
        assert len(heard) < 12, "they never stop"
        bot.say(heard[-1])
        eventually(lambda: house.is_settled(), "it is dealt with")
        # The greeting rode in an answer of ours; what was sent a moment ago may still be on its way to the phone.
        sent = sum(send["receiver"] == bot.id for send in house.accepted())
        heard_before, heard = heard, bot.hears_all(1 + sent)
    bot.say("radno vrijeme")
    bot.hears("Radno vrijeme")
