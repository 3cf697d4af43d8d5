"""The inbox when the database is in trouble. How it stores is lived through in tests/test_webhook.py."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from django.db import DataError, OperationalError

from telal.messaging.channel import Callback
from telal.messaging.gateway import Inbox


class Database:
    """``tried`` are the keys of each try; what fails is named in the key."""

    def __init__(self) -> None:
        self.tried: list[list[str]] = []

    async def execute(self, _statement: str, values: list[str]) -> None:
        keys = [row["key"] for row in json.loads(values[-1])]
        self.tried.append(keys)
        if any("away" in key for key in keys):
            raise OperationalError
        if any("bad" in key for key in keys):
            raise DataError

    async def close(self) -> None: ...


@pytest.fixture
def database(monkeypatch) -> Database:
    database = Database()
    monkeypatch.setattr("telal.messaging.gateway._InThread", lambda: database)
    monkeypatch.setattr("telal.messaging.gateway._OnLoop", lambda: database)
    return database


def store(*keys: str) -> list[type]:
    """What became of each, all at once."""
    now = datetime.now(UTC)
    callbacks = [Callback(key=key, kind="message", address="a", at=now, body="{}") for key in keys]

    async def go() -> list[object]:
        inbox = Inbox("viber", lambda: None)
        # The first is written alone; the others have gathered meanwhile.
        return await asyncio.gather(*map(inbox.store, callbacks), return_exceptions=True)

    return [type(result) for result in asyncio.run(go())]


def test_a_database_that_is_away_is_asked_twice_and_not_for_each(database: Database):
    assert store("first", "away1", "away2", "away3") == [type(None), *[OperationalError] * 3]
    assert database.tried == [["first"], *[["away1", "away2", "away3"]] * 2]


def test_a_bad_callback_spoils_no_good_one(database: Database):
    assert store("first", "good1", "bad", "good2") == [type(None), type(None), DataError, type(None)]
    assert database.tried == [["first"], ["good1", "bad", "good2"], ["good1"], ["bad"], ["good2"]]
