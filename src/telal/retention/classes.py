"""What is kept, and for how long: a line for each class of data. Pure, because the settings read it.

A municipality sets its own days on the screen, or by ``TELAL_KEEP_<CODE>``, as agreed with its data protection officer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class DataClass:
    """``days`` is how long it is kept unless the municipality says otherwise, ``least`` what the work itself needs, and ``most``
    what can still be called no longer than needed: the screen goes no further. The environment may, by a reasoned decision.
    """

    code: str
    days: int
    least: int
    most: int
    meaning: str

    @property
    def variable(self) -> str:
        return f"TELAL_KEEP_{self.code.upper()}"


# Viber delivers for 14 days, and its receipts may come as late: what settles a message must outlive that.
_RECEIPTS = 15

CLASSES = (
    DataClass("chat_text", 90, 1, 90, "texts of messages, from the day they were written"),
    DataClass("delivery_log", 180, _RECEIPTS, 366, "who was sent a message when, and how far it got"),
    DataClass("callbacks", 30, _RECEIPTS, 90, "whom a callback was about; its key stays, so that it never counts twice"),
    DataClass("stray_receipts", 15, _RECEIPTS, 60, "receipts that belong to no message of ours"),
    DataClass("questions", 90, 1, 366, "what citizens asked a human, from the answer"),
    DataClass("unmatched", 90, 1, 366, "what came for a case that is not known, from when it came last"),
    DataClass("contacts", 180, 1, 366, "people in the chat who follow nothing, from their last word"),
    DataClass("case_data", 180, 1, 731, "the copy of a case's data, from its last change after it was closed"),
    DataClass("consent_proof", 1827, 365, 1827, "the evidence of consent, from its withdrawal or the end of case_data"),
    DataClass("audit_log", 730, 365, 731, "who has looked at what and changed what"),
)  # fmt: skip


def in_step(days: Mapping[str, int]) -> dict[str, int]:
    """The same days, but a text never outlives its message."""
    return {**days, "chat_text": min(days["chat_text"], days["delivery_log"])}


def troubles(days: Mapping[str, int]) -> list[str]:
    """What is wrong with these days, in sentences for whoever set them."""
    wrong = [
        f"{kept.variable}: say a whole number of days from {kept.least} to {LONGEST_DAYS}"
        for kept in CLASSES
        if not kept.least <= days[kept.code] <= LONGEST_DAYS
    ]
    if days["chat_text"] > days["delivery_log"]:
        wrong.append(
            "TELAL_KEEP_CHAT_TEXT: no longer than TELAL_KEEP_DELIVERY_LOG, a text goes with its message"
        )
    return wrong
