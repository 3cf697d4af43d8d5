"""The Viber channel: Telal's vocabulary on one side, Viber's Bot REST API on the other."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import orjson

from telal.channels.viber import callbacks, codes, messages, wire
from telal.channels.viber.client import Answer, Client
from telal.messaging.channel import (
    Accepted,
    Account,
    Button,
    Callback,
    Channel,
    Incoming,
    Outcome,
    Outgoing,
    Uncertain,
)

# "message" comes in any case; "failed" is easily forgotten, and alone tells of a message that was not shown.
_EVENTS = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
# These come only when asked for; the others cannot be turned off, and Viber need not list them.
_OPTIONAL_EVENTS = ("delivered", "seen", "failed", "conversation_started")

_OUTDATED = (codes.API_VERSION_NOT_SUPPORTED, codes.INCOMPATIBLE_WITH_VERSION)


def _utc_now() -> datetime:
    return datetime.now(UTC)


# The cost signals that Viber documents; anything else says nothing.
BILLING_STATUSES = range(6)


class Viber(Channel):
    """A Viber bot. ``token`` is its key to the API and to the signatures of callbacks, and is shown nowhere.

    ``name`` is the sender that citizens see (Viber shows 28 characters); the channel's own ``name`` is always
    ``viber``. ``rate`` is how many messages a second the contract allows, if that is known. ``timeout`` is in
    seconds, for a whole request. Construction does no I/O; raises ValueError for a token or an address that no
    request can carry.
    """

    name = "viber"
    signature_header = b"x-viber-content-signature"
    signature_parameter = "sig"
    limit = messages.TEXT_LIMIT
    unanswered_an_hour = 100

    def __init__(
        self,
        token: str,
        *,
        api: str = "https://chatapi.viber.com/pa",
        name: str,
        rate: float | None = None,
        in_flight: int = 100,
        timeout: float = 10.0,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        if not (token.isascii() and token.isprintable()):
            raise ValueError("A Viber token consists of printable ASCII characters.")
        if not _is_web_address(api):
            raise ValueError(
                "The address of Viber's API must begin with https:// (or http:// on this machine)."
            )
        self._key = token.encode()
        self.rate = rate
        self._sender = name
        self._api = api
        self._now = now
        self._client = Client(token, api, in_flight, timeout, now)

    def __repr__(self) -> str:
        return f"Viber(api={self._api!r}, name={self._sender!r})"

    def verify(self, body: bytes, signature: str | None, fallback: str | None) -> Callback:
        """See ``callbacks.authenticate`` and ``callbacks.envelope``."""
        callbacks.authenticate(self._key, body, signature, fallback)
        return callbacks.envelope(body, self._now())

    def decode(self, body: str) -> Incoming | None:
        """See ``callbacks.decode``."""
        return callbacks.decode(body, self._now())

    def welcome(self, text: str, buttons: Sequence[Button]) -> bytes:
        """See ``messages.welcome``; to be answered as ``application/json``."""
        return orjson.dumps(messages.welcome(text, buttons, self._sender))

    def chat_link(self, uri: str, context: str = "") -> str:
        return messages.chat_link(uri, context)

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Send once; a text over ``limit`` characters goes as several messages, one after the other.

        Then the token is that of the last part, which carries the keyboard and the reference. The first part
        that is not accepted ends the sending and is the outcome; trying again repeats the parts before it,
        which is better than a decision without its end.
        """
        *earlier, last = messages.compose(outgoing, self._sender)
        for message in earlier:
            outcome = await self._send(message)
            if not isinstance(outcome, Accepted):
                return outcome
        return await self._send(last)

    async def _send(self, message: messages.Message) -> Outcome:
        answer = await self._client.call("send_message", message)
        if isinstance(answer, Answer) and answer.status in _OUTDATED:
            answer = await self._client.call("send_message", messages.simpler(message))
        return self._outcome(answer) if isinstance(answer, Answer) else answer

    def _outcome(self, answer: Answer) -> Outcome:
        if answer.status != codes.OK:
            return codes.of_status(answer.status)
        token = wire.integer(answer.fields.get("message_token"))
        if token is None:
            return Uncertain("no_token", "Viber took the message without giving it a number.")
        billing = wire.integer(answer.fields.get("billing_status"))
        return Accepted(token, billing=billing if billing in BILLING_STATUSES else None)

    async def account(self) -> Account:
        """Our bot as Viber sees it. A missing webhook or event is for the reader to see."""
        answer = await self._client.call("get_account_info", {})
        if not isinstance(answer, Answer):
            return Account(problem=answer.detail)
        if answer.status != codes.OK:
            return Account(problem=codes.of_status(answer.status).detail)
        return Account(
            name=wire.string(answer.fields.get("name")),
            uri=wire.string(answer.fields.get("uri")),
            webhook=wire.string(answer.fields.get("webhook")),
            missing_events=_missing(answer),
        )

    async def register(self, url: str) -> str:
        """Viber calls ``url`` before it answers: Telal must already be reachable there."""
        complaint = _unusable(url)
        if complaint:
            return complaint
        request = {"url": url, "event_types": _EVENTS, "send_name": True, "send_photo": False}
        answer = await self._client.call("set_webhook", request, patience=3)
        if not isinstance(answer, Answer):
            return answer.detail
        if answer.status != codes.OK:
            return self._explanation(answer)
        missing = ", ".join(_missing(answer))
        return f"The webhook is registered, but Viber will not report: {missing}." if missing else ""

    def _explanation(self, answer: Answer) -> str:
        """Why the webhook was not registered. Viber's words are about our address, often the only clue."""
        failure = codes.of_status(answer.status).detail
        words = wire.string(answer.fields.get("status_message"), 300).replace(self._key.decode(), "…")
        return f"{failure} Viber says: {words}" if words else failure

    async def aclose(self) -> None:
        await self._client.aclose()


def _missing(answer: Answer) -> tuple[str, ...]:
    listed = answer.fields.get("event_types")
    present = listed if isinstance(listed, list) else []
    return tuple(event for event in _OPTIONAL_EVENTS if event not in present)


def _unusable(url: str) -> str:
    if not _is_web_address(url):
        return "The webhook must be a public address that begins with https://."
    if urlsplit(url).query:
        return "The webhook must not contain a question mark: Viber drops what follows it."
    return ""


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and url.isascii() and url.isprintable()
        )
    except ValueError:
        return False
