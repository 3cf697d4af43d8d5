"""Houses to tell stories in: one on each database, kept for all stories of a module."""

from collections.abc import Iterator

import pytest

from tests.house import House, ask


@pytest.fixture(autouse=True)
def _no_fault_outlives_its_story(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "house" in request.fixturenames:
        house = request.getfixturevalue("house")
        house.is_open()
        ask("DELETE", f"{house.simulator}/control/faults")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """A running installation; on PostgreSQL with two webs and two workers, one of each behind a pooler."""
    with House(request.param, webs=2, workers=2, pooled=["web1", "worker2"]) as running:
        yield running
