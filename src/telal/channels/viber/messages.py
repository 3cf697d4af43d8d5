"""What we tell Viber: messages, keyboards and links, within Viber's limits."""

import html
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from telal.channels.viber.wire import clean
from telal.messaging.channel import Button, Outgoing

TEXT_LIMIT = 7000
_SENDER_LIMIT = 28
_SAYS_LIMIT = 100  # on iOS; Android takes 250
_LABEL_LIMIT = 250  # of HTML
_GRID = 6

# What a button does, by what it asks for, and the level of Viber's API that this takes.
_ACTIONS = {"": "reply", "phone": "share-phone"}
_LEVELS = {"": 1, "phone": 3}

_KEYBOARD_COLOUR = "#EDF1F4"
_BUTTON_COLOUR = "#FFFFFF"

Message = dict[str, Any]


def compose(outgoing: Outgoing, sender: str) -> list[Message]:
    """The messages of ``outgoing``: one, or several where the text is longer than Viber takes.

    The keyboard and the reference ride on the last: Viber shows and returns the last it got.
    """
    *earlier, last = split(plain(clean(outgoing.text)))
    receiver = clean(outgoing.address)
    messages = [_message(text, (), sender) for text in earlier] + [_message(last, outgoing.buttons, sender)]
    if outgoing.reference:
        messages[-1]["tracking_data"] = clean(outgoing.reference)
    return [{"receiver": receiver, **message} for message in messages]


def welcome(text: str, buttons: Sequence[Button], sender: str) -> Message:
    """The one message that may answer ``conversation_started``: of too long a text, the first part."""
    return _message(next(split(plain(clean(text)))), buttons, sender)


def simpler(message: Message) -> Message:
    """The same words for a phone whose Viber is too old for the rest: without the key that asks for a number, else without any."""
    words = {field: value for field, value in message.items() if field not in ("keyboard", "min_api_version")}
    keyboard = message.get("keyboard", {})
    usual = [key for key in keyboard.get("Buttons", ()) if key["ActionType"] == _ACTIONS[""]]
    if message.get("min_api_version") == _LEVELS["phone"] and usual:
        return words | {"keyboard": {**keyboard, "Buttons": usual}, "min_api_version": _LEVELS[""]}
    return words


def chat_link(uri: str, context: str) -> str:
    link = f"viber://pa?chatURI={quote(clean(uri), safe='')}"
    return f"{link}&context={quote(clean(context), safe='')}" if context else link


def _message(text: str, buttons: Sequence[Button], sender: str) -> Message:
    message: Message = {
        "type": "text",
        "text": text,
        "sender": {"name": clean(sender)[:_SENDER_LIMIT].rstrip()},
        "min_api_version": max((_LEVELS[button.asks] for button in buttons), default=_LEVELS[""]),
    }
    if buttons:
        message["keyboard"] = _keyboard(tuple(buttons))
    return message


@lru_cache(1024)  # nearly all messages carry one of a few; nobody changes what comes from here
def _keyboard(buttons: tuple[Button, ...]) -> Message:
    return {
        "Type": "keyboard",  # some samples of Viber's omit it; its server does not
        "DefaultHeight": False,
        "BgColor": _KEYBOARD_COLOUR,
        "Buttons": [_button(button) for button in buttons],
    }


def _button(button: Button) -> Message:
    return {
        "Columns": min(max(button.columns, 1), _GRID),
        "Rows": 1,
        "BgColor": _BUTTON_COLOUR,
        "ActionType": _ACTIONS[button.asks],
        "ActionBody": clean(button.says)[:_SAYS_LIMIT],
        "Text": _label(clean(button.text)),
    }


def _label(text: str) -> str:
    """``text`` as HTML, cut before it is escaped, so that no entity is ever halved."""
    text = text[:_LABEL_LIMIT]
    while len(html.escape(text)) > _LABEL_LIMIT:
        text = text[:-1]
    return html.escape(text)


# ── Text without formatting ─────────────────────────────────────────────────────────────────────────────────

# Viber formats what stands between two equal markers when the second is followed by a space or the end, and
# knows no escape. A word joiner after the second takes that away. Of the invisible characters it is the one
# that no platform takes for a space and that never breaks a line; behind the marker, it stays out of whatever
# number or name somebody copies from between.
_WORD_JOINER = "\u2060"
_OPENING = {marker: re.compile(rf"{re.escape(marker)}(?=\S)") for marker in ("*", "_", "~", "```")}
_CLOSING = {
    # A link is passed over whole: it must stay what it is.
    marker: re.compile(rf"\b[a-z]{{2,8}}://\S+|(?<=\S){re.escape(marker)}(?=\s|\Z)")
    for marker in _OPENING
}


def plain(text: str) -> str:
    """``text`` so that Viber shows it as it is: nothing bold, italic or struck by accident of a name."""
    for marker in _OPENING:
        text = _without_pairs(text, marker)
    return text


def _without_pairs(text: str, marker: str) -> str:
    opening = _OPENING[marker].search(text) if marker in text else None
    if opening is None:
        return text

    def defused(found: re.Match[str]) -> str:
        closes = found[0] == marker and found.start() >= opening.end()
        return found[0] + _WORD_JOINER if closes else found[0]

    return _CLOSING[marker].sub(defused, text)


# ── Text in parts ───────────────────────────────────────────────────────────────────────────────────────────


def split(text: str) -> Iterator[str]:
    """``text`` in parts of at most 7,000 characters, cut between lines or words where there are any.

    Characters beyond the Basic Multilingual Plane (emoji) count twice, as in UTF-16: Viber does not say how
    it counts. So a part is at most 21 kB of UTF-8 and leaves 9 kB of the 30 kB of a request to the keyboard.
    """
    text = text.strip()
    while (end := _fitting(text)) < len(text):
        end = _gap(text, end)
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    yield text


def _fitting(text: str) -> int:
    """How many characters of ``text`` fit into one message."""
    if len(text) <= TEXT_LIMIT // 2:  # whatever they are
        return len(text)
    units = text.encode("utf-16-le")[: TEXT_LIMIT * 2]
    return len(units.decode("utf-16-le", errors="ignore"))


def _gap(text: str, end: int) -> int:
    """The last line end in the second half of ``text[:end]``, else the last space there, else ``end``."""
    half = end // 2
    for gap in ("\n", " "):
        found = text.rfind(gap, half, end + 1)
        if found > 0:
            return found
    return end
