"""What can be turned on a running simulator, and its clock."""

import random
import time
from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Settings:
    """``speed`` divides the pauses of repeated callbacks. ``patience`` is how long an answer to them may
    take, ``receipt_delay`` the longest way of a message to a phone, both in seconds. ``hourly_limit`` is for
    one receiver who does not answer; ``incoming_receipts`` also reports people's own messages as delivered.
    """

    speed: float = 1.0
    patience: float = 5.0
    receipt_delay: float = 0.3
    hourly_limit: int = 100
    broadcast_allowed: bool = False
    public_chat: bool = False
    incoming_receipts: bool = True

    def change(self, changes: dict[str, Any]) -> None:
        """Raises ValueError for a name we do not have or a value of another kind."""
        known = {field.name: field.type for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"there is no setting {name!r}; there are {', '.join(known)}")
            if not isinstance(value, (int, float)) or isinstance(value, bool) is not (known[name] is bool):
                raise ValueError(f"{name} must be a {known[name]}")
            setattr(self, name, value)


class Clock:
    """The platform's time in ms, which may be put forward, and its tokens: increasing, 2^53 to 2^63."""

    TOKENS_PER_MS = 3_250_000

    def __init__(self, dice: random.Random) -> None:
        self._ahead = 0
        self._last_token = 0
        self._dice = dice

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time does not go back")
        self._ahead += int(seconds * 1000)

    def token(self) -> int:
        drawn = self.now() * self.TOKENS_PER_MS + self._dice.randrange(self.TOKENS_PER_MS)
        self._last_token = max(self._last_token + 1, drawn)
        return self._last_token
