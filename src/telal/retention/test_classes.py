"""Days that cannot be meant are refused at the start, in words."""

import pytest

from telal.retention.classes import CLASSES, troubles

DAYS = {kept.code: kept.days for kept in CLASSES}


def test_our_own_days_are_right():
    assert troubles(DAYS) == []


@pytest.mark.parametrize("wrong", [{"chat_text": 0}, {"callbacks": 3}, {"consent_proof": 99_999}])
def test_too_few_and_too_many_are_named(wrong):
    (trouble,) = troubles({**DAYS, **wrong})
    assert "whole number of days" in trouble


def test_a_text_does_not_outlive_its_message():
    assert "DELIVERY_LOG" in troubles({**DAYS, "chat_text": 200})[0]
