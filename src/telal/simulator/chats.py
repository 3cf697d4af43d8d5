"""What happens on the phones: messages arrive and are read; people write, press, share, leave and return."""

import asyncio
import html
import random
import re
from collections.abc import Callable
from typing import Any, TypeGuard
from urllib.parse import parse_qs, urlsplit

import orjson

from telal.simulator.callbacks import Answer, Callbacks
from telal.simulator.camera import chat_link_on
from telal.simulator.faults import Fault, Faults
from telal.simulator.journal import Journal
from telal.simulator.phones import Bubble, Json, Phone, new_phone
from telal.simulator.settings import Clock, Settings
from telal.simulator.validation import Refusal, check_welcome, client_objection

SESSION_MS = 24 * 3600 * 1000
KEPT_MS = 14 * 24 * 3600 * 1000
HOSTNAME = "SN-CHAT-05_"

SAMPLES: dict[str, Json] = {
    "picture": {"media": "https://dl-media.example/slika.jpg", "thumbnail": "https://dl-media.example/t.jpg"},
    "video": {"media": "https://dl-media.example/v.mp4", "size": 812345, "duration": 12},
    "file": {"media": "https://dl-media.example/f.pdf", "file_name": "rjesenje.pdf", "size": 48211},
    "sticker": {"sticker_id": 40133},
    "url": {"media": "https://example.com/prijava", "text": "https://example.com/prijava"},
    "location": {"location": {"lat": 43.8563, "lon": 18.4131}},
    "contact": {"contact": {"name": "Petar", "phone_number": "+38761123456"}},
    "text": {"text": "Dobar dan"},
}


class CannotBeDone(Exception):
    """The phone does not offer this now. The message says why."""


class NoSuchPhone(LookupError):
    """Nobody has this id or number."""


class Chats:
    """All phones and the chat each has with the bot. ``changed`` hears of phones whose screen changed."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        dice: random.Random,
        faults: Faults,
        callbacks: Callbacks,
        journal: Journal,
        changed: Callable[[Phone | None], None],
    ) -> None:
        self.phones: dict[str, Phone] = {}
        self.send_name = False
        self.send_photo = False
        self._held: list[Json] | None = None
        self._early: dict[int, list[tuple[Phone, Bubble]]] = {}
        self._ways = random.Random()  # noqa: S311
        self._numbered: dict[int, Phone] = {}
        self._settings = settings
        self._clock = clock
        self._dice = dice
        self._faults = faults
        self._callbacks = callbacks
        self._journal = journal
        self._changed = changed

    # ── Phones ──────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, **given: Any) -> Phone:
        phone = new_phone(max(self._numbered, default=0) + 1, self._dice, **given)
        if phone.id in self.phones:
            raise CannotBeDone("there is a phone with this id")
        self.phones[phone.id] = self._numbered[phone.number] = phone
        self._changed(None)
        return phone

    def find(self, key: str) -> Phone:
        phone = self._numbered.get(int(key)) if key.isdecimal() else self.phones.get(key)
        if phone is None:
            raise NoSuchPhone(key)
        return phone

    def remove(self, phone: Phone) -> None:
        """The Viber account is gone: from now on nobody knows this receiver."""
        del self.phones[phone.id], self._numbered[phone.number]
        phone.pending.clear()
        self._changed(None)

    def clear(self) -> None:
        for phone in self.phones.values():
            phone.pending.clear()
        self.phones.clear()
        self._numbered.clear()
        self._held = None
        self._changed(None)

    # ── The bot writes ──────────────────────────────────────────────────────────────────────────────────────

    def in_session(self, phone: Phone) -> bool:
        return self._clock.now() - phone.session_since < SESSION_MS

    def over_limit(self, phone: Phone) -> bool:
        """Counts this send too, when it is within the limit."""
        now, recent = self._clock.now(), phone.unanswered
        while recent and now - recent[0] >= 3_600_000:
            recent.popleft()
        if len(recent) >= self._settings.hourly_limit:
            return True
        recent.append(now)
        return False

    def carry(self, phone: Phone, message: Json, token: int) -> None:
        """On its way; it arrives when the phone is online, in the order sent."""
        fault = self._faults.for_receipt(phone.id)
        bubble = Bubble(token, False, message, self._clock.now(), "sent", fault=fault)
        phone.chat.append(bubble)
        if phone.online and _is(fault, "early"):
            self._early.setdefault(token, []).append((phone, bubble))
            return
        phone.pending.append(bubble)
        if phone.online:
            delay = self._ways.random() * self._settings.receipt_delay
            asyncio.get_running_loop().call_later(delay, self._arrive_next, phone)

    async def overtake(self, token: int) -> None:
        """The ``early`` fault: the receipts are told, and answered unless that takes long, before the sender has its answer."""
        for phone, bubble in self._early.pop(token, ()):
            told = self._callbacks.spawn(self._tell_now(self._arrive(phone, bubble)))
            await asyncio.wait([told], timeout=self._settings.patience)

    async def _tell_now(self, receipts: list[Json]) -> None:
        for receipt in receipts:
            await self._callbacks.post(receipt)

    def _arrive_next(self, phone: Phone) -> None:
        if phone.online and phone.pending:
            self._arrive_and_tell(phone, phone.pending.popleft())

    def _arrive_and_tell(self, phone: Phone, bubble: Bubble) -> None:
        events = self._arrive(phone, bubble)
        if _is(bubble.fault, "delayed"):
            self._callbacks.spawn(self._tell_later(events, bubble.fault.seconds))
        else:
            self._tell_receipts(events)

    async def _tell_later(self, receipts: list[Json], seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._tell_receipts(receipts)

    def _arrive(self, phone: Phone, bubble: Bubble) -> list[Json]:
        """Put it on the screen; returns the receipts that follow."""
        objection = client_objection(bubble.message)
        if _is(bubble.fault, "failed"):
            objection = bubble.fault.detail or "message could not be displayed"
        if objection:
            bubble.progress = "failed"
            return [self._receipt("failed", phone, bubble.token) | {"desc": objection}]
        bubble.progress = "delivered"
        phone.unread.append(bubble)
        self._show(phone, bubble.message)
        delivered = [self._receipt("delivered", phone, bubble.token) for _ in phone.devices]
        return self._spoil(bubble.fault, delivered)

    def _show(self, phone: Phone, message: Json) -> None:
        phone.keyboard = message.get("keyboard") or phone.keyboard
        phone.tracking_data = message.get("tracking_data") or ""
        for bubble in phone.awaiting_reply:
            bubble.progress = "seen"
        phone.awaiting_reply.clear()
        self._changed(phone)

    def _spoil(self, fault: Fault | None, receipts: list[Json]) -> list[Json]:
        if fault is None:
            return receipts
        if fault.kind == "lost":
            return []
        if fault.kind == "repeated":
            return receipts * (1 + fault.count)
        if fault.kind == "foreign":
            return [r | {"message_token": self._clock.token()} for r in receipts * fault.count] + receipts
        return receipts

    # ── Receipts ────────────────────────────────────────────────────────────────────────────────────────────

    def hold_receipts(self, hold: bool) -> int:
        """Keep every receipt back, or let go of those kept, in order; returns how many were let go."""
        if hold:
            self._held = self._held or []
            return 0
        kept, self._held = self._held or [], None
        self._tell_receipts(kept)
        return len(kept)

    def held(self) -> int | None:
        """How many receipts are kept back; None when they pass."""
        return None if self._held is None else len(self._held)

    def _receipt(self, event: str, phone: Phone, token: int) -> Json:
        return self._event(event, token) | {"user_id": phone.id}

    def _tell_receipts(self, receipts: list[Json]) -> None:
        if self._held is not None:
            self._held.extend(receipts)
            return
        for receipt in receipts:
            self._callbacks.post_soon(receipt)

    def read(self, phone: Phone) -> int:
        """The person looks at the chat: one ``seen`` for the last unread, which covers those before it."""
        self._must_be_online(phone)
        unread, phone.unread = phone.unread, []
        for bubble in unread:
            bubble.progress = "seen"
        told = [b for b in unread if b.token and not _is(b.fault, "lost")]
        if told:
            self._tell_receipts([self._receipt("seen", phone, told[-1].token)])
        if unread:
            self._changed(phone)
        return len(unread)

    # ── People open, leave, return ──────────────────────────────────────────────────────────────────────────

    async def follow(self, phone: Phone, link: str, uri: str) -> Answer | None:
        """Tap a chat link: ``viber://pa?chatURI=…&context=…&text=…`` or ``https://chats.viber.com/…``.

        Any other web address is a QR code under the camera: the link on its page is tapped.
        """
        parts = urlsplit(link.strip())
        if parts.scheme in ("http", "https") and parts.netloc != "chats.viber.com":
            parts = urlsplit(await chat_link_on(link.strip()))
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.scheme == "viber" and parts.netloc == "pa":
            target = asked.get("chatURI", "")
        elif parts.netloc == "chats.viber.com":
            target, asked = parts.path.strip("/"), {}
        else:
            raise CannotBeDone("there is no link to a chat here")
        if target != uri:
            raise CannotBeDone(f"there is no bot {target!r}; this one is {uri!r}")
        phone.draft = asked.get("text", "")
        return await self.open(phone, asked.get("context", ""))

    async def open(self, phone: Phone, context: str = "") -> Answer | None:
        """Open the chat. The webhook's answer may carry one welcome message, which appears at once."""
        self._must_be_online(phone)
        event = self._event("conversation_started") | {
            "type": "open",
            "subscribed": phone.subscribed,
            "user": self._user(phone),
        }
        if context:
            event["context"] = context
        self._changed(phone)
        return await self._callbacks.post(event, lambda answer: self._welcome(phone, answer.body))

    def _welcome(self, phone: Phone, body: bytes) -> None:
        if body.strip() in (b"", b"{}"):
            return
        try:
            message = orjson.loads(body)
            if not isinstance(message, dict):
                raise Refusal(3, "an object is expected")
            check_welcome(message)
            if phone.api_version < message.get("min_api_version", 1):
                raise Refusal(13)
        except (orjson.JSONDecodeError, Refusal) as problem:
            self._journal.write("welcome", user_id=phone.id, shown=False, problem=str(problem))
            return
        self._journal.write("welcome", user_id=phone.id, shown=True, message=message)
        bubble = Bubble(0, False, message, self._clock.now(), "delivered")
        phone.chat.append(bubble)
        phone.unread.append(bubble)
        self._show(phone, message)

    async def leave(self, phone: Phone) -> Answer | None:
        """Turn the bot's messages off."""
        self._must_be_online(phone)
        phone.subscribed = False
        self._changed(phone)
        return await self._callbacks.post(self._event("unsubscribed") | {"user_id": phone.id})

    async def come_back(self, phone: Phone) -> Answer | None:
        """Subscribe explicitly; Viber forgets the tracking data of the conversation."""
        self._must_be_online(phone)
        phone.subscribed, phone.tracking_data = True, ""
        self._changed(phone)
        return await self._callbacks.post(self._event("subscribed") | {"user": self._user(phone)})

    def set_online(self, phone: Phone, online: bool) -> None:
        """Back online, everything kept for the phone arrives; what is older than 14 days was given up."""
        phone.online = online
        oldest = self._clock.now() - KEPT_MS
        while online and phone.pending:
            bubble = phone.pending.popleft()
            if bubble.at >= oldest:
                self._arrive_and_tell(phone, bubble)
        self._changed(phone)

    # ── People write and press ──────────────────────────────────────────────────────────────────────────────

    async def say(self, phone: Phone, text: str) -> Answer | None:
        phone.draft = ""
        return await self.send(phone, {"type": "text", "text": text})

    async def send(self, phone: Phone, message: Json, shown: str = "", silent: bool = False) -> Answer | None:
        """Write. The first message subscribes, without an event of its own; missing content is a sample's."""
        self._must_be_online(phone)
        message = SAMPLES.get(message.get("type", ""), {}) | message
        token, now = self._clock.token(), self._clock.now()
        phone.subscribed = True
        phone.unanswered.clear()
        if not self.in_session(phone):
            phone.session_since = now
        bubble = Bubble(token, True, message, now, "sending", shown=shown, silent=silent)
        phone.chat.append(bubble)
        self._changed(phone)
        return await self._callbacks.post(
            self._message_event(phone, bubble), lambda _: self._taken(phone, bubble)
        )

    def _message_event(self, phone: Phone, bubble: Bubble) -> Json:
        message = bubble.message | ({"tracking_data": phone.tracking_data} if phone.tracking_data else {})
        return self._event("message", bubble.token) | {
            "sender": self._user(phone),
            "message": message,
            "silent": bubble.silent,
        }

    def _taken(self, phone: Phone, bubble: Bubble) -> None:
        """The bot has it; Viber reports that, too, as a delivery."""
        bubble.progress = "delivered"
        phone.awaiting_reply.append(bubble)
        self._changed(phone)
        if self._settings.incoming_receipts:
            self._tell_receipts([self._receipt("delivered", phone, bubble.token)])

    async def press(self, phone: Phone, key: int | str, token: str = "", device: str = "") -> Answer | None:
        """Press a button of the keyboard now shown, or of the one that came with message ``token``.

        ``key`` is its place from 0, its text or its action body; ``device`` is one of the person's, by
        default the first.
        """
        self._must_be_online(phone)
        button = self._button(phone, key, token)
        action, body = button.get("ActionType", "reply"), button["ActionBody"]
        device = device or phone.devices[0]
        if device not in phone.devices:
            raise CannotBeDone(f"this person has no {device}")
        if action == "none":
            return None
        message: Json = {"type": "text", "text": body}
        if device == "phone" and action == "share-phone":
            message = {"type": "contact", "text": body, "contact": {"phone_number": phone.phone_number}}
        elif device == "phone" and action == "location-picker":
            message = {"type": "location"}
        shown = body if action == "open-url" else plain(button.get("Text", ""))
        return await self.send(phone, message, shown, bool(button.get("Silent")))

    async def share_phone(self, phone: Phone, device: str = "") -> Answer | None:
        """Press the share-phone button of the keyboard now shown."""
        buttons = (phone.keyboard or {}).get("Buttons", [])
        for place, button in enumerate(buttons):
            if button.get("ActionType") == "share-phone":
                return await self.press(phone, place, device=device)
        raise CannotBeDone("the keyboard has no share-phone button")

    def _button(self, phone: Phone, key: int | str, token: str) -> Json:
        keyboard = phone.keyboard
        if token:
            keyboard = next((b.message.get("keyboard") for b in phone.chat if str(b.token) == token), None)
        for place, button in enumerate((keyboard or {}).get("Buttons", [])):
            if key in (place, button["ActionBody"], button.get("Text"), plain(button.get("Text", ""))):
                return dict(button)
        raise CannotBeDone(f"there is no button {key!r}")

    async def raw_event(self, phone: Phone, event: Json) -> Answer | None:
        """Any event at all about this person; what every event carries is put in unless given."""
        given = self._event(str(event["event"])) | {"user": self._user(phone), "user_id": phone.id} | event
        if isinstance(given["message_token"], str):
            given["message_token"] = int(given["message_token"])
        return await self._callbacks.post(given)

    # ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────

    def _event(self, name: str, token: int = 0) -> Json:
        return {
            "event": name,
            "timestamp": self._clock.now(),
            "chat_hostname": HOSTNAME,
            "message_token": token or self._clock.token(),
        }

    def _user(self, phone: Phone) -> Json:
        return phone.user(name=self.send_name, photo=self.send_photo)

    def _must_be_online(self, phone: Phone) -> None:
        if not (phone.online and phone.devices):
            raise CannotBeDone("the phone is offline")
        if not self._callbacks.url:
            raise CannotBeDone("the chat is closed: the bot has no webhook")


def plain(text: str) -> str:
    """A button's text without its HTML."""
    return html.unescape(re.sub(r"<br\s*/?>", " ", re.sub(r"<(?!br)[^>]*>", "", text))).strip()


def _is(fault: Fault | None, kind: str) -> TypeGuard[Fault]:
    return fault is not None and fault.kind == kind
