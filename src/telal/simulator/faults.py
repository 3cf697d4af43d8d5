"""Trouble on demand, and the same trouble again: which requests, receipts and callbacks go wrong.

A rule's chance is drawn from its number, the seed, the receiver and how many matching sends (or callbacks) that
receiver has had, so that a replay hits the same ones however the requests interleave.
"""

import random
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

ANSWERS = ("delay", "timeout", "reset", "http", "status")
RECEIPTS = ("lost", "early", "repeated", "foreign", "delayed", "failed")
CALLBACKS = ("again", "late")
KINDS = ANSWERS + RECEIPTS + CALLBACKS


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. ``kind`` is one of ANSWERS (what the sender sees), RECEIPTS (what becomes of a message's
    receipts) or CALLBACKS (how its webhook is told: ``again`` though taken, or ``late``, behind others).

    ``times`` limits how often it strikes (None: always), ``probability`` how likely; ``receiver`` (empty:
    anybody), ``method`` and, of callbacks, ``event`` narrow it. ``when`` says whether the trouble comes before
    or after the platform took the request; ``seconds`` belongs to delay, timeout, delayed and late, ``code``, ``body`` and
    ``retry_after`` to http, ``status`` and ``detail`` to status, ``detail`` to failed, ``count`` to repeated,
    foreign and again.
    """

    kind: str
    when: Literal["before", "after"] = "before"
    times: int | None = None
    probability: float = 1.0
    receiver: str = ""
    method: str = "send_message"
    event: str = ""
    seconds: float = 60.0
    code: int = 500
    body: str = "<html><body>Bad Gateway</body></html>"
    retry_after: int | None = None
    status: int = 12
    detail: str = ""
    count: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if self.when not in ("before", "after"):
            raise ValueError("when must be before or after")


class Faults:
    """The rules in force, in the order given; the first that strikes wins, one of each family a request."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._rules: dict[int, Fault] = {}
        self._struck: Counter[int] = Counter()
        self._matched: Counter[tuple[int, str]] = Counter()

    def add(self, fault: Fault) -> int:
        number = len(self._struck) + 1
        self._rules[number], self._struck[number] = fault, 0
        return number

    def remove(self, number: int) -> None:
        """This rule goes; what the others have drawn stays."""
        self._rules.pop(number, None)

    def clear(self) -> None:
        """Every rule goes, and what was drawn so far: the same rules will strike the same way again."""
        self._rules.clear()
        self._struck.clear()
        self._matched.clear()

    def describe(self) -> list[dict[str, Any]]:
        return [{"id": n, "struck": self._struck[n], **asdict(fault)} for n, fault in self._rules.items()]

    def for_request(self, method: str, receiver: str) -> Fault | None:
        return self._strike(receiver, ANSWERS, method=method) if self._rules else None

    def for_receipt(self, receiver: str) -> Fault | None:
        return self._strike(receiver, RECEIPTS) if self._rules else None

    def for_callback(self, event: str, receiver: str) -> Fault | None:
        return self._strike(receiver, CALLBACKS, event=event) if self._rules else None

    def _strike(
        self, receiver: str, family: tuple[str, ...], *, method: str = "send_message", event: str = ""
    ) -> Fault | None:
        for number, fault in self._rules.items():
            meant = fault.kind in family and fault.receiver in ("", receiver)
            named = fault.event in ("", event) if family is CALLBACKS else fault.method == method
            if meant and named and self._draw(number, fault, receiver):
                self._struck[number] += 1
                return fault
        return None

    def _draw(self, number: int, fault: Fault, receiver: str) -> bool:
        if fault.times is not None and self._struck[number] >= fault.times:
            return False
        self._matched[number, receiver] += 1
        if fault.probability >= 1:
            return True
        nth = self._matched[number, receiver]
        return random.Random(f"{self.seed} {number} {receiver} {nth}").random() < fault.probability  # noqa: S311
