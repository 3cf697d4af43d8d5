"""What Viber refuses before a message goes anywhere, and what the client refuses after it arrived.

Sources: Viber's REST API pages on messages, keyboards and error codes. Limits in characters are code points.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = Mapping[str, Any]

REQUEST_BYTES = 30_000
BROADCAST_RECEIVERS = 300
ONLINE_IDS = 100
CLIENT_ROWS = 12

STATUS_NAMES = {
    0: "ok",
    1: "invalidUrl",
    2: "invalidAuthToken",
    3: "badData",
    4: "missingData",
    5: "receiverNotRegistered",
    6: "receiverNotSubscribed",
    7: "publicAccountBlocked",
    8: "publicAccountNotFound",
    9: "publicAccountSuspended",
    10: "webhookNotSet",
    11: "receiverNoSuitableDevice",
    12: "tooManyRequests",
    13: "apiVersionNotSupported",
    14: "incompatibleWithVersion",
    15: "publicAccountNotAuthorized",
    16: "inchatReplyMessageNotAllowed",
    17: "publicAccountIsNotInline",
    18: "noPublicChat",
    19: "cannotSendBroadcast",
    20: "broadcastNotAllowed",
    21: "unsupportedCountry",
    22: "paymentUnsupported",
    23: "freeMessagesExceeded",
    24: "noBalance",
}


class Refusal(Exception):
    """The platform's answer is a status other than 0."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(detail or STATUS_NAMES.get(status, "generalError"))
        self.status = status


# ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Rule:
    """``holds`` for a good value; ``expects`` says so; ``level`` is the API version that brought it."""

    holds: Callable[[Any], bool]
    expects: str
    level: int = 1


def whole(low: int, high: int, level: int = 1) -> Rule:
    return Rule(
        lambda value: type(value) is int and low <= value <= high, f"an integer {low} to {high}", level
    )


def string(most: int, least: int = 1) -> Rule:
    return Rule(
        lambda value: isinstance(value, str) and least <= len(value) <= most,
        f"a string of {least} to {most} characters",
    )


def one_of(*names: str, level: int = 1) -> Rule:
    return Rule(lambda value: value in names, f"one of {', '.join(names)}", level)


def between(limit: float) -> Rule:
    def holds(value: Any) -> bool:
        try:
            return not isinstance(value, bool) and -limit < float(value) < limit
        except (TypeError, ValueError):
            return False

    return Rule(holds, f"a number between -{limit} and {limit}")


def flag(level: int = 1) -> Rule:
    return Rule(lambda value: isinstance(value, bool), "a boolean", level)


def mapping(level: int = 1) -> Rule:
    return Rule(lambda value: isinstance(value, dict), "an object", level)


def is_url(value: Any) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= 2000:
        return False
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


FORBIDDEN_FILES = re.compile(
    r"\.(exe|bat|bin|cmd|com|cpl|jse?|lnk|msi|ps1|reg|vbs|wsf|app|command|csh|run|apk|ipa)$", re.IGNORECASE
)
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}$")

a_url = Rule(is_url, "an http(s) address of at most 2000 characters")
a_colour = Rule(lambda value: isinstance(value, str) and bool(COLOUR.match(value)), "a colour #RRGGBB")
paddings = Rule(
    lambda value: (
        isinstance(value, list) and len(value) == 4 and all(type(v) is int and 0 <= v <= 12 for v in value)
    ),
    "four integers 0 to 12",
    level=4,
)
a_file_name = Rule(
    lambda value: (
        isinstance(value, str)
        and len(value) <= 256
        and "." in value.strip(".")
        and not FORBIDDEN_FILES.search(value)
    ),
    "a name with a permitted extension, at most 256 characters",
)
a_sticker = Rule(lambda value: str(value).isdecimal(), "a number")

# ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────

CONTENT: dict[str, dict[str, Rule]] = {
    "text": {"text": string(7000)},
    "picture": {"media": a_url, "text": string(768, least=0)},
    "video": {"media": a_url, "size": whole(1, 26 * 2**20)},
    "file": {"media": a_url, "size": whole(1, 50 * 2**20), "file_name": a_file_name},
    "contact": {"contact.name": string(28), "contact.phone_number": string(18)},
    "location": {"location.lat": between(90), "location.lon": between(180)},
    "url": {"media": a_url},
    "sticker": {"sticker_id": a_sticker},
    "rich_media": {"rich_media": mapping(level=2)},
}


def check_outgoing(message: Json) -> None:
    """A message of ``send_message``, ``broadcast_message`` or ``post``. Raises Refusal."""
    _present(message, "sender.name", string(28))
    check_welcome(message)


def check_welcome(message: Json) -> None:
    """The same, its sender optional as in an answer to ``conversation_started``. Raises Refusal."""
    level = message.get("min_api_version", 1)
    if type(level) is not int or level < 1:
        raise Refusal(3, "min_api_version must be an integer of at least 1")
    _optional(message, "sender.name", string(28))
    _optional(message, "tracking_data", string(4000, least=0))
    _check_content(message, level)
    if message.get("keyboard") is not None:
        _check_keyboard(message["keyboard"], level)


def _check_content(message: Json, level: int) -> None:
    kind = message.get("type")
    if kind is None and message.get("keyboard") is not None:
        return
    if kind is None:
        raise Refusal(4, "type is missing")
    if kind not in CONTENT:
        raise Refusal(3, f"type {kind!r} is not supported")
    for name, rule in CONTENT[kind].items():
        _present(message, name, rule)
        _require_level(name, rule, level)
    if kind == "rich_media":
        _check_buttons(message["rich_media"], "rich_media", level)


def _check_keyboard(keyboard: Any, level: int) -> None:
    if not isinstance(keyboard, dict):
        raise Refusal(3, "keyboard is not valid. [instance type does not match (object expected)]")
    _check_buttons(keyboard, "keyboard", level)


# ── Keyboards ───────────────────────────────────────────────────────────────────────────────────────────────

KEYBOARD = {
    "BgColor": a_colour,
    "DefaultHeight": flag(),
    "CustomDefaultHeight": whole(40, 70, level=3),
    "HeightScale": whole(20, 100, level=3),
    "ButtonsGroupColumns": whole(1, 6, level=4),
    "ButtonsGroupRows": whole(1, 2, level=4),
    "InputFieldState": one_of("regular", "minimized", "hidden", level=4),
    "FavoritesMetadata": mapping(level=6),
}
RICH_MEDIA = {"BgColor": a_colour, "ButtonsGroupColumns": whole(1, 6), "ButtonsGroupRows": whole(1, 7)}
BUTTON = {
    "Columns": whole(1, 6),
    "Rows": whole(1, 7),
    "Text": string(250, least=0),
    "Image": a_url,
    "BgMedia": a_url,
    "BgMediaType": one_of("picture", "gif"),
    "BgLoop": flag(),
    "BgColor": a_colour,
    "TextVAlign": one_of("top", "middle", "bottom"),
    "TextHAlign": one_of("left", "center", "right"),
    "TextSize": one_of("small", "regular", "large"),
    "TextOpacity": whole(0, 100),
    "TextPaddings": paddings,
    "TextShouldFit": flag(level=6),
    "Silent": flag(),
    "OpenURLType": one_of("internal", "external"),
    "OpenURLMediaType": one_of("not-media", "video", "gif", "picture"),
    "InternalBrowser": mapping(level=3),
    "Map": mapping(level=6),
    "Frame": mapping(level=6),
    "MediaPlayer": mapping(level=6),
}
ACTION_LEVELS = {
    "reply": 1,
    "open-url": 1,
    "none": 1,
    "share-phone": 3,
    "location-picker": 3,
    "open-map": 6,
    "buy": 10,
}
FACES = ("Text", "Image", "BgMedia", "BgColor")


def _check_buttons(block: Json, kind: str, level: int) -> None:
    if "Type" not in block:
        raise Refusal(3, f'{kind} is not valid. [object has missing required properties (["Type"])]')
    if block["Type"] != kind:
        raise Refusal(3, f"{kind} is not valid. [Type must be {kind}]")
    _check_properties(block, KEYBOARD if kind == "keyboard" else RICH_MEDIA, kind, level)
    buttons = block.get("Buttons")
    if not isinstance(buttons, list) or not buttons:
        raise Refusal(3, f"{kind} is not valid. [Buttons must be an array of at least one element]")
    for button in buttons:
        _check_button(button, kind, level)


def _check_button(button: Any, kind: str, level: int) -> None:
    if not isinstance(button, dict):
        raise Refusal(3, f"{kind} is not valid. [instance type does not match (object expected)]")
    _check_properties(button, BUTTON, kind, level)
    action, known = button.get("ActionType", "reply"), [a for a, low in ACTION_LEVELS.items() if low <= level]
    if action not in known:
        raise Refusal(3, f'{kind} is not valid. [instance value ("{action}") not found in enum {known}]')
    body = button.get("ActionBody")
    if not isinstance(body, str) or not body:
        raise Refusal(3, f'{kind} is not valid. [object has missing required properties (["ActionBody"])]')
    if not any(button.get(face) for face in FACES):
        raise Refusal(3, f"{kind} is not valid. [a button needs one of {', '.join(FACES)}]")


def _check_properties(holder: Json, rules: Mapping[str, Rule], kind: str, level: int) -> None:
    for name in holder.keys() & rules.keys():
        if not rules[name].holds(holder[name]):
            raise Refusal(3, f"{kind} is not valid. [{name} must be {rules[name].expects}]")
        _require_level(name, rules[name], level)


def _require_level(name: str, rule: Rule, level: int) -> None:
    if rule.level > level:
        raise Refusal(14, f"{name} needs min_api_version {rule.level}")


# ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────


def require(body: Json, name: str, *kinds: type) -> Any:
    """The field, of one of these types and not empty. Raises Refusal."""
    value = body.get(name)
    if value is None or value == "" or value == []:
        raise Refusal(4, f"{name} is missing")
    if not isinstance(value, kinds):
        raise Refusal(3, f"{name} has the wrong type")
    return value


def _present(message: Json, path: str, rule: Rule) -> None:
    value = _at(message, path)
    if value is None:
        raise Refusal(4, f"{path} is missing")
    if not rule.holds(value):
        raise Refusal(3, f"{path} must be {rule.expects}")


def _optional(message: Json, path: str, rule: Rule) -> None:
    if _at(message, path) is not None:
        _present(message, path, rule)


def _at(message: Json, path: str) -> Any:
    outer, _, inner = path.partition(".")
    value = message.get(outer)
    if not inner:
        return value
    if value is not None and not isinstance(value, dict):
        raise Refusal(3, f"{outer} must be an object")
    return (value or {}).get(inner)


# ── The client ──────────────────────────────────────────────────────────────────────────────────────────────

PICTURE_FILE = re.compile(r"\.(jpe?g|png|gif)$", re.IGNORECASE)


def client_objection(message: Json) -> str:
    """Why the phone refuses what the server let through: the ``desc`` of a ``failed`` event. Mostly empty."""
    if message.get("type") == "picture" and not PICTURE_FILE.search(urlsplit(message["media"]).path):
        return "media is not valid"
    keyboard = message.get("keyboard")
    if keyboard is not None and not _drawable(keyboard["Buttons"]):
        return "keyboard is not valid"
    return ""


def _drawable(buttons: list[Json]) -> bool:
    return total_rows(buttons) <= CLIENT_ROWS and all(
        is_url(button["ActionBody"]) for button in buttons if button.get("ActionType") == "open-url"
    )


def total_rows(buttons: list[Json]) -> int:
    """The keyboard's height: buttons flow left to right on six columns, a row is as tall as its tallest."""
    rows, used, height = 0, 0, 0
    for button in buttons:
        columns = button.get("Columns", 6)
        if used + columns > 6:
            rows, used, height = rows + height, 0, 0
        used, height = used + columns, max(height, button.get("Rows", 1))
    return rows + height
