"""What tests of several packages share."""

import pytest

from telal.cases import rules


@pytest.fixture(autouse=True)
def rules_are_those_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of the one before, which took them back without a word; nor read again and again, because it had changed them."""
    monkeypatch.setattr(rules, "_kept", None)
    monkeypatch.setattr(rules._here, "unsettled_until", 0.0)
