"""Viber's JSON as it is rather than as documented: numbers that come as text, text that cannot be stored."""

import json
import re
from typing import Any

import orjson

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DECIMAL = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def load(text: str | bytes) -> Any:
    """Any JSON value, lone surrogates included (orjson refuses those). Raises ValueError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _load_leniently(text)


def _load_leniently(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def clean(text: str) -> str:
    """``text`` without what UTF-8 cannot encode (lone surrogates) and PostgreSQL cannot store (NUL)."""
    return _UNSTORABLE.sub("", text)


def string(value: object, limit: int | None = None) -> str:
    """``value`` cleaned and cut to ``limit`` characters, or an empty string where it is no text."""
    return clean(value)[:limit] if isinstance(value, str) else ""


def mapping(value: object) -> dict[str, Any]:
    """``value``, or an empty mapping where it is none."""
    return value if isinstance(value, dict) else {}


def integer(value: object) -> int | None:
    """A signed 64-bit number that came as a number or as decimal text; None for anything else.

    A float is anything else: above 2⁵³ it has lost digits, and message tokens are above 2⁵³.
    """
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63:
        return value
    return None
