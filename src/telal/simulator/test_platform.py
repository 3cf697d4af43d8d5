"""The platform as a bot knows it: the account, sending, receipts, people."""

from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from telal.simulator.callbacks import signature
from telal.simulator.conftest import TOKEN, message

BUTTONS = [
    {"ActionBody": "moji", "Text": "<b>Moji</b> predmeti"},
    {"ActionType": "share-phone", "ActionBody": "sp:1", "Text": "Podijeli broj"},
    {"ActionType": "open-url", "ActionBody": "https://opcina.ba/", "Text": "Stranica", "Silent": True},
]
WITH_KEYBOARD = {"min_api_version": 3, "keyboard": {"Type": "keyboard", "Buttons": BUTTONS}}


@pytest.mark.parametrize(
    ("key", "body", "expected"),
    [
        (
            TOKEN,
            b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}',
            "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef",
        ),
        (
            "44b935abea139fd6-53fa53b32559c4a6-12dbd3d883b06835",
            b'{"event":"unsubscribed","timestamp":1516678387902,"user_id":"KMMqtlNTDxIm/5bZhdQ5uA==",'
            b'"message_token":5136431130449316903}',
            "d84d8648b402a2737838fea4da41d903d1af1aed92466b1758828ad27e31a9f9",
        ),
        ("2", b"1", "4703d481ddedca88184497744b52937586bef3b273645082c04529f73b85456e"),
    ],
)
def test_signs_as_viber_was_seen_to_sign(key, body, expected):
    assert signature(key, body) == expected


# ── The account ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_and_a_wrong_token_are_told_apart(silent_bot):
    assert silent_bot.call("get_account_info", token=None)["status_message"] == "missing_auth_token"
    assert silent_bot.call("get_account_info", token="x")["status"] == 2
    assert silent_bot.call("get_account_info", token=None, auth_token=TOKEN)["status"] == 0


def test_the_webhook_is_checked_with_its_numbers_swapped(silent_bot):
    answer = silent_bot.register(event_types=["delivered", "failed"])
    (check,) = silent_bot.events
    assert answer["event_types"] == ["delivered", "failed"]
    assert check["timestamp"] > 2**53 > check["message_token"]
    assert silent_bot.call("get_account_info")["webhook"] == silent_bot.url


def test_the_query_of_a_webhook_is_dropped(silent_bot):
    silent_bot.call("set_webhook", url=silent_bot.url + "?route=viber")
    assert "route" not in silent_bot.paths[0]


def test_a_webhook_that_does_not_answer_is_not_set(silent_bot):
    silent_bot.answer = lambda event: (419, b"")
    assert silent_bot.register()["status"] == 1
    assert silent_bot.call("set_webhook", url="http://opcina.ba/hook")["status"] == 1
    assert silent_bot.call("get_account_info")["webhook"] == ""


def test_without_a_webhook_nothing_is_sent(silent_bot, amra):
    assert silent_bot.send(amra)["status"] == 10


def test_a_removed_webhook_closes_the_chat(bot, amra):
    bot.call("set_webhook", url="")
    assert bot.send(amra)["status"] == 10


# ── Sending ───────────────────────────────────────────────────────────────────────────────────────────────


def test_tokens_increase_and_pass_2_to_the_53(bot, amra):
    tokens = [bot.send(amra)["message_token"] for _ in range(5)]
    assert tokens == sorted(set(tokens))
    assert 2**53 < tokens[0] < tokens[-1] < 2**63


@pytest.mark.parametrize(
    ("person", "fields", "status"),
    [
        ({"subscribed": False}, {}, 6),
        ({"devices": []}, {}, 11),
        ({"api_version": 2}, {"min_api_version": 3}, 13),
    ],
)
def test_some_people_cannot_be_written_to(bot, viber, amra, person, fields, status):
    viber.control("phones/1", "PATCH", **person)
    assert bot.send(amra, **fields)["status"] == status


@pytest.mark.parametrize(
    ("receiver", "status"), [("bm9ib2R5IGtub3duIGhlcmU=", 5), ("pa:5741311803571721087", 3), ("", 4), (7, 3)]
)
def test_some_receivers_are_nobody(bot, receiver, status):
    assert bot.send(receiver)["status"] == status


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"text":"' + b"x" * 30_000 + b'"}'])
def test_unreadable_and_oversized_requests_are_bad_data(bot, body):
    assert b'"status":3' in bot.post("send_message", body)[2]


def test_a_hundred_messages_without_an_answer_are_enough_for_an_hour(bot, viber, amra):
    viber.control("settings", hourly_limit=3)
    assert [bot.send(amra)["status"] for _ in range(4)] == [0, 0, 0, 12]
    viber.act(amra, "say", text="Hvala")
    assert [bot.send(amra)["status"] for _ in range(4)] == [0, 0, 0, 12]
    viber.control("clock", advance=3600)
    assert bot.send(amra)["status"] == 0


def test_a_message_of_the_person_makes_the_next_day_free(bot, viber, amra):
    assert bot.send(amra)["billing_status"] == 5
    viber.act(amra, "say", text="Dobar dan")
    assert bot.send(amra)["billing_status"] == 2
    viber.control("clock", advance=24 * 3600)
    assert bot.send(amra)["billing_status"] == 5


def test_broadcast_needs_a_permission_and_lists_failures(bot, viber, amra):
    body = message(broadcast_list=[amra, "nobody"])
    assert bot.call("broadcast_message", **body)["status"] == 20
    viber.control("settings", broadcast_allowed=True)
    answer = bot.call("broadcast_message", **body)
    assert answer["status"] == 0
    assert [(f["receiver"], f["status"]) for f in answer["failed_list"]] == [("nobody", 5)]


def test_user_details_twice_in_twelve_hours(bot, viber, amra):
    assert [bot.call("get_user_details", id=amra)["status"] for _ in range(3)] == [0, 0, 12]
    viber.control("clock", advance=12 * 3600)
    assert "phone_number" not in bot.call("get_user_details", id=amra)["user"]


def test_who_is_online(bot, viber, amra):
    viber.act(amra, "online", online=False)
    users = bot.call("get_online", ids=[amra, "nobody"])["users"]
    assert [user["online_status"] for user in users] == [1, 4]


# ── Receipts ──────────────────────────────────────────────────────────────────────────────────────────────


def test_every_device_reports_and_seen_comes_once_for_all(bot, viber, amra):
    viber.control("phones/1", "PATCH", devices=["phone", "desktop"])
    first, last = bot.send(amra)["message_token"], bot.send(amra)["message_token"]
    delivered = bot.told("delivered", 4)
    assert sorted(d["message_token"] for d in delivered) == [first, first, last, last]
    viber.act(amra, "read")
    assert [s["message_token"] for s in bot.told("seen")] == [last]


def test_a_phone_that_is_off_reports_when_it_is_back(bot, viber, amra):
    viber.act(amra, "online", online=False)
    token = bot.send(amra)["message_token"]
    assert viber.phone(amra)["chat"] == []
    viber.act(amra, "online", online=True)
    assert bot.told("delivered")[0]["message_token"] == token
    assert viber.phone(amra)["chat"][0]["shown"] == "Čeka se mišljenje"


def test_what_the_phone_cannot_draw_fails_after_it_was_accepted(bot, viber, amra):
    tall = {"Type": "keyboard", "Buttons": [{"ActionBody": "a", "Text": "b"}] * 13}
    token = bot.send(amra, keyboard=tall)["message_token"]
    (failed,) = bot.told("failed")
    assert (failed["message_token"], failed["desc"]) == (token, "keyboard is not valid")
    viber.act(amra, "read")
    assert {e["event"] for e in bot.events} == {"failed"}


def test_receipts_can_be_held_back(bot, viber, amra):
    viber.control("receipts", held=True)
    bot.send(amra)
    viber.act(amra, "read")
    assert bot.events == []
    assert viber.control("receipts", held=False)["released"] == 2
    bot.told("seen")


def test_only_the_events_asked_for_are_told(bot, viber, amra):
    bot.register(event_types=[])
    bot.send(amra)
    viber.act(amra, "say", text="Hvala")
    assert [e["event"] for e in bot.events] == ["webhook", "message"]


def test_an_incoming_message_is_reported_as_delivered_too(bot, viber, amra):
    viber.control("settings", incoming_receipts=True)
    viber.act(amra, "say", text="Dobar dan")
    assert bot.told("delivered")[0]["message_token"] == bot.told("message")[0]["message_token"]


# ── People ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_carries_its_context_and_the_answer_is_the_welcome(bot, viber):
    bot.answer = lambda event: (200, b'{"type":"text","text":"Dobro do\xc5\xa1li","tracking_data":"v1"}')
    nova = viber.control("phones", name="Nova")["id"]
    viber.act(nova, "open", link="viber://pa?chatURI=opcina&context=c1-7Yp2Qm&text=05-1187")
    (opened,) = bot.told("conversation_started")
    assert (opened["context"], opened["subscribed"], opened["user"]["name"]) == ("c1-7Yp2Qm", False, "Nova")
    phone = viber.phone(nova)
    assert [b["shown"] for b in phone["chat"]] == ["Dobro došli"]
    assert phone["draft"] == "05-1187"
    assert bot.send(nova)["status"] == 6


def test_an_address_opens_the_chat_and_shows_the_phone(bot, viber, amra):
    link = quote("viber://pa?chatURI=opcina&context=c1", safe="")
    with urlopen(f"{viber.url}/open?phone=1&link={link}") as page:
        assert page.url == f"{viber.url}/?phone={quote(amra, safe='')}"
    assert bot.told("conversation_started")[0]["context"] == "c1"


def test_a_link_to_another_bot_is_refused(bot, viber, amra):
    with pytest.raises(HTTPError, match="409") as refusal:
        viber.act(amra, "open", link="viber://pa?chatURI=druga")
    refusal.value.close()
    assert bot.events == []


def test_a_welcome_that_viber_would_refuse_is_not_shown(bot, viber, amra):
    bot.answer = lambda event: (200, b'{"type":"text"}')
    viber.act(amra, "open")
    assert "context" not in bot.told("conversation_started")[0]
    assert viber.phone(amra)["chat"] == []
    assert viber.log("welcome")[0]["problem"] == "text is missing"


def test_the_first_message_subscribes_and_brings_tracking_data_back(bot, viber):
    bot.answer = lambda event: (200, b'{"type":"text","text":"Dobro","tracking_data":"v1:welcome"}')
    nova = viber.control("phones")["id"]
    viber.act(nova, "open")
    viber.act(nova, "say", text="šta ima")
    (said,) = bot.told("message")
    assert said["message"] == {"type": "text", "text": "šta ima", "tracking_data": "v1:welcome"}
    assert [e["event"] for e in bot.events] == ["conversation_started", "message"]
    assert bot.send(nova)["status"] == 0


def test_leaving_and_returning(bot, viber, amra):
    viber.act(amra, "leave")
    assert bot.told("unsubscribed")[0]["user_id"] == amra
    assert bot.send(amra)["status"] == 6
    viber.act(amra, "return")
    assert bot.told("subscribed")[0]["user"]["id"] == amra
    assert bot.send(amra)["status"] == 0


def test_a_button_says_its_body_and_shows_its_text(bot, viber, amra):
    bot.send(amra, **WITH_KEYBOARD)
    bot.told("delivered")
    viber.act(amra, "press", button="Moji predmeti")
    assert bot.told("message")[0]["message"] == {"type": "text", "text": "moji"}
    assert viber.phone(amra)["chat"][-1]["shown"] == "Moji predmeti"


def test_a_silent_button_is_not_seen_in_the_chat(bot, viber, amra):
    bot.send(amra, **WITH_KEYBOARD)
    bot.told("delivered")
    viber.act(amra, "press", button=2)
    said = bot.told("message")[0]
    assert (said["message"]["text"], said["silent"]) == ("https://opcina.ba/", True)
    assert len(viber.phone(amra)["chat"]) == 1


def test_a_shared_number_has_no_name_and_a_desktop_shares_none(bot, viber, amra):
    viber.control("phones/1", "PATCH", devices=["phone", "desktop"], phone_number="+38761123456")
    bot.send(amra, **WITH_KEYBOARD)
    bot.told("delivered")
    viber.act(amra, "share")
    viber.act(amra, "share", device="desktop")
    viber.act(amra, "send", message={"type": "contact"})
    own, desktop, forwarded = (e["message"] for e in bot.told("message", 3))
    assert own == {"type": "contact", "text": "sp:1", "contact": {"phone_number": "+38761123456"}}
    assert desktop == {"type": "text", "text": "sp:1"}
    assert forwarded["contact"]["name"] == "Petar"


def test_the_last_keyboard_stays(bot, viber, amra):
    bot.send(amra, **WITH_KEYBOARD)
    bot.send(amra)
    bot.told("delivered", 2)
    assert viber.phone(amra)["keyboard"]["Buttons"] == BUTTONS


def test_names_are_told_only_when_asked_for(bot, viber, amra):
    bot.register()
    viber.act(amra, "say", text="Dobar dan")
    assert "name" not in bot.told("message")[0]["sender"]


def test_any_event_can_be_told(bot, viber, amra):
    viber.act(amra, "event", event="client_status", status={"type": "payment", "code": 0})
    assert bot.told("client_status")[0]["user"]["id"] == amra


def test_a_lost_account_is_not_registered(bot, viber, amra):
    viber.control("phones/1", "DELETE")
    assert bot.send(amra)["status"] == 5
