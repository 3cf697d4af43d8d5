"""The inbox when the database is in trouble. How it stores is lived through in tests/test_webhook.py."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, OperationalError

from telal.messaging import gateway
from telal.messaging.channel import Callback
from telal.sql import Row


def rows(*keys: str) -> list[Row]:
    now = datetime.now(UTC)
    return [gateway.row_of(Callback(key=key, kind="message", address="a", at=now, body="{}")) for key in keys]


@pytest.fixture
def tried(monkeypatch) -> list[list[str]]:
    """The keys of each try; what fails is named in the key."""
    tries: list[list[str]] = []

    def insert(channel, batch):
        tries.append([row["key"] for row in batch])
        for row in batch:
            if "away" in row["key"]:
                raise OperationalError
            if "bad" in row["key"]:
                raise DataError

    monkeypatch.setattr(gateway, "_insert", insert)
    return tries


def test_a_database_that_is_away_is_asked_twice_and_not_for_each(tried):
    results = gateway.insert("viber", rows("away1", "away2", "away3"))
    assert [type(result) for result in results] == [OperationalError] * 3
    assert len(tried) == 2


def test_a_bad_callback_spoils_no_good_one(tried):
    results = gateway.insert("viber", rows("good1", "bad", "good2"))
    assert [type(result) for result in results] == [type(None), DataError, type(None)]
