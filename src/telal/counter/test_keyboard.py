"""In a real browser: a clerk who never touches the mouse."""

import time
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from telal.counter.conftest import signed_in

pytestmark = pytest.mark.browser


@pytest.fixture
def clerk_at_home(transactional_db: None, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    cookie = _session(signed_in("ana", "counter"))
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(f"{live_server.url}/counter/")
        yield page
        assert page.complaints == []


def _session(client: Client) -> str:
    return client.cookies["sessionid"].value


def put(page: Page, text: str) -> None:
    """As a person types: nobody's hand is as fast as a reader, or as this test would be."""
    if text:
        page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def scan(page: Page, text: str) -> None:
    """As a reader types: 5 ms from key to key, whatever the machine is busy with, and Enter after it."""
    keyboard = page.context.new_cdp_session(page)
    began = time.time()
    for place, key in enumerate([*text, "\r"]):
        named = (
            {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13} if key == "\r" else {"key": key}
        )
        stroke = {**named, "text": key, "timestamp": began + place / 200}
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **stroke})
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **named})


def fill_in(page: Page) -> None:
    """``n``, then Enter from field to field."""
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("n")
    expect(page.locator("[name=number]")).to_be_focused()
    case = ("06-23-1847/26", "111929", "Urbanistička saglasnost", "", "", "", "", "", "")
    for typed in (*case, "061/123-456", "Amra Hodžić"):
        put(page, typed)
    expect(page.locator("#phone-hint")).to_contain_text("+387 61 123 456")
    expect(page.locator("[name=consent]")).to_be_focused()
    page.keyboard.press("Space")


def test_a_case_is_registered_by_keyboard_alone(clerk_at_home: Page):
    page = clerk_at_home
    fill_in(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= 800
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("unbound")).to_contain_text("Čeka se telefon")
    assert "/f/" in page.get_by_test_id("slip-link").get_attribute("href")
    expect(page.get_by_test_id("print")).to_be_focused()


def test_shift_and_enter_go_back(clerk_at_home: Page):
    page = clerk_at_home
    page.goto(page.url + "cases/new")
    put(page, "06-23-1847/26")
    expect(page.locator("[name=barcode]")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("[name=number]")).to_be_focused()


def test_who_is_known_needs_no_typing(clerk_at_home: Page):
    page = clerk_at_home
    fill_in(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("unbound")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("[name=number]")).to_be_focused()
    page.keyboard.insert_text("06-23-1847/26")
    expect(page.get_by_test_id("noticed")).to_contain_text("Već postoji")
    page.locator("[name=number]").fill("06-23-1848/26")
    expect(page.get_by_test_id("noticed")).to_be_hidden()
    page.locator("[name=subject]").fill("Upotrebna dozvola")
    page.locator("[name=phone]").focus()
    page.keyboard.insert_text("061123456")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("offer")).to_have_text("Amra Hodžić")
    expect(page.locator("#signed")).to_contain_text("izjava je već potpisana")
    page.keyboard.press("Enter")
    expect(page.locator("[name=applicant_name]")).to_have_value("Amra Hodžić")
    expect(page.locator("[name=consent]")).to_be_focused()


@pytest.mark.parametrize("cursor", ["number", "subject", "kind", "received_on", "phone", "consent"])
def test_a_scan_lands_in_the_barcode_wherever_the_cursor_is(clerk_at_home: Page, cursor: str):
    page = clerk_at_home
    page.goto(page.url + "cases/new")
    field = page.locator(f"[name={cursor}]")
    before = field.input_value()
    field.focus()
    scan(page, "111929")
    expect(page.locator("[name=barcode]")).to_have_value("111929")
    expect(page.locator("[data-scan-said]")).to_have_text("Bar-kod je očitan.")
    expect(field).to_be_focused()
    assert field.input_value() == before
    assert page.url.endswith("/cases/new")


def test_a_scan_while_the_cursor_is_on_the_button_saves_nothing(clerk_at_home: Page):
    page = clerk_at_home
    page.goto(page.url + "cases/new")
    page.get_by_test_id("save").focus()
    scan(page, "111929")
    expect(page.locator("[name=barcode]")).to_have_value("111929")
    expect(page.get_by_test_id("errors")).to_have_count(0)


def test_what_is_no_barcode_of_a_case_goes_nowhere(clerk_at_home: Page):
    page = clerk_at_home
    page.goto(page.url + "cases/new")
    scan(page, "https://telal.example/f/abcdefghijklmnop")
    expect(page.locator("[data-scan-said]")).to_have_text("Očitano nije bar-kod predmeta.")
    for name in ("number", "barcode"):
        expect(page.locator(f"[name={name}]")).to_have_value("")


@pytest.mark.parametrize("is_at_the_box", [True, False])
def test_a_scan_on_the_first_screen_finds_the_case(clerk_at_home: Page, is_at_the_box: bool):
    page = clerk_at_home
    fill_in(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("unbound")).to_be_visible()
    page.goto(page.url.partition("/counter/")[0] + "/counter/")
    if not is_at_the_box:
        page.locator("body").evaluate("() => document.activeElement.blur()")
    scan(page, "111929")
    expect(page.get_by_role("heading", level=1)).to_have_text("06-23-1847/26")


def test_the_institution_is_asked_for_only_when_one_is_awaited(clerk_at_home: Page):
    page = clerk_at_home
    fill_in(page)
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("to-case").click()
    form = page.get_by_test_id("move-form")
    expect(form.locator("[name=waiting_for]")).to_be_hidden()
    form.locator("[name=status]").select_option("awaiting_other_body")
    form.locator("[name=waiting_for]").fill("KJKP Vodovod i kanalizacija")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("status")).to_have_text("Čeka se mišljenje ili saglasnost drugog organa")
    expect(page.get_by_test_id("timeline")).to_contain_text("neuobičajen korak")
