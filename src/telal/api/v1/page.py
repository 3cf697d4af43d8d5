"""The OpenAPI document for machines, and a page of it for people: plain HTML, made here, with nothing from anywhere else."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from telal.api.v1.openapi import document
from telal.api.v1.problems import KINDS, Kind
from telal.cases.statuses import OUTCOMES, STATUSES

_READING_ORDER = ("putCase", "getCase", "recordEvent", "recordEvents", "newInvitation", "withdrawConsent")


@dataclass(frozen=True, slots=True)
class Row:
    """A field or parameter: its path, its type in words, and what to know about it."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    kind: Kind | None
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    description: list[str]
    parameters: list[Row]
    media_type: str
    body: list[Row]
    sent: str
    answers: list[Answer]
    answered: str


@require_safe
def openapi(_: HttpRequest) -> HttpResponse:
    """The document, for generators of clients."""
    served = {**document(), "servers": [{"url": settings.TELAL_PUBLIC_URL}]}
    return HttpResponse(orjson.dumps(served, option=orjson.OPT_INDENT_2), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same, to be read."""
    return render(
        request,
        "api/docs.html",
        {
            "about": document()["info"]["description"].split("\n\n"),
            "server": settings.TELAL_PUBLIC_URL,
            "operations": _operations(document()),
            "statuses": STATUSES.values(),
            "outcomes": OUTCOMES.values(),
            "problems": KINDS.items(),
        },
    )


def _operations(schema: Mapping[str, Any]) -> list[Operation]:
    schemas = schema["components"]["schemas"]
    found = [
        _operation(method, path, operation, schemas)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    return sorted(found, key=lambda operation: _READING_ORDER.index(operation.anchor))


def _operation(method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    contents: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    media_type = next(iter(contents), "")
    body = contents.get(media_type, {})
    answers = [
        Answer(int(status), KINDS.get(int(status)), each["description"])
        for status, each in operation["responses"].items()
    ]
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation["description"].split("\n\n"),
        parameters=[
            _row(each["name"], {**each["schema"], **each}, each["required"])
            for each in operation["parameters"]
        ],
        media_type=media_type,
        body=list(_rows(body.get("schema", {}), schemas)),
        sent=_shown(body.get("example")),
        answers=answers,
        answered=_shown(_example_answer(operation["responses"])),
    )


def _example_answer(responses: Mapping[str, Any]) -> Any:
    success = next(each for status, each in responses.items() if status.startswith("2"))
    return next((content.get("example") for content in success.get("content", {}).values()), None)


def _shown(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2) if example is not None else ""


def _rows(schema: Mapping[str, Any], schemas: Mapping[str, Any], prefix: str = "") -> Iterator[Row]:
    """The fields of a body; those of an object within it by their path."""
    schema = _resolved(schema, schemas)
    for name, field in schema.get("properties", {}).items():
        field = _resolved(field, schemas)
        yield _row(prefix + name, field, name in schema.get("required", ()))
        yield from _rows(field, schemas, f"{prefix}{name}.")


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself instead of a reference to it, and without ``null`` as the other choice."""
    for choice in schema.get("anyOf", ()):
        if choice != {"type": "null"}:
            return {
                **_resolved(choice, schemas),
                **{key: schema[key] for key in ("description",) if key in schema},
            }
    if "$ref" in schema:
        return {**schemas[schema["$ref"].rpartition("/")[2]], **schema}
    return schema


def _row(name: str, schema: Mapping[str, Any], required: bool) -> Row:
    return Row(name, _kind(schema), required, schema.get("description", ""))


_FORMATS = {"date": "date", "date-time": "moment"}


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(schema["enum"])
    if "maxLength" in schema:
        return f"text, at most {schema['maxLength']}"
    return _FORMATS.get(schema.get("format", "")) or str(schema.get("type", ""))
