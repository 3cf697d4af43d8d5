"""The invented municipality as its DMS would export it: a CSV for ``sample/primjer.toml``, with dates that count back from now."""

import csv
import io
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

# The way to each status, in the words of the export.
_BEGUN = ("Zaprimljeno", "Dodijeljeno", "U radu")
_WAYS: dict[str, tuple[str, ...]] = {
    "Zaprimljeno": (),
    "Dodijeljeno": _BEGUN[:1],
    "U radu": _BEGUN[:2],
    **dict.fromkeys(
        ("Čeka se mišljenje", "Čeka se dopuna", "Zakazan uviđaj", "Prekinuto", "Riješeno"), _BEGUN
    ),
    "Ustupljeno": _BEGUN[:2],
    "a/a": _BEGUN,
    **dict.fromkeys(("Otpremljeno", "Spremno za preuzimanje"), (*_BEGUN, "Riješeno")),
    "Uručeno": (*_BEGUN, "Riješeno", "Spremno za preuzimanje"),
    "Žalba": (*_BEGUN, "Riješeno", "Otpremljeno", "Uručeno"),
    "Vraćeno na ponovni postupak": (*_BEGUN, "Riješeno", "Otpremljeno", "Uručeno", "Žalba"),
}
_FIRST_SERIAL = 1204

# Who the demonstration's user is at work.
OFFICER = "Lejla Imamović"


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody with a phone in the simulator; ``ref`` is their first case."""

    name: str
    ref: str


def export(now: datetime) -> str:
    """The whole register as CSV. ``now`` is local time."""
    rows = [row for place, case in enumerate(_data()["cases"]["rows"]) for row in _rows(place, case, now)]
    written = io.StringIO()
    table = csv.DictWriter(written, rows[0], delimiter=";", lineterminator="\r\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def citizens() -> list[Citizen]:
    applicants = [row[3] for row in _data()["cases"]["rows"]]
    return [Citizen(phone["name"], _ref(applicants.index(phone["name"]))) for phone in _data()["phones"]]


def week() -> list[str]:
    """Its hours from Monday to Sunday."""
    return list(_data()["hours"])


def _rows(place: int, case: list[Any], now: datetime) -> Iterator[dict[str, str]]:
    officer, days, status, applicant, subject, detail = case
    department, phone, room = _officers()[officer]
    received = _office_hours(now - timedelta(days=days), place, now)
    consent = not applicant.endswith("*")
    known = {
        "Oznaka": _ref(place),
        "Broj predmeta": f"{department['number']}-{_FIRST_SERIAL + place * 7}/{received.year}",
        "Vrsta": "UP-1" if department["number"].startswith("UP-1") else "djelovodnik",
        "Predmet": subject,
        "Stranka": applicant.removesuffix("*"),
        "Telefon": f"06{1 + place % 2}/{200 + place * 13}-{100 + place * 17}",
        "Zaprimljeno": _day(received),
        "Kompletan od": _day(received),
        "Rok": _day(received + timedelta(days=60)),
        "Služba": department["name"],
        "Referent": officer,
        "Telefon referenta": phone,
        "Soba": room,
        "Osjetljiv": "da" if "socijalnu" in department["name"] else "ne",
        "Saglasnost": "da" if consent else "ne",
        "Saglasnost dana": _moment(received) if consent else "",
        "Jezik": _languages().get(applicant, ""),
    }
    way = [*_WAYS[status], status]
    for step, text in enumerate(way):
        at = received + (now - received) * step / len(way)
        yield {
            **known,
            "Status": text,
            "Datum statusa": _moment(_office_hours(at, place, now) if step else received),
            "Ceka se": detail if text == "Čeka se mišljenje" else "",
            "Ishod": detail if text not in ("Čeka se mišljenje", *_BEGUN) else "",
        }


def _office_hours(at: datetime, place: int, now: datetime) -> datetime:
    """The same working day, or the Friday before, some time between eight and four; but never in the future."""
    friday = at - timedelta(days=max(0, at.weekday() - 4))
    then = friday.replace(hour=8 + place % 8, minute=place * 7 % 60, second=0, microsecond=0)
    return min(then, now)


def _ref(place: int) -> str:
    return f"DMS-{_FIRST_SERIAL + place * 7}"


def _day(at: datetime) -> str:
    return f"{at:%d.%m.%Y.}"


def _moment(at: datetime) -> str:
    return f"{at:%d.%m.%Y. %H:%M}"


@cache
def _data() -> dict[str, Any]:
    with Path(__file__).with_name("municipality.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _officers() -> dict[str, tuple[dict[str, Any], str, str]]:
    return {
        name: (department, phone, room)
        for department in _data()["departments"]
        for name, phone, room in department["officers"]
    }


@cache
def _languages() -> dict[str, str]:
    return {phone["name"]: phone.get("language", "") for phone in _data()["phones"]}
