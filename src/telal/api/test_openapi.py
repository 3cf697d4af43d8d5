"""What we say about the API is true."""

import json

import pytest
from jsonschema_rs import Draft202012Validator

from telal.api.v1 import schemas
from telal.api.v1.examples import EXAMPLES, KEY, REF
from telal.api.v1.openapi import document

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(client, settings):
    settings.STATIC_ROOT = None
    return client


def test_the_document_is_open_and_complete(stranger):
    answer = stranger.get("/api/v1/openapi.json")
    served = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert served["openapi"].startswith("3.1")
    assert set(served["paths"]) == {
        "/api/v1/cases/{ref}",
        "/api/v1/cases/{ref}/events",
        "/api/v1/cases/{ref}/invitation",
        "/api/v1/cases/{ref}/consent",
        "/api/v1/events",
    }
    for path in served["paths"].values():
        for operation in path.values():
            assert operation["security"]
            for status, response in operation["responses"].items():
                assert list(response.get("content", {})) == ["application/problem+json"] or status < "400"


def test_every_reference_leads_somewhere():
    defined = {f"#/components/schemas/{name}" for name in document()["components"]["schemas"]}
    assert set(_references(document())) == defined


def _references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else ())
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _references(each)


def test_the_examples_can_be_sent_and_are_answered_so(dms):
    put, event, line = (EXAMPLES[name] for name in ("putCase", "recordEvent", "recordEvents"))
    answers = {
        "putCase": dms.send("PUT", f"cases/{REF}", put.sent).json(),
        "earlier": dms.event("earlier", REF, status="in_progress", occurred_at="2026-11-20T12:00").json(),
        "recordEvent": dms.event(KEY, REF, **event.sent).json(),
        "getCase": dms.get(REF),
        "newInvitation": dms.send("POST", f"cases/{REF}/invitation").json(),
    }
    for name, example in EXAMPLES.items():
        if name in answers:
            assert _shape(answers[name]) == _shape(example.answered), name
    [result] = dms.lines(line.sent)
    assert (result["status"], result["event"]) == (200, answers["recordEvent"])
    recorded_at = answers["recordEvent"]["recorded_at"]
    assert answers["recordEvent"] == {**event.answered, "recorded_at": recorded_at}


def _shape(value):
    """The names in an object and in the objects within it; what is in lists varies."""
    return {name: _shape(part) for name, part in value.items()} if isinstance(value, dict) else None


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("putCase", schemas.CaseWithInvitation),
        ("getCase", schemas.CaseWithTimeline),
        ("recordEvent", schemas.EventOut),
        ("recordEvents", schemas.LineResult),
        ("newInvitation", schemas.InvitationAnswer),
    ],
)
def test_the_example_answers_are_of_the_promised_shape(name, model):
    schema = {"$ref": f"#/components/schemas/{model.__name__}", "components": document()["components"]}
    validator = Draft202012Validator(schema, validate_formats=True)
    assert [str(error) for error in validator.iter_errors(EXAMPLES[name].answered)] == []


def test_the_page_needs_nothing_from_elsewhere(stranger):
    answer = stranger.get("/api/v1/docs")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "awaiting_other_body" in text
    assert "consent.given_at" in text
    assert "<script" not in text
    assert " style=" not in text
    assert json.dumps(REF) in text.replace("&quot;", '"')
