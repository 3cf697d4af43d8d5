"""Whatever is thrown at the webhook gets a clear answer, and loses nothing."""

import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.house import TOKEN, Answer, House, ask, eventually

_tokens = count(5_800_000_000_000_000_001)


def signature(body: bytes, key: str = TOKEN) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def post(house: House, body: bytes, *, header: str | None = None, query: str = "") -> Answer:
    headers = {} if header is None else {"X-Viber-Content-Signature": header}
    return ask("POST", f"{house.url}/hooks/viber/{query}", body, headers=headers)


def event(**fields: object) -> bytes:
    whole = {"timestamp": int(time.time() * 1000), "message_token": next(_tokens), **fields}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "surrogatepass")


def said(text: str, address: str = "nobody==") -> bytes:
    return event(event="message", sender={"id": address, "name": "I"}, message={"type": "text", "text": text})


def test_a_signature_may_come_in_the_header_or_in_the_address(house):
    body = said("Dobar dan")
    assert post(house, body, header=signature(body)).status == 200
    assert post(house, body, query=f"?sig={signature(body)}").status == 200


@pytest.mark.parametrize("forged", [None, "", "é", "0" * 64, "abc", signature(b"{}", "another key")])
def test_a_forged_callback_is_refused_without_detail(house, forged):
    answer = post(house, said("x"), header=forged)
    assert (answer.status, answer.body) == (403, "The signature does not match.")


def test_header_and_address_must_agree(house):
    body = said("x")
    assert post(house, body, header=signature(body), query="?sig=" + "0" * 64).status == 403


def test_one_byte_more_breaks_the_signature(house):
    body = said("x")
    assert post(house, body + b" ", header=signature(body)).status == 403


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[1]", b"1", b"{}", b'{"event": 7}', '{"event": "č'.encode("cp1250")]
)
def test_what_cannot_be_read_is_said_in_words(house, body):
    answer = post(house, body, header=signature(body))
    assert answer.status == 400
    assert len(str(answer.body)) > 10


def test_the_check_of_set_webhook_has_its_numbers_swapped(house):
    body = b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}'
    assert post(house, body, header=signature(body)).status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"event": "client_status", "user": {"id": "x"}, "status": {"type": "payment"}},
        {"event": "something_new"},
        {"event": "message"},
        {"event": "message", "sender": None, "message": "text"},
        {"event": "message", "sender": {"id": "x=="}, "message": {"type": "text"}},
        {"event": "message", "sender": {"id": "x=="}, "message": {"type": "hologram"}},
        {
            "event": "message",
            "sender": {"id": "x=="},
            "message": {"type": "text", "text": "nula \x00 i \ud83d pola znaka"},
        },
        {"event": "delivered", "user_id": "x==", "message_token": "5741311803571721087"},
        {"event": "seen", "user_id": "x==", "message_token": "not a number"},
        {"event": "unsubscribed", "user_id": "x" * 5000},
        {"event": "subscribed", "user": {"id": "\x00"}, "timestamp": -1},
        {"event": "x" * 500, "timestamp": "yesterday", "message_token": 10**40},
    ],
)
def test_what_we_cannot_use_is_acknowledged_so_that_it_is_not_repeated(house, fields):
    body = json.dumps(
        {"timestamp": int(time.time() * 1000), "message_token": next(_tokens), **fields}
    ).encode()
    assert post(house, body, header=signature(body)).status == 200
    eventually(lambda: house.waiting() == 0, "it is dealt with")


def test_a_bad_one_spoils_no_good_one(house):
    ivana = house.phone("Ivana")
    odd = ({"event": f"odd{n}\x00", "message_token": next(_tokens), "user_id": "\x00"} for n in range(40))
    bodies = [said("Moji predmeti", ivana.id), *(json.dumps(event).encode() for event in odd)]
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda body: post(house, body, header=signature(body)), bodies))
    assert {answer.status for answer in answers} == {200}
    eventually(lambda: house.waiting() == 0, "all are dealt with")


def test_a_huge_body_and_the_wrong_method_are_refused(house):
    body = said("x" * 300_000)
    assert post(house, body, header=signature(body)).status == 413
    assert ask("GET", f"{house.url}/hooks/viber/").status == 405


def test_nothing_personal_reaches_a_log(house):
    """After all these stories: no token of ours, no number, no text in what the processes printed."""
    for name in house.commands:
        log = house.log(name)
        for secret in (TOKEN, "61123456", "061 123 456", "Moji predmeti", "Ivana"):
            assert secret not in log, name
