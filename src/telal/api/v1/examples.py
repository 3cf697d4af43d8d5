"""One example of each request and its answer, shown in the OpenAPI document and on the page; the tests send them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """What is sent (None: nothing) and what comes back."""

    sent: Any
    answered: Any


REF = "DMS-2026-1847"
KEY = "DMS-2026-1847-3"

_OFFICER = {"name": "Amra Hadžić", "phone": "033 282 310", "room": "114"}

_CASE = {
    "ref": REF,
    "number": "UP1-06-23-1847/2026",
    "barcode": "111929",
    "kind": "administrative",
    "subject": "Zahtjev za izdavanje građevinske dozvole",
    "sensitive": False,
    "applicant": {"name": "Ana Anić", "phone": "+38761123456"},
    "received_on": "2026-11-20",
    "complete_since": None,
    "due_on": "2026-12-20",
    "due_given": True,
    "service": "",
    "status": "received",
    "outcome": "",
    "department": "Služba za urbanizam",
    "officer": _OFFICER,
    "waiting_for": "",
    "waiting_since": None,
    "changed_at": "2026-11-20T09:15:02.104318+01:00",
    "consent": {
        "given_at": "2026-11-20T09:12:00+01:00",
        "recorded_by": "m.kovac",
        "text_version": "2026-1",
        "language": "bs",
        "withdrawn_at": None,
    },
}
_INVITATION = {
    "url": "https://predmeti.example.ba/f/3pGfRk0mQx7cT1vZbLwN9sYhUe5dJ2aK",
    "token": "3pGfRk0mQx7cT1vZbLwN9sYhUe5dJ2aK",
    "pin": "402817",
    "viber_link": "viber://pa?chatURI=predmeti&context=3pGfRk0mQx7cT1vZbLwN9sYhUe5dJ2aK",
    "expires_at": "2026-12-20T09:15:02.104318+01:00",
}
_EVENT = {
    "case": REF,
    "key": KEY,
    "no": 3,
    "status": "awaiting_other_body",
    "outcome": "",
    "occurred_at": "2026-11-21T10:30:00+01:00",
    "recorded_at": "2026-11-21T10:31:40.518822+01:00",
    "department": "Služba za urbanizam",
    "officer": _OFFICER,
    "waiting_for": "JP Elektroprivreda BiH",
    "waiting_since": "2026-11-21",
    "due_on": "2026-12-20",
    "note": "",
    "source": "api",
    "actor": "DMS",
    "expected": True,
}
_MESSAGE = {
    "channel": "viber",
    "state": "delivered",
    "queued_at": "2026-11-21T10:31:40.911204+01:00",
    "sent_at": "2026-11-21T10:31:41.201377+01:00",
    "delivered_at": "2026-11-21T10:31:43+01:00",
    "seen_at": None,
    "ended_at": None,
    "attempts": [
        {
            "started_at": "2026-11-21T10:31:41.100262+01:00",
            "ended_at": "2026-11-21T10:31:41.201377+01:00",
            "outcome": "sent",
            "code": "",
            "detail": "",
        }
    ],
    "error": "",
    "error_detail": "",
    "billing": 1,
    "in_session": False,
}

_CASE_SENT = {
    "number": "UP1-06-23-1847/2026",
    "kind": "administrative",
    "subject": "Zahtjev za izdavanje građevinske dozvole",
    "received_on": "2026-11-20",
    "due_on": "2026-12-20",
    "department": "Služba za urbanizam",
    "officer": _OFFICER,
    "barcode": "111929",
    "applicant": {"name": "Ana Anić", "phone": "061 123 456"},
    "consent": {"given_at": "2026-11-20T09:12:00+01:00", "recorded_by": "m.kovac", "text_version": "2026-1"},
}
_EVENT_SENT = {
    "status": "awaiting_other_body",
    "occurred_at": "2026-11-21T10:30:00+01:00",
    "waiting_for": "JP Elektroprivreda BiH",
}

PROBLEM = {
    "type": "/api/v1/docs#invalid",
    "title": "A field is not as it should be",
    "status": 422,
    "detail": "consent.given_at: This field is required.",
    "errors": [{"field": "consent.given_at", "detail": "This field is required."}],
}

EXAMPLES = {
    "putCase": Example(_CASE_SENT, {**_CASE, "invitation": _INVITATION}),
    "getCase": Example(
        None,
        {
            **_CASE,
            "status": "awaiting_other_body",
            "waiting_for": "JP Elektroprivreda BiH",
            "waiting_since": "2026-11-21",
            "timeline": [{**_EVENT, "pending": False, "messages": [_MESSAGE], "not_told": []}],
        },
    ),
    "recordEvent": Example(_EVENT_SENT, _EVENT),
    "recordEvents": Example(
        {"case": REF, "key": KEY, **_EVENT_SENT},
        {"line": 1, "case": REF, "key": KEY, "status": 201, "event": _EVENT},
    ),
    "newInvitation": Example(None, {"ref": REF, "invitation": _INVITATION}),
}
