"""The whole story as two people live it: a clerk and a citizen, each in front of a real browser."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.house import House

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# What stands between counter and phone is told on both databases by the other stories; two people in front of browsers, once.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("house", ["sqlite"], indirect=True)]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield running
        running.close()


@pytest.fixture
def clerk(browser: Browser, house: House) -> Page:
    """Amra, signed in at the counter."""
    password = house.telal("user", "create", "amra", "--role", "counter").strip()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{house.url}/counter/")
    page.locator("[name=username]").fill("amra")
    page.locator("[name=password]").fill(password)
    page.get_by_test_id("sign-in").click()
    return page


@pytest.fixture
def citizen(browser: Browser, house: House) -> Page:
    """Ivana's phone."""
    phone = house.phone("Ivana")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(
        f"{house.simulator}/?phone={phone.id.replace('/', '%2F').replace('+', '%2B').replace('=', '%3D')}"
    )
    expect(phone_of(page)).to_be_visible()
    return page


def phone_of(page: Page) -> Locator:
    return page.locator("[data-testid=phone][data-name=Ivana]").last


def heard(page: Page) -> Locator:
    return phone_of(page).locator("[data-testid=message][data-mine=false]")


def write(page: Page, text: str) -> None:
    phone_of(page).get_by_test_id("input").fill(text)
    phone_of(page).get_by_test_id("input").press("Enter")


def test_from_the_counter_to_the_phone_and_back(clerk: Page, citizen: Page):
    number = f"06-23-{int(time.time()) % 1_000_000}/26"

    clerk.get_by_test_id("new-case").click()
    clerk.locator("[name=number]").fill(number)
    clerk.locator("[name=subject]").fill("Urbanistička saglasnost")
    clerk.locator("[name=department]").fill("Služba za urbanizam")
    clerk.locator("[name=officer]").fill("Alma Destanović")
    clerk.locator("[name=applicant_name]").fill("Ivana Perić")
    clerk.locator("[name=phone]").fill("061/123-456")
    clerk.locator("[name=consent]").check()
    clerk.get_by_test_id("save").click()
    slip = clerk.get_by_test_id("slip-link").get_attribute("href")
    expect(clerk.get_by_test_id("unbound")).to_be_visible()

    citizen.get_by_test_id("link").fill(slip)
    citizen.get_by_test_id("open-link").click()
    phone_of(citizen).get_by_test_id("key").filter(has_text="Počni").click()
    expect(heard(citizen).last).to_contain_text(number)
    expect(clerk.get_by_test_id("bound")).to_be_visible()

    clerk.get_by_test_id("to-case").click()
    form = clerk.get_by_test_id("move-form")
    form.locator("[name=status]").select_option("awaiting_other_body")
    form.locator("[name=waiting_for]").fill("KJKP Vodovod i kanalizacija")
    clerk.get_by_test_id("move").click()
    expect(heard(citizen)).to_have_count(3)
    expect(heard(citizen).last).to_contain_text("Čeka se: KJKP Vodovod i kanalizacija")
    expect(clerk.get_by_test_id("timeline")).to_contain_text("sporučeno")

    write(citizen, "sta ima s mojim predmetom")
    expect(heard(citizen)).to_have_count(4)
    expect(heard(citizen).last).to_contain_text("KJKP Vodovod i kanalizacija")

    write(citizen, f"Hoću da pričam s čovjekom, {number}")
    expect(heard(citizen)).to_have_count(5)
    case_page = clerk.url
    clerk.reload()
    clerk.get_by_test_id("work-link").click()
    clerk.get_by_test_id("questions-link").first.click()
    asked = clerk.get_by_test_id("question").filter(has_text=f"čovjekom, {number}")
    asked.locator("[name=answer]").fill("Javite se u sobu 14.")
    asked.get_by_test_id("answer").click()
    expect(heard(citizen)).to_have_count(6)
    expect(heard(citizen).last).to_contain_text("Javite se u sobu 14.")

    write(citizen, "STOP")
    expect(heard(citizen)).to_have_count(7)

    clerk.goto(case_page)
    form = clerk.get_by_test_id("move-form")
    form.locator("[name=status]").select_option("decided")
    form.locator("[name=outcome]").select_option("granted")
    clerk.get_by_test_id("move").click()
    expect(clerk.get_by_test_id("timeline")).to_contain_text("saglasnost je povučena")
    expect(heard(citizen)).to_have_count(7)
