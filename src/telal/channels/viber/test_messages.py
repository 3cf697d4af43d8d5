"""What citizens get to see: words as they are, keys that say what they say, nothing cut off."""

import html
import json
import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.channels.viber import Viber
from telal.channels.viber.messages import compose, plain, simpler, split
from telal.messaging.channel import Button, Outgoing

TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
JOINER = "\u2060"

viber = Viber(TOKEN, name="Grad Primjer")


def only(outgoing, sender="Grad Primjer"):
    [message] = compose(outgoing, sender)
    return message


def test_a_plain_notice():
    assert only(Outgoing("id==", "Predmet je zaprimljen.", reference="m:17")) == {
        "receiver": "id==",
        "type": "text",
        "text": "Predmet je zaprimljen.",
        "sender": {"name": "Grad Primjer"},
        "min_api_version": 1,
        "tracking_data": "m:17",
    }


def test_a_keyboard_says_what_its_keys_say():
    keyboard = only(Outgoing("id==", "Izaberite.", [Button("Moji <predmeti>", "cmd:cases", columns=3)]))[
        "keyboard"
    ]
    [key] = keyboard["Buttons"]
    assert (keyboard["Type"], "InputFieldState" in keyboard) == ("keyboard", False)
    assert (key["ActionType"], key["ActionBody"], key["Columns"], key["Rows"]) == ("reply", "cmd:cases", 3, 1)
    assert key["Text"] == "Moji &lt;predmeti&gt;"
    assert "Silent" not in key


def test_keys_stay_within_vibers_limits():
    keyboard = only(Outgoing("id==", "?", [Button("&" * 300, "x" * 300, columns=9)]))["keyboard"]
    [key] = keyboard["Buttons"]
    assert key["Text"] == "&amp;" * 50
    assert (len(key["ActionBody"]), key["Columns"]) == (100, 6)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=400))
def test_a_label_is_never_cut_inside_an_entity(text):
    [key] = only(Outgoing("id==", "?", [Button(text, "x")]))["keyboard"]["Buttons"]
    assert len(key["Text"]) <= 250
    assert text.startswith(html.unescape(key["Text"]))


def test_a_long_name_is_cut_to_what_viber_shows():
    name = "Gradska uprava Bosansko Primjerovo"
    assert only(Outgoing("id==", "?"), sender=name)["sender"]["name"] == "Gradska uprava Bosansko Prim"


def test_the_welcome_is_a_message_without_receiver_and_without_token():
    answer = viber.welcome("Dobro došli.", [Button("Počni", "cmd:start")])
    message = json.loads(answer)
    assert (message["type"], message["text"], message["min_api_version"]) == ("text", "Dobro došli.", 1)
    assert message["sender"] == {"name": "Grad Primjer"}
    assert message["keyboard"]["Type"] == "keyboard"
    assert "receiver" not in message
    assert TOKEN.encode() not in answer
    assert "Dobro došli".encode() in answer


def test_a_chat_link_carries_its_context_encoded():
    assert viber.chat_link("grad-primjer") == "viber://pa?chatURI=grad-primjer"
    assert (
        viber.chat_link("grad&primjer", "a b/č") == "viber://pa?chatURI=grad%26primjer&context=a%20b%2F%C4%8D"
    )


def test_nothing_that_json_or_viber_cannot_carry_gets_out():
    message = only(
        Outgoing("id\ud800", "a\x00b\ud800", [Button("\ud800", "\x00x")], reference="\ud800r"), "\ud800G"
    )
    assert orjson.dumps(message)
    assert (message["text"], message["tracking_data"], message["sender"]["name"]) == ("ab", "r", "G")


# ── Text without formatting ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*07-19-1/2025* je riješen", f"*07-19-1/2025*{JOINER} je riješen"),
        ("ul. _Titova_", f"ul. _Titova_{JOINER}"),
        ("~staro~ novo", f"~staro~{JOINER} novo"),
        ("```kod```", f"```kod```{JOINER}"),
        ("*a* i *b*", f"*a*{JOINER} i *b*{JOINER}"),
    ],
)
def test_a_pair_that_would_format_is_taken_apart_behind_its_end(text, shown):
    assert plain(text) == shown
    assert plain(text).replace(JOINER, "") == text


@pytest.mark.parametrize(
    "text",
    [
        "UP1_07_19_2025",
        "* prva stavka\n* druga stavka",
        "5 * 3",
        "samo * jedna",
        "kraj*",
        "https://grad.example/f/a_b_c_ i dalje",
        "https://grad.example/f/_abc_",
        "viber://pa?chatURI=a_b_",
        "",
    ],
)
def test_a_number_a_list_or_a_link_stays_untouched(text):
    assert plain(text) == text


@given(st.text(alphabet="*_~` ab\n:/"))
def test_nothing_but_joiners_is_ever_added(text):
    assert plain(text).replace(JOINER, "") == text


def test_a_hostile_text_costs_no_time():
    started = time.process_time()
    plain("*a" + "w" * 200_000 + "_" * 50_000 + "*" * 50_000)
    assert time.process_time() - started < 1


# ── Text in parts ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_text_at_the_limit_is_one_message():
    assert list(split("x" * 7000)) == ["x" * 7000]
    assert viber.limit == 7000


def test_seven_thousand_and_five_characters_are_two_messages():
    assert [len(part) for part in split("x" * 7005)] == [7000, 5]


def test_a_long_text_is_cut_between_lines_else_between_words():
    line = "Predmet je u obradi. " * 100
    parts = list(split(f"{line}\n" * 9))
    assert all(part.endswith("obradi.") for part in parts)
    assert next(split("riječ " * 1500)).endswith("riječ")


def test_emoji_count_twice():
    assert [len(part) for part in split("🙂" * 4000)] == [3500, 500]


@given(st.text(min_size=1), st.integers(1, 20_000))
def test_no_word_is_lost(text, times):
    text = (text * times)[:30_000]
    parts = list(split(text))
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(part.encode("utf-16-le")) <= 14_000 for part in parts)


def test_keyboard_and_reference_ride_on_the_last_part():
    first, last = compose(Outgoing("id==", "x" * 8000, [Button("Da", "da")], reference="m:1"), "Grad")
    assert "keyboard" not in first
    assert "tracking_data" not in first
    assert (last["tracking_data"], len(last["keyboard"]["Buttons"])) == ("m:1", 1)
    assert first["receiver"] == last["receiver"] == "id=="


def test_the_longest_cyrillic_message_fits_into_a_request():
    buttons = [Button("Мој предмет број " + "1" * 20, "cmd:case:1234567890", 3)] * 12
    [message] = compose(Outgoing("id==", "Ж" * 7000, buttons, reference="m:1"), "Град")
    assert len(orjson.dumps(message)) < 30_000


ASKING = Outgoing(
    "id==", "Poruka", [Button("Pošalji moj broj", "broj:1", asks="phone"), Button("Pomoć", "Pomoć")]
)


def test_a_button_that_asks_for_the_number_declares_what_it_takes():
    [message] = compose(ASKING, "Grad")
    assert message["min_api_version"] == 3
    actions = [(key["ActionType"], key["ActionBody"]) for key in message["keyboard"]["Buttons"]]
    assert actions == [("share-phone", "broj:1"), ("reply", "Pomoć")]


def test_a_phone_too_old_for_it_gets_the_other_keys():
    [message] = compose(ASKING, "Grad")
    plainer = simpler(message)
    assert plainer["min_api_version"] == 1
    assert [key["ActionBody"] for key in plainer["keyboard"]["Buttons"]] == ["Pomoć"]
    assert [key["ActionBody"] for key in message["keyboard"]["Buttons"]] == ["broj:1", "Pomoć"]
    assert "keyboard" not in simpler(plainer)
