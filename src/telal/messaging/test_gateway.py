"""The inbox when the database is in trouble. How it stores is lived through in tests/test_webhook.py."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, OperationalError

from telal.messaging import gateway
from telal.messaging.channel import Callback


def callbacks(*keys: str) -> list[Callback]:
    return [Callback(key=key, kind="message", address="a", at=datetime.now(UTC), body="{}") for key in keys]


@pytest.fixture
def tried(monkeypatch) -> list[list[str]]:
    """The keys of each try; what fails is named in the key."""
    tries: list[list[str]] = []

    def insert(channel, batch):
        tries.append([callback.key for callback in batch])
        for callback in batch:
            if "away" in callback.key:
                raise OperationalError
            if "bad" in callback.key:
                raise DataError

    monkeypatch.setattr(gateway, "_insert", insert)
    return tries


def test_a_database_that_is_away_is_asked_twice_and_not_for_each(tried):
    results = gateway.insert("viber", callbacks("away1", "away2", "away3"))
    assert [type(result) for result in results] == [OperationalError] * 3
    assert len(tried) == 2


def test_a_bad_callback_spoils_no_good_one(tried):
    results = gateway.insert("viber", callbacks("good1", "bad", "good2"))
    assert [type(result) for result in results] == [type(None), DataError, type(None)]
