"""The people of the simulator: a phone, its devices, its chat with the bot. No network, no clock."""

import base64
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from telal.simulator.faults import Fault

Json = dict[str, Any]
Progress = Literal["sending", "sent", "delivered", "seen", "failed"]

CROWD = (
    ("Amra Hadžić", "bs"),
    ("Senad Mujkić", "bs"),
    ("Ljiljana Petrović", "sr"),
    ("Ivana Marić", "hr"),
    ("Mirza Delić", "bs"),
    ("Jasna Kovačević", "bs"),
    ("Dragan Savić", "sr"),
    ("Emina Begić", "bs"),
    ("Ante Jurić", "hr"),
    ("Selma Omerović", "bs"),
)


@dataclass(slots=True)
class Bubble:
    """One message of a chat. ``mine`` is the person's own; ``shown`` is displayed instead of its text."""

    token: int
    mine: bool
    message: Json
    at: int
    progress: Progress = "sending"
    shown: str = ""
    silent: bool = False
    fault: Fault | None = None

    def describe(self) -> Json:
        return {
            "token": str(self.token),
            "mine": self.mine,
            "at": self.at,
            "progress": self.progress,
            "shown": self.shown or self.message.get("text", ""),
            "message": self.message,
        }


@dataclass(slots=True)
class Phone:
    """A person with Viber, as one bot sees them. ``devices`` are ``phone`` or ``desktop``; times are in ms.

    ``pending`` has not reached a device yet; ``unread`` has, and is neither seen nor failed;
    ``awaiting_reply`` is what the person wrote, the bot took and has not answered.
    """

    number: int
    id: str
    name: str
    phone_number: str
    country: str = "BA"
    language: str = "bs"
    api_version: int = 10
    devices: list[str] = field(default_factory=lambda: ["phone"])
    online: bool = True
    personalised: bool = True
    avatar: str = ""
    subscribed: bool = False
    keyboard: Json | None = None
    tracking_data: str = ""
    draft: str = ""
    session_since: int = 0
    chat: list[Bubble] = field(default_factory=list)
    pending: deque[Bubble] = field(default_factory=deque)
    unread: list[Bubble] = field(default_factory=list)
    awaiting_reply: list[Bubble] = field(default_factory=list)
    unanswered: deque[int] = field(default_factory=deque)
    details_asked: deque[int] = field(default_factory=deque)

    def summary(self) -> Json:
        names = ("number", "id", "name", "phone_number", "country", "language", "api_version", "devices")
        states = ("online", "personalised", "subscribed", "draft")
        return {name: getattr(self, name) for name in names + states} | {"unread": len(self.unread)}

    def describe(self) -> Json:
        """The summary with the chat: nothing that has not arrived, nothing silent."""
        shown = [b.describe() for b in self.chat if not b.silent and (b.mine or b.progress != "sent")]
        return self.summary() | {"keyboard": self.keyboard, "chat": shown}

    def user(self, *, name: bool, photo: bool) -> Json:
        """The ``user`` or ``sender`` of a callback."""
        user: Json = {"id": self.id}
        if name:
            user["name"] = self.name if self.personalised else "Subscriber"
        if photo and self.avatar and self.personalised:
            user["avatar"] = self.avatar
        return user | {"country": self.country, "language": self.language, "api_version": self.api_version}


def new_phone(number: int, dice: random.Random, **given: Any) -> Phone:
    """Person ``number`` (from 1); what is not ``given`` is drawn, the same way for the same dice."""
    name, language = _somebody(number - 1)
    drawn = {
        "id": base64.b64encode(dice.randbytes(16)).decode(),
        "name": name,
        "language": language,
        "phone_number": f"+3876{dice.choice('123456')}{dice.randrange(1_000_000):06}",
    }
    return Phone(number=number, **(drawn | given))


def _somebody(place: int) -> tuple[str, str]:
    """The crowd in turn, and after it the same first names with the next one's surname."""
    rounds, place = divmod(place, len(CROWD))
    name, language = CROWD[place]
    surname = CROWD[(place + rounds) % len(CROWD)][0].split()[1]
    return f"{name.split()[0]} {surname}", language
