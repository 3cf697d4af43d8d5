"""What Viber tells us, as Viber, its libraries, and those who would like to be Viber, say it."""

import dataclasses
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.channels.viber import Viber
from telal.messaging.channel import (
    Forged,
    Joined,
    Left,
    Malformed,
    Opened,
    Person,
    Receipt,
    Said,
)

NOW = datetime(2025, 12, 22, 11, 0, tzinfo=UTC)
AT = datetime(2025, 12, 22, 10, 40, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
IVANA = "q83vEjRWeJASNFZ4kKvN7w=="
USER = {"id": IVANA, "name": "Ivana", "language": "bs", "country": "BA", "api_version": 10}
PERSON = Person(IVANA, name="Ivana", language="bs", country="BA")

viber = Viber(TOKEN, name="Grad Primjer", now=lambda: NOW)


def event(name, **fields):
    return {"event": name, "timestamp": 1766400000000, "message_token": 5741311803571721087, **fields}


def said(message, **fields):
    return event("message", sender=USER, message=message, **fields)


def verify(payload):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return viber.verify(body, sign(body), None)


def decode(payload):
    return viber.decode(payload if isinstance(payload, str) else json.dumps(payload))


def sign(body, token=TOKEN):
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def hashed(address):
    return hashlib.sha256(address.encode()).hexdigest()[:32]


# ── Is it Viber? ────────────────────────────────────────────────────────────────────────────────────────────

WEBHOOK = b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}'
WEBHOOK_SIGNATURE = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"


def test_the_published_signature_of_a_webhook_check_verifies():
    callback = viber.verify(WEBHOOK, WEBHOOK_SIGNATURE, None)
    assert (callback.kind, callback.address, callback.at) == ("webhook", "", NOW)  # its numbers are swapped


def test_the_published_signature_of_an_unsubscription_verifies():
    body = (
        b'{"event":"unsubscribed","timestamp":1516678387902,"user_id":"KMMqtlNTDxIm/5bZhdQ5uA==",'
        b'"message_token":5136431130449316903}'
    )
    bot = Viber("44b935abea139fd6-53fa53b32559c4a6-12dbd3d883b06835", name="Grad")
    callback = bot.verify(body, "d84d8648b402a2737838fea4da41d903d1af1aed92466b1758828ad27e31a9f9", None)
    assert callback.key == f"unsubscribed 5136431130449316903 {hashed('KMMqtlNTDxIm/5bZhdQ5uA==')}"
    assert bot.decode(callback.body) == Left("KMMqtlNTDxIm/5bZhdQ5uA==", callback.at)


def test_a_signed_body_that_is_no_event_is_malformed_and_not_forged():
    with pytest.raises(Malformed):
        Viber("2", name="Grad").verify(
            b"1", "4703d481ddedca88184497744b52937586bef3b273645082c04529f73b85456e", None
        )


@pytest.mark.parametrize(
    ("signature", "fallback"),
    [
        (WEBHOOK_SIGNATURE, None),
        (None, WEBHOOK_SIGNATURE),
        (WEBHOOK_SIGNATURE, WEBHOOK_SIGNATURE),
        (WEBHOOK_SIGNATURE.upper(), None),
    ],
)
def test_header_or_parameter_will_do_and_hexadecimal_has_no_case(signature, fallback):
    assert viber.verify(WEBHOOK, signature, fallback).kind == "webhook"


@pytest.mark.parametrize(
    ("signature", "fallback"),
    [
        (None, None),
        ("", None),
        (None, ""),
        ("", WEBHOOK_SIGNATURE),
        (WEBHOOK_SIGNATURE, "0" * 64),
        ("0" * 64, WEBHOOK_SIGNATURE),
        (WEBHOOK_SIGNATURE[:-1], None),
        (WEBHOOK_SIGNATURE + "\n", None),
        ("đ" * 64, None),
        ("\ud800", None),
    ],
)
def test_anything_else_is_forged_and_says_no_more(signature, fallback):
    with pytest.raises(Forged) as forged:
        viber.verify(WEBHOOK, signature, fallback)
    assert str(forged.value) == ""


def test_one_more_space_is_another_body():
    with pytest.raises(Forged):
        viber.verify(WEBHOOK + b" ", WEBHOOK_SIGNATURE, None)


def test_without_a_token_nothing_verifies():
    signature_of_an_empty_key = hmac.new(b"", WEBHOOK, hashlib.sha256).hexdigest()
    with pytest.raises(Forged):
        Viber("", name="Grad").verify(WEBHOOK, signature_of_an_empty_key, None)


# ── Which event is it? ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "payload",
    [
        event("message", sender=USER, message={"type": "text", "text": "Dobar dan"}),
        event("subscribed", user=USER),
        event("conversation_started", user=USER, type="open"),
        event("unsubscribed", user_id=IVANA),
        event("delivered", user_id=IVANA),
        event("seen", user_id=IVANA),
        event("failed", user_id=IVANA, desc="keyboard is not valid"),
        event("client_status", user=USER, status={"type": "payment", "code": 0}),
    ],
)
def test_an_event_is_known_by_its_name_its_token_and_its_person(payload):
    callback = verify(payload)
    assert callback.key == f"{payload['event']} 5741311803571721087 {hashed(IVANA)}"
    assert (callback.kind, callback.address, callback.at) == (payload["event"], IVANA, AT)
    assert json.loads(callback.body) == payload
    assert callback.welcome is (payload["event"] == "conversation_started")


def test_a_repeated_delivery_has_the_same_key_however_its_token_is_written():
    again = event("delivered", user_id=IVANA, chat_hostname="SN-149_", message_token="5741311803571721087")
    assert verify(again).key == verify(event("delivered", user_id=IVANA)).key


def test_delivered_and_seen_share_a_token_but_not_a_key():
    assert verify(event("delivered", user_id=IVANA)).key != verify(event("seen", user_id=IVANA)).key


@pytest.mark.parametrize(
    "token", [None, "", "abc", True, 5.7e18, [], {}, 1 << 63, 10**30, "9" * 19, "٥", "1_0"]
)
def test_without_a_usable_token_the_body_is_the_key(token):
    body = json.dumps(event("delivered", user_id=IVANA, message_token=token)).encode()
    assert verify(body).key == hashlib.sha256(body).hexdigest()


def test_a_token_keeps_all_its_nineteen_digits():
    assert (
        decode(event("seen", user_id=IVANA, message_token=4912661846655238145)).token == 4912661846655238145
    )


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (1766400000123, AT + timedelta(milliseconds=123)),
        ("1766400000000", AT),
        (1766400000000 + 3600 * 1000, NOW),
        (4977069964384421269, NOW),
        (-1, EPOCH),
        (None, EPOCH),
        ("soon", EPOCH),
        (float(1766400000000), EPOCH),
        ([], EPOCH),
    ],
)
def test_no_moment_is_ahead_of_us_and_none_at_all_is_long_ago(timestamp, at):
    assert verify(event("seen", user_id=IVANA, timestamp=timestamp)).at == at


@pytest.mark.parametrize(
    "user_id", [None, 7, [], {}, "", "with space", "Đurđa", "nul\x00", "a" * 101, {"id": None}]
)
def test_a_person_without_a_usable_id_is_nobody(user_id):
    assert verify(event("unsubscribed", user_id=user_id)).address == ""
    assert decode(event("unsubscribed", user_id=user_id)) is None


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "The callback is not JSON."),
        (b"}{", "The callback is not JSON."),
        (b"[" * 100_000, "The callback is not JSON."),
        (b"\xff\xfe", "The callback is not UTF-8 text."),
        (b"1", "The callback is JSON, but not an object."),
        (b"[]", "The callback is JSON, but not an object."),
        (b"{}", "The callback does not name its event."),
        (b'{"event": 7}', "The callback does not name its event."),
        (b'{"event": "\\u0000"}', "The callback does not name its event."),
    ],
)
def test_a_signed_body_that_cannot_be_read_says_why(body, complaint):
    with pytest.raises(Malformed) as malformed:
        verify(body)
    assert str(malformed.value) == complaint


def test_an_event_viber_has_yet_to_invent_is_kept_within_bounds():
    callback = verify(event("x" * 5000))
    assert callback.kind == "x" * 40
    assert len(callback.key) == 64


# ── What does it say? ───────────────────────────────────────────────────────────────────────────────────────


def test_a_link_from_the_slip_opens_the_chat_with_its_context():
    opened = decode(
        event("conversation_started", user=USER, type="open", context="c1-7Yp2Qm", subscribed=False)
    )
    assert opened == Opened(PERSON, AT, context="c1-7Yp2Qm")


def test_old_payloads_leave_out_almost_everything():
    assert decode(event("conversation_started", user={"id": IVANA})) == Opened(Person(IVANA), AT)


def test_joining_and_leaving():
    assert decode(event("subscribed", user=USER)) == Joined(PERSON, AT)
    assert decode(event("unsubscribed", user_id=IVANA)) == Left(IVANA, AT)


@pytest.mark.parametrize("kind", ["delivered", "seen"])
def test_receipts(kind):
    assert decode(event(kind, user_id=IVANA)) == Receipt(IVANA, AT, 5741311803571721087, kind)


def test_a_failure_says_why():
    failed = decode(event("failed", user_id=IVANA, desc="keyboard is not valid"))
    assert (failed.kind, failed.detail) == ("failed", "keyboard is not valid")


def test_a_receipt_for_nothing_is_ignored():
    assert decode(event("seen", user_id=IVANA, message_token=None)) is None


def test_a_citizen_writes():
    heard = decode(said({"type": "text", "text": "Status 2025-1187", "tracking_data": "v1:menu"}))
    assert heard == Said(
        PERSON, AT, "text", text="Status 2025-1187", reference="v1:menu", token=5741311803571721087
    )


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        ({"type": "text"}, "text", ""),
        ({"type": "text", "text": 5}, "text", ""),
        ({"type": "text", "text": "こんにちは שלום 🙂"}, "text", "こんにちは שלום 🙂"),
        ({"type": "picture", "media": "https://x.example/p.jpg", "text": "rješenje"}, "picture", "rješenje"),
        ({"type": "video", "media": "https://x.example/v.mp4", "size": 812345}, "video", ""),
        ({"type": "file", "media": "https://x.example/f.pdf", "file_name": "f.pdf"}, "file", ""),
        ({"type": "sticker", "sticker_id": "40133"}, "sticker", ""),
        ({"type": "location", "location": {"lat": "43.8", "lon": 18.4}}, "location", ""),
        ({"type": "url", "media": "https://grad.example/a"}, "url", "https://grad.example/a"),
        ({"type": "hologram", "text": "?"}, "hologram", "?"),
        ({}, "unknown", ""),
        (None, "unknown", ""),
        ("text", "unknown", ""),
        ({"type": ["text"]}, "unknown", ""),
    ],
)
def test_whatever_a_citizen_sends_is_something_said(message, kind, text):
    heard = decode(said(message))
    assert (heard.person, heard.kind, heard.text) == (PERSON, kind, text)


def test_ones_own_number_comes_without_a_name_and_with_the_buttons_words():
    heard = decode(said({"type": "contact", "text": "sp:9f2c", "contact": {"phone_number": "38761123456"}}))
    assert (heard.text, heard.contact_phone, heard.contact_named) == ("sp:9f2c", "38761123456", False)


@pytest.mark.parametrize(
    ("contact", "phone", "named"),
    [
        ({"name": "Petar", "phone_number": "+38761123456"}, "+38761123456", True),
        ({"name": "", "phone_number": 38761123456}, "38761123456", False),
        ({"name": {"first": "Petar"}, "phone_number": []}, "", True),
        ([], "", False),
        (None, "", False),
    ],
)
def test_a_forwarded_contact_has_a_name(contact, phone, named):
    heard = decode(said({"type": "contact", "contact": contact}))
    assert (heard.contact_phone, heard.contact_named) == (phone, named)


def test_a_number_beside_a_text_is_no_shared_contact():
    heard = decode(said({"type": "text", "text": "sp:9f2c", "contact": {"phone_number": "38761123456"}}))
    assert heard.contact_phone == ""


@pytest.mark.parametrize("name", ["webhook", "client_status", "toString", "a new one"])
def test_other_events_are_acknowledged_and_ignored(name):
    assert decode(event(name, user=USER, user_id=IVANA, sender=USER)) is None


def test_what_cannot_be_stored_is_taken_out_of_every_text():
    callback = verify(said({"type": "text", "text": "ku\x00ća \ud83d", "tracking_data": "v1\x00"}))
    heard = viber.decode(callback.body)
    assert callback.body.encode()
    assert (heard.text, heard.reference) == ("kuća ", "v1")


# ── Whatever else may come ──────────────────────────────────────────────────────────────────────────────────

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
fields = st.sampled_from(
    ["event", "timestamp", "message_token", "sender", "user", "user_id", "message", "context", "subscribed"]
)
people = st.fixed_dictionaries(
    {"id": st.just(IVANA) | anything}, optional={"name": anything, "language": anything}
)
events = st.fixed_dictionaries(
    {
        "event": st.sampled_from(
            sorted(["message", "subscribed", "conversation_started", "seen", "unsubscribed"])
        )
    },
    optional={
        "timestamp": anything,
        "message_token": anything,
        "sender": people | anything,
        "user": people | anything,
        "user_id": st.just(IVANA) | anything,
        "message": st.dictionaries(st.sampled_from(["type", "text", "contact", "tracking_data"]), anything)
        | anything,
    },
)


@given(events | st.dictionaries(fields, anything) | anything)
def test_no_json_breaks_the_reading(payload):
    try:
        callback = verify(payload)
    except Malformed:
        return
    heard = viber.decode(callback.body)
    assert 0 < len(callback.kind) <= 40
    assert len(callback.address) <= 100
    assert storable(callback.kind + callback.key + callback.address)
    assert heard is None or storable(json.dumps(dataclasses.asdict(heard), default=str, ensure_ascii=False))


def storable(text):
    return bool(text.encode()) and "\x00" not in text and "\\u0000" not in text


@given(st.binary())
def test_no_bytes_break_the_reading(body):
    with pytest.raises(Malformed):
        verify(body)
