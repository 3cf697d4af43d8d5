"""Who may come in, and what is said to those who come with something wrong."""

import io
import json
import time

import pytest
from django.db import OperationalError
from django.utils import timezone
from structlog.testing import capture_logs

from telal.api import keys
from telal.api.models import ApiKey
from telal.api.test_cases import problem
from telal.api.v1 import bodies, recording

pytestmark = pytest.mark.django_db


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_hash_of_a_key_is_kept(dms):
    assert dms.key.startswith("telal_")
    assert dms.key not in str(ApiKey.objects.values())


def test_a_name_has_one_valid_key(dms):
    with pytest.raises(keys.NameTaken):
        keys.create("DMS ")
    assert keys.revoke("DMS") == 1
    assert keys.revoke("DMS") == 0
    assert keys.create("DMS") != dms.key


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0"])
def test_a_key_needs_a_name(db, name):
    with pytest.raises(ValueError, match="Name the key"):
        keys.create(name)


def test_a_revoked_key_opens_nothing(dms):
    keys.revoke("DMS")
    answer = dms.put()
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer \xff"])
def test_without_a_valid_key_nothing_opens(dms, header):
    document = problem(dms.send("PUT", "cases/A-1", dms.case, Authorization=header), 401)
    assert "nonsense" not in str(document)


def test_a_key_revoked_by_another_process_opens_nothing_within_seconds(dms, monkeypatch):
    assert dms.put().status_code == 201
    ApiKey.objects.update(revoked_at=timezone.now())
    soon = time.monotonic() + keys.REMEMBERED
    monkeypatch.setattr(time, "monotonic", lambda: soon)
    problem(dms.put(), 401)


def test_the_day_of_use_is_noted_once_and_the_key_not_asked_for_each_time(
    dms, django_assert_num_queries, monkeypatch
):
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    dms.send("GET", "cases/A-1")
    assert ApiKey.objects.get().last_used_on == timezone.localdate()
    with django_assert_num_queries(1):  # the case
        dms.send("GET", "cases/A-1")


# ── Bodies ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_broken_json_says_where(dms):
    document = problem(dms.send("PUT", "cases/A-1", b'{\n  "number": \n}'), 400)
    assert "line 3, column 1" in document["detail"]


def test_another_encoding_says_so(dms):
    document = problem(
        dms.send("PUT", "cases/A-1", json.dumps(dms.case, ensure_ascii=False).encode("cp1250")), 400
    )
    assert "UTF-8" in document["detail"]


def test_a_byte_order_mark_does_no_harm(dms):
    assert dms.send("PUT", "cases/A-1", b"\xef\xbb\xbf" + json.dumps(dms.case).encode()).status_code == 201


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1"])
def test_a_body_is_an_object(dms, body):
    assert problem(dms.send("PUT", "cases/A-1", body), 422)["errors"][0]["field"] == "body"


def test_an_empty_body_says_so(dms):
    assert "empty" in problem(dms.send("PUT", "cases/A-1"), 400)["detail"]


def test_a_form_is_not_json(dms):
    answer = dms.send("PUT", "cases/A-1", dms.case, content_type="application/x-www-form-urlencoded")
    assert "application/json" in problem(answer, 415)["detail"]


def test_a_body_has_a_limit(dms):
    problem(dms.put(subject="x" * bodies.LARGEST_BODY), 413)
    problem(dms.send("POST", "events", b"\n" * (33 << 20), content_type="application/x-ndjson"), 413)


def test_a_body_may_come_in_chunks(dms, client):
    """Without a Content-Length, as .NET and Java send it and our server hands it on."""
    chunked = {
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_AUTHORIZATION": f"Bearer {dms.key}",
        "wsgi.input": io.BytesIO(json.dumps(dms.case).encode()),
    }
    answer = client.put("/api/v1/cases/A-1", **chunked)
    assert answer.status_code == 201


# ── Elsewhere ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["", "nothing", "cases", "cases/", "cases//events/x/", "events/"])
def test_every_other_address_is_a_problem(dms, path):
    problem(dms.send("GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "cases/A-1", "GET, PUT"),
        ("GET", "cases/A-1/events", "POST"),
        ("DELETE", "events", "POST"),
        ("POST", "docs", "GET, HEAD"),
    ],
)
def test_another_method_is_a_problem(dms, method, path, allowed):
    answer = dms.send(method, path)
    problem(answer, 405)
    assert answer.headers["Allow"] == allowed


def test_our_fault_tells_nothing_of_what_is_inside(dms, monkeypatch):
    def fail(ref):
        raise RuntimeError("Ana Anić +38761123456")

    monkeypatch.setattr(recording, "find", fail)
    with capture_logs() as logs:
        document = problem(dms.send("GET", "cases/A-1"), 500)
    assert "Ana" not in str(document)
    assert [entry["error"] for entry in logs] == ["RuntimeError"]
    assert "Ana" not in str(logs)


def test_a_database_out_of_reach_is_nobodys_fault_and_says_when_to_come_again(dms, monkeypatch):
    def fail(ref):
        raise OperationalError("Ana Anić +38761123456")

    monkeypatch.setattr(recording, "find", fail)
    answer = dms.send("GET", "cases/A-1")
    assert "Ana" not in str(problem(answer, 503))
    assert answer.headers["Retry-After"] == "5"


def test_nothing_personal_is_logged(dms, caplog, capfd):
    caplog.set_level("DEBUG", "telal")
    caplog.set_level("DEBUG", "django.request")
    token = dms.put(consent=dms.consent).json()["invitation"]["token"]
    dms.put(applicant={"name": "Ana Anić", "phone": "nije broj"})
    dms.event(status="nothing")
    problem(dms.send("GET", "cases/Ana"), 404)
    logged = caplog.text + "".join(capfd.readouterr())
    for secret in (dms.key, token, "Ana", "61123456", "nije broj"):
        assert secret not in logged
