"""The page in a real browser: what the person taps is what the bot hears, and what it writes is what they see."""

import orjson
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from telal.simulator.test_platform import WITH_KEYBOARD

pytestmark = pytest.mark.browser

WELCOME = {"type": "text", "text": "*Dobro došli* <i>u</i> općinu", **WITH_KEYBOARD}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(5000)
    return page


@pytest.fixture
def phone(page, bot, viber, amra) -> Locator:
    """Amra's phone, on which the link of a slip has just been tapped."""
    viber.control("phones/1", "PATCH", subscribed=False)
    bot.answer = lambda event: (
        200,
        orjson.dumps(WELCOME) if event["event"] == "conversation_started" else b"",
    )
    page.goto(f"{viber.url}/?chatURI=opcina&context=c1-7Yp2Qm")
    return page.get_by_test_id("phone")


def test_a_link_shows_the_welcome_and_its_keyboard(phone, bot):
    expect(phone.get_by_test_id("message")).to_contain_text("Dobro došli <i>u</i> općinu")
    expect(phone.get_by_test_id("message").locator("b")).to_have_text("Dobro došli")
    expect(phone.get_by_test_id("key")).to_have_text(["Moji predmeti", "Podijeli broj", "Stranica"])
    assert bot.told("conversation_started")[0]["context"] == "c1-7Yp2Qm"


def test_pressing_writing_and_sharing(phone, bot, amra):
    phone.get_by_test_id("key").first.click()
    phone.get_by_test_id("input").fill("šta ima <b>novo</b>")
    phone.get_by_test_id("input").press("Enter")
    phone.get_by_test_id("key").nth(1).click()
    phone.get_by_test_id("share-confirm").click()
    pressed, written, shared = (event["message"] for event in bot.told("message", 3))
    assert (pressed["text"], written["text"], shared["type"]) == ("moji", "šta ima <b>novo</b>", "contact")
    # An answer that overtakes our word that we have the question is not an answer to it.
    expect(phone.locator("[data-mine=true][data-progress=delivered]")).to_have_count(3)
    assert bot.send(amra, "Vaš predmet je riješen")["status"] == 0
    expect(phone.get_by_test_id("message").last).to_contain_text("Vaš predmet je riješen")
    expect(phone.locator("[data-mine=true][data-progress=seen]")).to_have_count(3)
    bot.told("seen")


def test_another_phone_on_the_table_keeps_its_messages_unread(phone, bot, viber):
    senad = viber.control("phones", name="Senad", subscribed=True)["id"]
    phone.page.goto(f"{viber.url}/?phone=2")
    expect(phone).to_have_count(2)
    phone.first.get_by_test_id("input").click()
    bot.send(senad)
    expect(phone.nth(1).get_by_test_id("unread")).to_have_text("1")
    phone.nth(1).click(position={"x": 200, "y": 300})
    bot.told("seen")
    expect(phone.nth(1).get_by_test_id("unread")).to_be_hidden()


def test_leaving_and_coming_back(phone, bot):
    phone.get_by_test_id("key").first.click()
    phone.get_by_test_id("menu").click()
    phone.get_by_test_id("leave").click()
    bot.told("unsubscribed")
    phone.get_by_test_id("return-banner").click()
    bot.told("subscribed")
    expect(phone.get_by_test_id("return-banner")).to_be_hidden()
