"""What Viber refuses, by the number of its refusal."""

import pytest

from telal.simulator.conftest import message
from telal.simulator.validation import (
    Refusal,
    check_outgoing,
    check_welcome,
    client_objection,
    total_rows,
)


def keyboard(*buttons: dict, **fields: object) -> dict:
    usual = {"ActionBody": "moji", "Text": "Moji predmeti"}
    return {"Type": "keyboard", "Buttons": [usual | button for button in buttons or ({},)]} | fields


def status(**fields: object) -> int:
    try:
        check_outgoing(message(**fields))
    except Refusal as refusal:
        return refusal.status
    return 0


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "š" * 7000, "tracking_data": "x" * 4000, "sender": {"name": "š" * 28}},
        {"type": "picture", "media": "https://example.ba/a.png", "text": ""},
        {"type": "file", "media": "https://example.ba/a", "size": 1, "file_name": "rješenje.pdf"},
        {"type": "location", "location": {"lat": "43.85", "lon": 18.41}},
        {"type": "contact", "contact": {"name": "Pisarnica", "phone_number": "+38733123456"}},
        {"type": "sticker", "sticker_id": "40133"},
        {"type": None, "keyboard": keyboard()},
        {"keyboard": keyboard({"ActionType": "share-phone"}), "min_api_version": 3},
        {"keyboard": keyboard(InputFieldState="hidden"), "min_api_version": 4},
    ],
)
def test_takes_what_the_platform_takes(fields):
    assert status(**fields) == 0


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        (4, {"text": None}),
        (4, {"type": None}),
        (4, {"sender": None}),
        (4, {"type": "video", "media": "https://example.ba/v.mp4"}),
        (4, {"type": "contact", "contact": {"name": "Petar"}}),
        (3, {"text": ""}),
        (3, {"text": "š" * 7001}),
        (3, {"tracking_data": "x" * 4001}),
        (3, {"sender": {"name": "x" * 29}}),
        (3, {"sender": "Općina"}),
        (3, {"type": "hologram"}),
        (3, {"type": "url", "media": "viber://pa"}),
        (3, {"type": "location", "location": {"lat": 90, "lon": 0}}),
        (3, {"type": "file", "media": "https://example.ba/a", "size": 1, "file_name": "virus.exe"}),
        (3, {"min_api_version": "3"}),
        (3, {"keyboard": "none"}),
        (3, {"keyboard": {"Buttons": [{"ActionBody": "a", "Text": "b"}]}}),
        (3, {"keyboard": keyboard(Buttons=[])}),
        (3, {"keyboard": keyboard({"Columns": 7})}),
        (3, {"keyboard": keyboard({"Rows": 0})}),
        (3, {"keyboard": keyboard({"ActionBody": ""})}),
        (3, {"keyboard": keyboard({"Text": ""})}),
        (3, {"keyboard": keyboard({"Text": "x" * 251})}),
        (3, {"keyboard": keyboard({"BgColor": "purple"})}),
        (3, {"keyboard": keyboard({"ActionType": "share-phone"})}),
        (3, {"keyboard": keyboard({"ActionType": "location-picker"}), "min_api_version": 2}),
        (14, {"keyboard": keyboard(InputFieldState="hidden"), "min_api_version": 3}),
        (14, {"type": "rich_media", "rich_media": {"Type": "rich_media"}}),
    ],
)
def test_refuses_what_the_platform_refuses(expected, fields):
    assert status(**fields) == expected


def test_a_welcome_needs_no_sender():
    check_welcome({"type": "text", "text": "Dobro došli"})


def test_the_phone_refuses_a_keyboard_taller_than_its_screen():
    twelve, thirteen = [{}] * 12, [{}] * 13
    assert client_objection({"keyboard": keyboard(*twelve)}) == ""
    assert client_objection({"keyboard": keyboard(*thirteen)}) == "keyboard is not valid"


def test_the_phone_refuses_a_button_to_nowhere():
    link = {"ActionType": "open-url", "ActionBody": "www.opcina.ba"}
    assert client_objection({"keyboard": keyboard(link)}) == "keyboard is not valid"


def test_buttons_flow_left_to_right():
    assert total_rows([{"Columns": 3}, {"Columns": 3, "Rows": 2}, {"Columns": 4}, {"Columns": 4}]) == 4
