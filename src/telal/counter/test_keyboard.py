"""In a real browser: a clerk who never touches the mouse."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from telal.counter.conftest import signed_in

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = pytest.mark.browser


@pytest.fixture
def clerk_at_home(transactional_db: None, live_server: LiveServer) -> Iterator[Page]:
    """The database is asked before and after the browser only: while it runs, its loop owns the thread."""
    cookie = _session(signed_in("ana", "counter"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(f"{live_server.url}/counter/")
        yield page
        assert page.complaints == []
        browser.close()


def _session(client: Client) -> str:
    return client.cookies["sessionid"].value


def fill_in(page: Page) -> None:
    """``n``, then Enter from field to field; a barcode reader sends its own Enter."""
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("n")
    expect(page.locator("[name=number]")).to_be_focused()
    lines = (
        "06-23-1847/26",
        "111929",
        "Urbanistička saglasnost",
        "",
        "",
        "",
        "",
        "",
        "",
        "Amra Hodžić",
        "061/123-456",
    )
    for typed in lines:
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(page.locator("#phone-hint")).to_contain_text("+387 61 123 456")
    expect(page.locator("[name=consent]")).to_be_focused()
    page.keyboard.press("Space")


def test_a_case_is_registered_by_keyboard_alone(clerk_at_home: Page):
    page = clerk_at_home
    fill_in(page)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("unbound")).to_contain_text("Čeka se telefon")
    assert "/f/" in page.get_by_test_id("slip-link").get_attribute("href")


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
