"""Real histories, as a municipality's own system exports them: every connected citizen hears what followed, in order."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from telal.cases.statuses import STATUSES
from telal.intake.commands import SAMPLE
from telal.notices import compose
from tests.house import House, Phone, eventually

MAPPING = SAMPLE / "wabo.toml"


@dataclass(frozen=True)
class Export:
    """A file, and the ids of the cases in it."""

    path: str
    refs: tuple[str, ...]


@pytest.fixture
def days(tmp_path: Path) -> tuple[Export, Export]:
    """Yesterday's export, and today's, which is the same file grown longer."""
    with gzip.open(SAMPLE / "wabo-permit-events.csv.gz", "rt", encoding="utf-8", newline="") as log:
        head, *rows = csv.reader(log)
    cases = set(list(dict.fromkeys(row[0] for row in rows))[:25])
    today = [row for row in rows if row[0] in cases]
    half = sorted(row[-1] for row in today)[len(today) // 2]
    yesterday = [row for row in today if row[-1] <= half]
    return export(tmp_path / "yesterday.csv", head, yesterday), export(tmp_path / "today.csv", head, today)


def export(path: Path, head: list[str], rows: list[list[str]]) -> Export:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return Export(str(path), tuple(dict.fromkeys(row[0] for row in rows)))


def test_each_citizen_hears_what_followed_and_nothing_twice(house: House, days: tuple[Export, Export]):
    yesterday, today = days
    house.telal("import", yesterday.path, "--mapping", str(MAPPING))
    phones = connect(house, yesterday.refs)
    before = {ref: len(timeline(house, ref)) for ref in phones}

    for _ in range(2):
        house.telal("import", today.path, "--mapping", str(MAPPING))

    told = 0
    for ref, phone in phones.items():
        eventually(
            lambda ref=ref: not any(event["pending"] for event in timeline(house, ref)), "all is dealt with"
        )
        new = timeline(house, ref)[before[ref] :]
        assert {untold["reason"] for event in new for untold in event["not_told"]} <= {"no_news"}
        expected = [event["status"] for event in new if event["messages"]]
        assert [status_of(text) for text in phone.hears_all(2 + len(expected))[2:]] == expected
        told += len(expected)
    assert told >= 5


def connect(house: House, refs: tuple[str, ...]) -> dict[str, Phone]:
    """Twelve of those who agreed, each with a phone that has heard how the case stands."""
    phones: dict[str, Phone] = {}
    for ref in refs:
        invitation = house.api("POST", f"/cases/{ref}/invitation")
        if invitation.status == 201 and len(phones) < 12:
            phones[ref] = house.phone(ref)
            phones[ref].open(invitation.body["invitation"]["url"])
            phones[ref].say("Počni")
            eventually(lambda ref=ref: len(phones[ref].heard()) == 2, "the first status")
    return phones


def timeline(house: House, ref: str) -> list[dict[str, Any]]:
    return house.api("GET", f"/cases/{ref}").body["timeline"]


def status_of(text: str) -> str:
    """Which status this message announces: its words tell."""
    words = Path(compose.__file__).parent / "texts" / "bs"
    return next(
        code for code in STATUSES if (words / f"{code}.txt").read_text().split("\n\n")[0].strip() in text
    )
