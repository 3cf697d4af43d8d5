"""What a phone and a computer show, in a real browser: the stylesheet decides, without scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from telal.cases.models import Applicant, Case
from telal.notices.consents import invite, record_consent

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SMALL_PHONE = {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True}
COMPUTER = {"viewport": {"width": 1280, "height": 800}}

# The lowest contrast (WCAG 2) between any text on the page and what lies behind it.
LOWEST_CONTRAST = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrasts = [...document.querySelectorAll("body *")]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility())
    .map((e) => [light(getComputedStyle(e).color), light(behind(e))].sort((a, b) => b - a))
    .map(([more, less]) => (more + 0.05) / (less + 0.05));
  return Math.min(...contrasts);
}"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(live_server, settings) -> list[str]:
    """The public page and the page of a good slip."""
    settings.TELAL_VIBER_URI = "opcina"
    case = Case.register(
        source="counter",
        ref="1",
        number="06-23-1847/26",
        kind="administrative",
        subject="Rušenje garaže",
        applicant=Applicant.called("Senad Đozić"),
        received_on=date(2026, 11, 2),
    )
    slip = invite(record_consent(case, recorded_by="alma", medium="paper"))
    return [f"{live_server.url}/", f"{live_server.url}/f/{slip.token}"]


@contextmanager
def looking(browser: Browser, **device: object) -> Iterator[Page]:
    with browser.new_context(locale="bs-BA", **device) as context:
        page = context.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        yield page
        assert complaints == []  # the policy refused nothing of ours
        assert context.cookies() == []


def test_a_phone_gets_a_button_to_touch(addresses, browser):
    with looking(browser, **PHONE) as page:
        for address in addresses:
            page.goto(address)
            button = page.get_by_role("link", name="Otvori u Viberu").first
            expect(button).to_be_in_viewport()
            assert button.bounding_box()["height"] >= 44
            expect(page.locator(".qr")).to_be_hidden()


def test_a_computer_gets_a_code_for_the_phone_beside_it(addresses, browser):
    with looking(browser, **COMPUTER) as page:
        for address in addresses:
            page.goto(address)
            expect(page.locator(".qr")).to_be_in_viewport()
            expect(page.get_by_role("link", name="Otvori u Viberu").first).to_be_visible()


def test_nothing_sticks_out_of_a_small_phone(addresses, browser):
    with looking(browser, **SMALL_PHONE) as page:
        for address in (*addresses, *(f"{address}?jezik=sr" for address in addresses)):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_everything_can_be_read_by_day_and_by_night(addresses, browser):
    with looking(browser, **COMPUTER) as page:
        for address in addresses:
            page.goto(address)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(LOWEST_CONTRAST) >= 4.5, scheme
