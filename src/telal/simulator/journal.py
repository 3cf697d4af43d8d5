"""The log that proves what happened: every request and callback, numbered, written once, never changed."""

import time
from typing import Any

import orjson


class Journal:
    """Lines of JSON in memory. Line ``n`` carries ``"seq": n``, from 1; tokens are strings (beyond 2^53)."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def write(self, kind: str, **facts: Any) -> int:
        seq = len(self._lines) + 1
        self._lines.append(orjson.dumps({"seq": seq, "at": time.time(), "kind": kind, **facts}) + b"\n")
        return seq

    def lines(self, after: int = 0) -> list[bytes]:
        return self._lines[max(after, 0) :]

    def __len__(self) -> int:
        return len(self._lines)
