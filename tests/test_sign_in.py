"""Signing in with a real browser: at the municipality's own OpenID Connect server, and by a passkey."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect, sync_playwright

from tests import issuer
from tests.postgres import free_port

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "duga-lozinka-2026"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def address(live_server: Any) -> Iterator[str]:
    """Of the issuer, which knows us."""
    port = free_port()
    back = f"{live_server.url}/counter/account/in/oidc/back"
    command = [sys.executable, "-W", "ignore", "-m", "tests.issuer", str(port), back]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}{issuer.ISSUER}"
        process.terminate()


@pytest.fixture
def amra(settings: Any) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = User.objects.create_user(issuer.NAME, password=PASSWORD)
    user.groups.add(Group.objects.get_or_create(name="counter")[0])
    return user


@pytest.fixture
def page(live_server: Any, amra: User) -> Iterator[Page]:
    """Amra's browser, opened when all else is ready: while it runs, only it may ask the database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser.new_context(locale="bs-BA", base_url=live_server.url).new_page()
        browser.close()


@pytest.fixture
def town_hall(address: str, settings: Any) -> None:
    """We know the issuer, too."""
    app = {
        "provider_id": "oidc", "name": "Račun općine", "client_id": issuer.CLIENT, "secret": issuer.SECRET,
        "settings": {"server_url": address, "oauth_pkce_enabled": True},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def sign_in(page: Page, name: str, password: str) -> None:
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")


def test_a_clerk_signs_in_with_the_account_of_the_municipality_and_others_of_it_stay_out(
    town_hall: None, page: Page
):
    page.goto("/counter/")
    page.get_by_text("Račun općine").click()
    sign_in(page, issuer.STRANGER, issuer.PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nemate pristup")
    page.context.clear_cookies()
    page.goto("/counter/hours")
    page.get_by_text("Račun općine").click()
    sign_in(page, issuer.NAME, issuer.PASSWORD)
    expect(page).to_have_url(re.compile("/counter/hours$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Radno vrijeme")


def test_a_clerk_adds_a_passkey_and_signs_in_with_nothing_else(page: Page):
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    page.goto("/counter/account/keys/new")
    sign_in(page, issuer.NAME, PASSWORD)
    page.wait_for_url("**/account/again?*")  # before the account is changed, they are asked once more
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[name=name]").fill("Otisak")
    page.locator("[name=passwordless]").check()
    page.get_by_test_id("key-save").click()
    page.wait_for_url("**/counter/account/codes")  # to be written down, for the day when the key is lost
    page.context.clear_cookies()
    page.goto("/counter/hours")
    page.get_by_test_id("passkey").click()
    expect(page).to_have_url(re.compile("/counter/hours$"))


def test_what_was_typed_outlives_the_session(page: Page, settings: Any):
    page.goto("/counter/cases/new")
    sign_in(page, issuer.NAME, PASSWORD)
    page.locator("[name=number]").fill("06-23-1/26")
    page.locator("[name=subject]").fill("Rušenje garaže")
    page.locator("[name=applicant_name]").fill("Senad Đozić")
    settings.TELAL_IDLE_SECONDS = 0
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/counter/sign-in"))
    settings.TELAL_IDLE_SECONDS = 3600
    sign_in(page, issuer.NAME, PASSWORD)
    expect(page.get_by_test_id("send-on")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("06-23-1/26")

    note = page.locator("[name=text]")
    note.fill("Zvati poslije podne.")
    settings.TELAL_IDLE_SECONDS = 0
    asks = "htmx.ajax('GET', document.querySelector('.timeline').getAttribute('hx-get'), '.timeline')"
    page.evaluate(asks)
    expect(note).to_have_value("Zvati poslije podne.")
    settings.TELAL_IDLE_SECONDS = 3600
    other = page.context.new_page()
    other.context.clear_cookies(name="sessionid")
    other.goto("/counter/")
    sign_in(other, issuer.NAME, PASSWORD)
    expect(other.get_by_test_id("search")).to_be_visible()
    page.get_by_test_id("add-note").click()
    expect(page.get_by_test_id("note")).to_contain_text("Zvati poslije podne.")
    settings.TELAL_IDLE_SECONDS = 0
    page.evaluate(asks)
    page.wait_for_url("**/counter/sign-in")
