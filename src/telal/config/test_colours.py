"""A municipality's colour is never one that cannot be read."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from telal.config import colours

ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(ANY)
def test_words_in_any_colour_can_be_read_and_so_can_words_on_it(colour: str):
    for scheme, ground in (
        (colours.light(colour), colours.LIGHT_GROUND),
        (colours.dark(colour), colours.DARK_GROUND),
    ):
        assert colours.contrast(scheme.brand, ground) >= colours.READABLE
        assert colours.contrast(scheme.brand, scheme.on_brand) >= colours.READABLE


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert colours.light("#1d5454").brand == "#1d5454"


@pytest.mark.parametrize("text", ["", "green", "#12345", "#12345g", "#1234567", "#123456\n", "}*{"])
def test_what_is_no_colour_is_none(text: str):
    assert not colours.is_colour(text)


def test_the_colour_is_served_as_a_stylesheet(client: Client, settings):
    settings.TELAL_COLOUR = "#8a1538"
    answer = client.get("/look/colours.css")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "--brand: #8a1538" in answer.content.decode()
    assert 'href="/look/colours.css"' in client.get("/counter/sign-in").content.decode()


def test_the_coat_of_arms_stands_where_ours_would(client: Client, settings, tmp_path):
    (tmp_path / "coat.svg").write_text("<svg/>")
    settings.TELAL_COAT = tmp_path / "coat.svg"
    page = client.get("/counter/sign-in").content.decode()
    assert 'src="/look/coat"' in page
    answer = client.get("/look/coat")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"".join(answer) == b"<svg/>"


def test_without_either_nothing_is_asked_for(client: Client):
    page = client.get("/counter/sign-in").content.decode()
    assert "/look/" not in page
    assert client.get("/look/colours.css").status_code == 404
    assert client.get("/look/coat").status_code == 404
