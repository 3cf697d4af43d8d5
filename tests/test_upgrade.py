"""A new release on the database that an earlier one left in the middle of its work: nothing is lost, and the story goes on.

Every recorded release is upgraded (see ``releases.py``); a new one joins by its file.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.house import TOKEN, House, Phone, ask, eventually
from tests.releases import RECORDED

RELEASES = sorted(path.stem for path in RECORDED.glob("*.json"))


class Upgraded(House):
    """A house of the newest release, on the ground that an earlier one has left. Its citizens have their old phones."""

    def __init__(self, release: str, database: str) -> None:
        super().__init__(database, ground=self._lay, restarts=False)
        self._release = release
        self.facts: dict[str, str] = {}
        self.phones: dict[str, Phone] = {}

    def _lay(self, _: House) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tests.releases", "lay", self._release],
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "telal.config.settings"},
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.facts = json.loads(done.stdout)
        self.key = self.facts["key"]
        _register(self)
        for name in ("ivana", "mirza"):
            self.phones[name] = self.phone(name.title(), id=self.facts[name], subscribed=True)


class _Obliging(BaseHTTPRequestHandler):
    """The old release, as Viber knew it: it answers."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def _register(house: House) -> None:
    """Viber keeps calling the address that it was given before the upgrade."""
    with HTTPServer(("127.0.0.1", house.ports[0]), _Obliging) as old:
        Thread(target=old.handle_request, daemon=True).start()
        body = {"url": f"{house.url}/hooks/viber/", "auth_token": TOKEN}
        assert ask("POST", f"{house.simulator}/pa/set_webhook", body).body["status"] == 0


@pytest.fixture(
    scope="module",
    params=[(release, database) for release in RELEASES for database in ("sqlite", "postgresql")],
    ids="-".join,
)
def house(request: pytest.FixtureRequest) -> Iterator[Upgraded]:
    with Upgraded(*request.param) as upgraded:
        yield upgraded


def timeline(house: Upgraded, ref: str) -> list[dict]:
    return house.api("GET", f"/cases/{ref}").body["timeline"]


def test_what_was_being_sent_is_sent_and_what_waited_is_told_and_answered(house):
    ivana = house.phones["ivana"]
    assert "usvojen" in ivana.hears("Odluka"), "the message that was in hand when the old release died"
    ivana.hears("Spremno"), "the change that nobody had dealt with"
    eventually(lambda: len(ivana.heard()) >= 3, "the question that nobody had answered")


def test_everything_is_as_it_was(house):
    case = house.api("GET", "/cases/petar").body
    assert case["applicant"] == {"name": "Petar Savić", "phone": "+436641234567"}
    assert case["consent"]["text_version"] == "2026-1"
    states = [message["state"] for event in timeline(house, "ivana") for message in event["messages"]]
    assert states[0] == "seen"
    assert house.api("GET", "/cases/mirza").body["consent"]["withdrawn_at"]


def test_the_systems_old_key_and_its_repeated_event_are_known(house):
    assert house.key == house.facts["key"]
    answer = house.change("ivana", "1", "awaiting_other_body", waiting_for="KJKP Vodovod i kanalizacija")
    assert answer.status == 200, answer


def test_an_old_slip_still_connects(house):
    petar = house.phone("Petar")
    petar.open(house.facts["petar_link"])
    petar.say("Počni")
    petar.hears("06-23-1849/26")


def test_a_withdrawn_consent_stays_withdrawn(house):
    house.change("mirza", "1", "decided", outcome="refused")
    eventually(lambda: timeline(house, "mirza")[-1]["not_told"], "the reason why he is not told")
    assert timeline(house, "mirza")[-1]["not_told"][0]["reason"] == "withdrawn"


def test_what_is_too_old_goes(house):
    dropped = 'telal_retention_dropped{class="delivery_log"} 1.0'
    eventually(
        lambda: dropped in str(ask("GET", f"{house.url}/metrics").body), "the worker drops an old message"
    )


def test_the_timeline_is_still_written_once(house):
    program = """
import django
django.setup()
from django.db import DatabaseError
from telal.cases.models import CaseEvent
try:
    CaseEvent.objects.update(status="archived")
except DatabaseError:
    print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**house.environment, "DJANGO_SETTINGS_MODULE": "telal.config.settings"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "refused\n"
