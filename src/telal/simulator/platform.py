"""Viber's side of the HTTP API: what each method takes, refuses and answers."""

import random
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from telal.simulator.callbacks import MANDATORY, OPTIONAL, Callbacks
from telal.simulator.chats import HOSTNAME, Chats
from telal.simulator.faults import Faults
from telal.simulator.journal import Journal
from telal.simulator.phones import Json, Phone
from telal.simulator.settings import Clock, Settings
from telal.simulator.validation import (
    BROADCAST_RECEIVERS,
    ONLINE_IDS,
    Refusal,
    check_outgoing,
    is_url,
    require,
)

ACCOUNT_ID = "pa:5741311803571721087"
ADMIN_ID = "YWRtaW5pc3RyYXRvcjAwMQ=="
DETAILS_MS = 12 * 3600 * 1000
EVENT_TYPES = (*OPTIONAL, *MANDATORY, "client_status")
Method = Callable[[Json], Awaitable[Json]]


class Platform:
    """One bot's account and the methods it may call, each returning the answer or raising Refusal."""

    def __init__(
        self,
        token: str,
        uri: str,
        name: str,
        settings: Settings,
        seed: int,
        changed: Callable[[Phone | None], None],
    ) -> None:
        self.uri = uri
        self.name = name
        self.settings = settings
        self.journal = Journal()
        self.faults = Faults(seed)
        self.callbacks = Callbacks(token, self.journal, settings, self.faults)
        self._dice = random.Random(seed)  # noqa: S311
        self.clock = Clock(random.Random(seed))  # noqa: S311
        self.chats = Chats(
            settings, self.clock, self._dice, self.faults, self.callbacks, self.journal, changed
        )
        self.methods: dict[str, Method] = {
            "set_webhook": self.set_webhook,
            "send_message": self.send_message,
            "broadcast_message": self.broadcast_message,
            "get_account_info": self.get_account_info,
            "get_user_details": self.get_user_details,
            "get_online": self.get_online,
            "post": self.post,
        }
        self._token = token

    def authenticate(self, token: object) -> None:
        if not token:
            raise Refusal(2, "missing_auth_token")
        if token != self._token:
            raise Refusal(2)

    def reset(self, seed: int | None) -> None:
        """People, faults and whatever waits are gone; webhook and log stay. ``seed`` starts the dice anew."""
        if seed is not None:
            self.faults.seed = seed
            self._dice.seed(seed)
        self.callbacks.forget()
        self.faults.clear()
        self.chats.clear()
        self.journal.write("reset", seed=seed)

    # ── The account ─────────────────────────────────────────────────────────────────────────────────────────

    async def set_webhook(self, body: Json) -> Json:
        url = body.get("url")
        if url == "":
            self.callbacks.url, self.callbacks.event_types = "", ()
            return {}
        if not is_webhook(url):
            raise Refusal(1, "url is not valid: https is required (http on loopback only)")
        event_types = self._event_types(body.get("event_types"))
        bare = str(url).partition("?")[0]
        await self._check_webhook(bare)
        self.callbacks.url, self.callbacks.event_types = bare, event_types
        self.chats.send_name = bool(body.get("send_name"))
        self.chats.send_photo = bool(body.get("send_photo"))
        return {"event_types": list(event_types)}

    def _event_types(self, asked: object) -> tuple[str, ...]:
        if asked is None:
            return (*OPTIONAL, "message", "subscribed", "unsubscribed", "client_status")
        if not isinstance(asked, list) or not all(name in EVENT_TYPES for name in asked):
            raise Refusal(3, "event_types is not valid")
        return tuple(asked)

    async def _check_webhook(self, url: str) -> None:
        """Captured checks carry the two numbers swapped: the token as time, the time as token."""
        event = {"event": "webhook", "timestamp": self.clock.token(), "message_token": self.clock.now()}
        answer = await self.callbacks.check(url, event)
        if answer.error:
            raise Refusal(1, f"Result: {answer.error}")

    async def get_account_info(self, _: Json) -> Json:
        return {
            "id": ACCOUNT_ID,
            "name": self.name,
            "uri": self.uri,
            "icon": "",
            "background": "",
            "category": "Government",
            "subcategory": "Local government",
            "location": {"lon": 18.4131, "lat": 43.8563},
            "country": "BA",
            "webhook": self.callbacks.url,
            "event_types": list(self.callbacks.event_types),
            "subscribers_count": sum(phone.subscribed for phone in self.chats.phones.values()),
            "members": [{"id": ADMIN_ID, "name": "Administrator", "avatar": "", "role": "admin"}],
        }

    # ── Messages ────────────────────────────────────────────────────────────────────────────────────────────

    async def send_message(self, body: Json) -> Json:
        receiver = require(body, "receiver", str)
        check_outgoing(body)
        self._require_webhook()
        phone = self._receiver(receiver, body)
        token = self.clock.token()
        self.chats.carry(phone, _content(body), token)
        return {"message_token": token, "billing_status": self._billing(phone)}

    async def broadcast_message(self, body: Json) -> Json:
        if not self.settings.broadcast_allowed:
            raise Refusal(20)
        receivers = require(body, "broadcast_list", list)
        if len(receivers) > BROADCAST_RECEIVERS:
            raise Refusal(3, f"broadcast_list has more than {BROADCAST_RECEIVERS} receivers")
        check_outgoing(body)
        self._require_webhook()
        token, content, failed = self.clock.token(), _content(body), []
        for receiver in receivers:
            try:
                self.chats.carry(self._receiver(receiver, body), content, token)
            except Refusal as refusal:
                failed.append(
                    {"receiver": receiver, "status": refusal.status, "status_message": str(refusal)}
                )
        return {"message_token": token, "failed_list": failed}

    async def post(self, body: Json) -> Json:
        if not self.settings.public_chat:
            raise Refusal(18)
        if require(body, "from", str) != ADMIN_ID:
            raise Refusal(15)
        if body.get("keyboard"):
            raise Refusal(3, "a post has no keyboard")
        check_outgoing(body)
        return {"message_token": self.clock.token()}

    def _require_webhook(self) -> None:
        if not self.callbacks.url:
            raise Refusal(10)

    def _receiver(self, receiver: object, message: Json) -> Phone:
        """The person, if this message may go to them now. Raises Refusal."""
        phone = self._subscriber(receiver)
        if not phone.devices:
            raise Refusal(11)
        if phone.api_version < message.get("min_api_version", 1):
            raise Refusal(13)
        if self.chats.over_limit(phone):
            raise Refusal(12, "Too many requests")
        return phone

    def _subscriber(self, receiver: object) -> Phone:
        if not isinstance(receiver, str) or receiver.startswith("pa:"):
            raise Refusal(3, "Bad receiver ID")
        phone = self.chats.phones.get(receiver)
        if phone is None:
            raise Refusal(5)
        if not phone.subscribed:
            raise Refusal(6, "notSubscribed")
        return phone

    def _billing(self, phone: Phone) -> int:
        """The 2024 model: free within 24 hours of the message that opened the session, charged outside it."""
        return 2 if self.chats.in_session(phone) else 5

    # ── People ──────────────────────────────────────────────────────────────────────────────────────────────

    async def get_user_details(self, body: Json) -> Json:
        phone = self._subscriber(require(body, "id", str))
        now, asked = self.clock.now(), phone.details_asked
        while asked and now - asked[0] >= DETAILS_MS:
            asked.popleft()
        if len(asked) >= 2:
            raise Refusal(12, "Too many requests")
        asked.append(now)
        device = {
            "primary_device_os": "Android 13",
            "viber_version": "20.3.1",
            "mcc": 218,
            "mnc": 90,
            "device_type": "SM-A536B",
        }
        return {"message_token": self.clock.token(), "user": phone.user(name=True, photo=True) | device}

    async def get_online(self, body: Json) -> Json:
        ids = require(body, "ids", list)
        if len(ids) > ONLINE_IDS:
            raise Refusal(3, f"more than {ONLINE_IDS} ids")
        return {"users": [self._online(person) for person in ids]}

    def _online(self, person: Any) -> Json:
        phone = self.chats.phones.get(person) if isinstance(person, str) else None
        status, words = 4, "unavailable"
        if phone and phone.subscribed:
            status, words = (0, "online") if phone.online else (1, "offline")
        return {"id": person, "online_status": status, "online_status_message": words}


def _content(body: Json) -> Json:
    """The message as the phone gets it: without the address and the key."""
    return {name: body[name] for name in body if name not in ("receiver", "broadcast_list", "auth_token")}


def accepted(fields: Json) -> Json:
    return {"status": 0, "status_message": "ok", "chat_hostname": HOSTNAME, **fields}


def refused(refusal: Refusal) -> Json:
    return {"status": refusal.status, "status_message": str(refusal), "chat_hostname": HOSTNAME}


def is_webhook(url: object) -> bool:
    """https anywhere; plain http on loopback, so that tests and the demo need no certificate."""
    if not isinstance(url, str) or not is_url(url):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")
