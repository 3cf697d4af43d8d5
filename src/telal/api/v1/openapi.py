"""The OpenAPI document: what django-ninja derives from the endpoints, and what it cannot know."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from telal.api.v1.api import api
from telal.api.v1.batches import MEDIA_TYPE as NDJSON
from telal.api.v1.examples import EXAMPLES, PROBLEM
from telal.api.v1.problems import KINDS
from telal.api.v1.problems import MEDIA_TYPE as PROBLEM_JSON
from telal.api.v1.schemas import LineIn, LineResult

PREFIX = "api/v1"


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1, complete. Do not change what you get."""
    schema: dict[str, Any] = {**api.get_openapi_schema(path_prefix=PREFIX)}
    for path in schema["paths"].values():
        for operation in path.values():
            _complete(operation)
    lines = schema["paths"][f"/{PREFIX}/events"]["post"]
    lines["requestBody"]["content"] = _ndjson("LineIn", EXAMPLES["recordEvents"].sent)
    lines["responses"]["200"]["content"] = _ndjson("LineResult", EXAMPLES["recordEvents"].answered)
    schema["components"]["schemas"] |= _definitions(LineIn, "validation") | _definitions(
        LineResult, "serialization"
    )
    return schema


def _complete(operation: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        # Of a parameter they are a map; django-ninja writes the list that a schema has.
        parameter.pop("examples", None)
    responses = {str(status): response for status, response in operation["responses"].items()}
    operation["responses"] = dict(sorted(responses.items()))
    for status, response in responses.items():
        if int(status) in KINDS:
            _complete_problem(int(status), response)
    _add_examples(operation)


def _complete_problem(status: int, response: dict[str, Any]) -> None:
    kind = KINDS[status]
    response["description"] = f"{kind.title}. {kind.remedy}"
    response["content"] = {PROBLEM_JSON: response["content"]["application/json"]}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == 405:
        response["headers"] = {"Allow": {"schema": {"type": "string"}}}
    if status == 422:
        response["content"][PROBLEM_JSON]["example"] = PROBLEM


def _add_examples(operation: dict[str, Any]) -> None:
    example = EXAMPLES.get(operation["operationId"])
    if example is None:
        return
    if example.sent is not None:
        body = operation.setdefault("requestBody", {"required": True, "content": {}})
        for content in body["content"].values():
            content["example"] = example.sent
    for status in ("200", "201"):
        for content in operation["responses"].get(status, {}).get("content", {}).values():
            content["example"] = example.answered


def _ndjson(model: str, example: Any) -> dict[str, Any]:
    """The schema is of one line."""
    return {NDJSON: {"schema": {"$ref": f"#/components/schemas/{model}"}, "example": example}}


def _definitions(model: type[BaseModel], mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode=mode)
    return {**schema.pop("$defs", {}), model.__name__: schema}
