"""What Viber tells us: is it really Viber, which event is it, and what does it say in our words.

Nothing here trusts the shape of the JSON: a field of the wrong type counts as absent. Answering an error to a
signed callback only makes Viber send it again for an hour.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from telal.channels.viber import wire
from telal.messaging.channel import (
    Callback,
    Forged,
    Incoming,
    Joined,
    Left,
    Malformed,
    Opened,
    Person,
    Receipt,
    ReceiptKind,
    Said,
)

# Where each event names the person: an object with an ``id``, or the id itself. "webhook" names nobody.
_PERSON_FIELD = {
    "message": "sender",
    "subscribed": "user",
    "conversation_started": "user",
    "client_status": "user",
    "unsubscribed": "user_id",
    "delivered": "user_id",
    "seen": "user_id",
    "failed": "user_id",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# In characters: far above anything Viber sends, and short enough for any column.
_WORD = 40
_HASH = 32
_ADDRESS = 100
_NAME = 100
_DETAIL = 300
_ISO_CODE = 2  # languages and countries


# ── Is it Viber? ────────────────────────────────────────────────────────────────────────────────────────────


def authenticate(token: bytes, body: bytes, signature: str | None, fallback: str | None) -> None:
    """Raise Forged unless there is a signature (header, ``sig`` parameter) and every one presented is right.

    The signature is the hexadecimal HMAC-SHA256 of the raw body; the key is the token's text. Without a token
    nothing verifies.
    """
    presented = [value for value in (signature, fallback) if value is not None]
    if not token or not presented:
        raise Forged
    expected = hmac.digest(token, body, "sha256").hex().encode()
    for value in presented:
        # Bytes, since compare_digest raises on text beyond ASCII.
        if not hmac.compare_digest(value.encode(errors="replace").lower(), expected):
            raise Forged


# ── Which event is it? ──────────────────────────────────────────────────────────────────────────────────────


def envelope(body: bytes, now: datetime) -> Callback:
    """The event's kind, person and moment. Raises Malformed.

    ``key`` is made of event, token and person, and not of the token alone: ``delivered``, ``seen`` and
    ``failed`` share the token of the message they are about. Without a usable token it is the SHA-256 of the
    body. ``kind`` is at most 40 characters long, ``address`` at most 100.
    """
    text = _decoded(body)
    kind, event = _event(text)
    address = _address(kind, event)
    return Callback(
        kind=kind[:_WORD],
        key=_key(kind, event, address) or hashlib.sha256(body).hexdigest(),
        address=address,
        at=_moment(event, now),
        body=text,
        welcome=kind == "conversation_started",
    )


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Malformed("The callback is not UTF-8 text.") from None


def _event(text: str) -> tuple[str, dict[str, Any]]:
    """The event's name and all its fields."""
    try:
        event = wire.load(text)
    except ValueError:
        raise Malformed("The callback is not JSON.") from None
    if not isinstance(event, dict):
        raise Malformed("The callback is JSON, but not an object.")
    kind = wire.string(event.get("event"))
    if not kind:
        raise Malformed("The callback does not name its event.")
    return kind, event


def _key(kind: str, event: dict[str, Any], address: str) -> str:
    """Unambiguous, and it is kept for ever: so it holds a hash of the person's id. Empty where there is no usable token."""
    token = wire.integer(event.get("message_token"))
    person = hashlib.sha256(address.encode()).hexdigest()[:_HASH] if address else ""
    return "" if token is None or len(kind) > _WORD else f"{kind} {token} {person}"


def _address(kind: str, event: dict[str, Any]) -> str:
    """Viber's id of the person, or nothing. An id is base64 text: what is unprintable or spaced is no id."""
    field = _PERSON_FIELD.get(kind)
    value = event.get(field) if field else None
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and _is_id(value) else ""


def _is_id(value: str) -> bool:
    return len(value) <= _ADDRESS and value.isascii() and value.isprintable() and " " not in value


def _moment(event: dict[str, Any], now: datetime) -> datetime:
    """When it happened: never later than ``now``, and 1970 where no number of milliseconds tells.

    A moment ahead would make whatever truly comes later look old; and the ``webhook`` event really comes with
    its token in the timestamp's place.
    """
    milliseconds = wire.integer(event.get("timestamp"))
    if milliseconds is None or milliseconds < 0:
        return _EPOCH
    return datetime.fromtimestamp(min(milliseconds / 1000, now.timestamp()), UTC)


# ── What does it say? ───────────────────────────────────────────────────────────────────────────────────────


def decode(body: str, now: datetime) -> Incoming | None:
    """The event in our words; None where it says nothing to us or names nobody. Raises Malformed."""
    kind, event = _event(body)
    translate = _TRANSLATIONS.get(kind)
    address = _address(kind, event)
    return translate(event, address, _moment(event, now)) if translate and address else None


def _opened(event: dict[str, Any], address: str, at: datetime) -> Opened:
    subscribed = event.get("subscribed") is True
    return Opened(_person(event["user"], address), at, wire.string(event.get("context")), subscribed)


def _joined(event: dict[str, Any], address: str, at: datetime) -> Joined:
    return Joined(_person(event["user"], address), at)


def _left(_event: dict[str, Any], address: str, at: datetime) -> Left:
    return Left(address, at)


def _said(event: dict[str, Any], address: str, at: datetime) -> Said:
    message = wire.mapping(event.get("message"))
    kind = wire.string(message.get("type"), _WORD) or "unknown"
    phone, named = _contact(message) if kind == "contact" else ("", False)
    return Said(
        _person(event["sender"], address),
        at,
        kind,
        text=_text(message, kind),
        reference=wire.string(message.get("tracking_data")),
        token=wire.integer(event.get("message_token")),
        contact_phone=phone,
        contact_named=named,
    )


def _text(message: dict[str, Any], kind: str) -> str:
    """What was written; for a link without words, the link."""
    return wire.string(message.get("text")) or (wire.string(message.get("media")) if kind == "url" else "")


def _contact(message: dict[str, Any]) -> tuple[str, bool]:
    contact = wire.mapping(message.get("contact"))
    number = contact.get("phone_number")
    phone = str(number) if wire.integer(number) is not None else wire.string(number)
    return phone, bool(contact.get("name"))


def _receipt(event: dict[str, Any], address: str, at: datetime) -> Receipt | None:
    token = wire.integer(event.get("message_token"))
    if token is None:
        return None
    return Receipt(
        address, at, token, cast(ReceiptKind, event["event"]), wire.string(event.get("desc"), _DETAIL)
    )


def _person(user: object, address: str) -> Person:
    fields = wire.mapping(user)
    return Person(
        address,
        name=wire.string(fields.get("name"), _NAME),
        language=wire.string(fields.get("language"), _ISO_CODE),
        country=wire.string(fields.get("country"), _ISO_CODE),
    )


_TRANSLATIONS: dict[str, Callable[[dict[str, Any], str, datetime], Incoming | None]] = {
    "conversation_started": _opened,
    "subscribed": _joined,
    "unsubscribed": _left,
    "message": _said,
    "delivered": _receipt,
    "seen": _receipt,
    "failed": _receipt,
}
