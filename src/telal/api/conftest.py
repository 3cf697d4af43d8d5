"""A document management system that calls the API."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from telal.api import keys
from telal.staff import audit
from telal.staff.audit import Draft


class Dms:
    """Speaks to the API with its own key; ``number`` and ``phone`` are of a made-up citizen."""

    case = {
        "number": "UP1-06-23-1847/2026",
        "kind": "administrative",
        "subject": "Zahtjev za izdavanje građevinske dozvole",
        "received_on": "2026-11-20",
        "applicant": {"name": "Ana Anić", "phone": "061 123 456"},
    }
    consent = {"given_at": "2026-11-20T09:12:00+01:00", "recorded_by": "m.kovac", "text_version": "2026-1"}

    def __init__(self) -> None:
        self.key = keys.create("DMS")
        self._client = Client()

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        **headers: str | None,
    ) -> Any:
        """``body`` as JSON, or as it is when it is bytes."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", **headers}
        return self._client.generic(
            method, f"/api/v1/{path}", data, content_type=content_type,
            headers={name: value for name, value in headers.items() if value is not None},
        )  # fmt: skip

    def put(self, ref: str = "A-1", **changes: Any) -> Any:
        return self.send("PUT", f"cases/{quote(ref, safe='')}", {**self.case, **changes})

    def get(self, ref: str = "A-1") -> Any:
        return self.send("GET", f"cases/{quote(ref, safe='')}").json()

    def event(self, key: str = "e1", ref: str = "A-1", **event: Any) -> Any:
        return self.send("POST", f"cases/{quote(ref, safe='')}/events", event, **{"Idempotency-Key": key})

    def lines(self, *lines: Any) -> list[Any]:
        """The results of a batch; a line given as bytes goes as it is."""
        body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        answer = self.send("POST", "events", body, content_type="application/x-ndjson")
        assert answer.status_code == 200, answer.content
        return [json.loads(line) for line in answer.content.splitlines()]


@pytest.fixture(autouse=True)
def noted(monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """What is handed to the thread that writes the audit log."""
    handed: list[Draft] = []
    monkeypatch.setattr(audit, "later", handed.append)
    return handed


@pytest.fixture
def dms(db: None, settings: Any) -> Dms:
    # Nothing has been collected into it, and whitenoise would warn.
    settings.STATIC_ROOT = None
    return Dms()
