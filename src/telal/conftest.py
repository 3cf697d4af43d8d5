"""What tests of several packages share: a browser to look through, and clients that are ready at once."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from telal.cases import rules

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session", autouse=True)
def static_files_are_found_when_asked_for() -> Iterator[None]:
    """Every test has a client of its own, and for each of them whitenoise would list them all beforehand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "WHITENOISE_AUTOREFRESH", True)
        yield


@pytest.fixture(autouse=True)
def rules_are_those_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of the one before, which took them back without a word; nor read again and again, because it had changed them."""
    monkeypatch.setattr(rules, "_kept", None)
    monkeypatch.setattr(rules._here, "unsettled_until", 0.0)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium; one for all tests of a module, since it takes longer to start than they take."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Its loop owns the thread while it runs, and yet only one of the two is at work at a time.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield running
        running.close()
