"""The vocabulary between Telal and any messaging platform. The one file of ours that a channel imports.

Upstream we speak of contacts, words and receipts; a channel turns them into its platform's JSON and back. Everything here is
a value: no clock, no database, no network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

ReceiptKind = Literal["delivered", "seen", "failed"]

# ── What we say ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Button:
    """A key of the keyboard under a message. Pressing it says ``says``, exactly as if the citizen had typed it.

    ``columns`` is its width on a grid of six. One that ``asks`` for the ``phone`` also hands over the person's own number, after
    they have agreed; where a device cannot do that, it only says ``says``.
    """

    text: str
    says: str
    columns: int = 6
    asks: Literal["", "phone"] = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person.

    ``address`` is the platform's id of the person; ``reference`` is ours, and comes back with the person's next message
    where the platform can do that.
    """

    address: str
    text: str
    buttons: Sequence[Button] = ()
    reference: str = ""


# ── What comes in ────────────────────────────────────────────────────────────────────────────────────────────────────


class Callback(NamedTuple):
    """A verified callback, read just far enough to store it and to acknowledge it.

    ``key`` is equal for two deliveries of the same event and for nothing else. ``address`` is empty where the event names
    nobody. ``body`` is the JSON text as received. ``welcome`` says that the answer may carry one message back.
    """

    kind: str
    key: str
    address: str
    at: datetime
    body: str
    welcome: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """What a platform tells about somebody. Only ``address`` is sure; the rest may be empty and is never an identity."""

    address: str
    name: str = ""
    language: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The chat was opened: not yet a right to write.

    ``context`` is what the link carried; ``subscribed`` what the platform claims.
    """

    person: Person
    at: datetime
    context: str = ""
    subscribed: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """The person subscribed: we may write."""

    person: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Left:
    """The person turned our messages off: we may not write."""

    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote, pressed a button or sent something else. That, too, subscribes.

    ``kind`` is ``text`` or the platform's word for what was sent (``picture``, ``sticker``, …, or one we do not know yet);
    ``reference`` is the one of the message last received from us, when the platform returns it; ``token`` is the platform's
    number of this very message (receipts may come for it, too). ``contact_phone`` is the number in a contact that was
    sent, as the platform wrote it; ``contact_named`` says that a name came with it, which one's own does not have.
    """

    person: Person
    at: datetime
    kind: str
    text: str = ""
    reference: str = ""
    token: int | None = None
    contact_phone: str = ""
    contact_named: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far message ``token`` got with ``address``. ``detail`` explains a failure."""

    address: str
    at: datetime
    token: int
    kind: ReceiptKind
    detail: str = ""


Incoming = Opened | Joined | Left | Said | Receipt


class Forged(Exception):
    """The callback does not carry a valid signature. Answer 403 and say no more."""


class Malformed(Exception):
    """The callback is signed but cannot be read. The message says what is wrong, never quoting the content."""


# ── What became of a send ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform took the message. ``token`` names it in receipts; ``billing`` is the platform's cost signal, if any."""

    token: int
    billing: int | None = None


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not taken this time, and surely not delivered: try again, not before ``after`` where it is given.

    ``slower`` says that the platform complained of our pace; ``alarm`` asks for a human although the queue goes on.
    """

    code: str
    detail: str = ""
    after: timedelta | None = None
    slower: bool = False
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: this message cannot be sent, to anybody, however often it is tried. A defect of ours."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Never to this person, until they write again."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The request left and no answer came, or none that can be read: it may or may not have been delivered.

    ``answered`` is true when the platform did answer, and its answer was an error of its own (HTTP 5xx).
    """

    code: str
    detail: str = ""
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing can be sent to anybody until a human acts (token refused, bot blocked, webhook gone): stop and alarm.

    ``only_paid``: messages that cost nothing, such as answers, still pass (no balance left, say).
    """

    code: str
    detail: str = ""
    only_paid: bool = False


Outcome = Accepted | TryLater | Refused | Unreachable | Uncertain | Stopped


# ── The channel itself ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Account:
    """Our account as the platform sees it. ``problem`` is empty when it may send; ``uri`` is what chat links are made of."""

    name: str = ""
    uri: str = ""
    webhook: str = ""
    missing_events: Sequence[str] = ()
    problem: str = ""


class Channel(Protocol):
    """One platform. Made in the settings, handed to whoever needs it; safe to use from one event loop."""

    name: str
    # Where a callback carries its signature: the header (lower case) and, failing that, the query parameter.
    signature_header: bytes
    signature_parameter: str
    # Limits of the platform: messages a second over all, if known, and to a person in an hour without a word from them.
    rate: float | None
    unanswered_an_hour: int

    def verify(self, body: bytes, signature: str | None, fallback: str | None) -> Callback:
        """Check the signature over the raw bytes and read the envelope.

        ``signature`` is the header, ``fallback`` the query parameter; both may be absent. Raises Forged or Malformed.
        """
        ...

    def decode(self, body: str) -> Incoming | None:
        """The stored ``Callback.body`` in our words, or None for what we acknowledge and ignore. Never raises on unknown events."""
        ...

    def welcome(self, text: str, buttons: Sequence[Button]) -> bytes:
        """The HTTP response body that shows one message to somebody who has just opened the chat."""
        ...

    def chat_link(self, uri: str, context: str = "") -> str:
        """The link that opens our chat; ``context`` comes back in ``Opened``."""
        ...

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Send once. Never raises for anything the network or the platform does."""
        ...

    async def account(self) -> Account:
        """Ask the platform about our account. Never raises: the trouble is in ``Account.problem``."""
        ...

    async def register(self, url: str) -> str:
        """Point the platform's callbacks to ``url``. Returns an empty string, or what went wrong in plain words."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...
