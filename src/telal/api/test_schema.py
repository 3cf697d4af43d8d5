"""Whatever is sent, the answer is one that the OpenAPI document promises."""

import json
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from telal.api.v1.openapi import document

pytestmark = pytest.mark.django_db

schemathesis.serializer("application/x-ndjson")(lambda context, value: json.dumps(value).encode())
_OPERATIONS = [
    operation.ok() for operation in schemathesis.openapi.from_dict(document()).get_all_operations()
]
WITH_BODIES = [operation for operation in _OPERATIONS if operation.body]


@pytest.mark.parametrize("operation", WITH_BODIES, ids=lambda operation: operation.label)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_promised(dms, operation, mode):
    dms.put("0", consent=dms.consent)

    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data):
        _check(operation, _send(dms, data.draw(operation.as_strategy(generation_mode=mode))))

    ask()


def _send(dms, case):
    ref = quote(str((case.path_parameters or {}).get("ref", "")), safe="")
    path = case.operation.path.removeprefix("/api/v1/").replace("{ref}", ref)
    media_type = case.media_type or "application/json"
    body = case.body if isinstance(case.body, bytes | NotSet) else json.dumps(case.body).encode()
    headers = {
        name: value
        for name, value in (case.headers or {}).items()
        if name.lower() == "idempotency-key" and isinstance(value, str)
    }
    return dms.send(
        case.method, path, None if isinstance(body, NotSet) else body, content_type=media_type, **headers
    )


def _check(operation, answer):
    responses = document()["paths"][operation.path][operation.method]["responses"]
    promised = responses[str(answer.status_code)]
    assert answer.status_code != 500, answer.content
    media_type = answer.headers["Content-Type"].partition(";")[0]
    for line in answer.content.splitlines():
        schema = {**promised["content"][media_type]["schema"], "components": document()["components"]}
        Draft202012Validator(schema, validate_formats=True).validate(json.loads(line))
