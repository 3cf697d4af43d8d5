"""How much of what one person writes is answered: more than anybody can ask, or the same for ever, is a machine. Values only.

Whoever writes too much hears so once and is then not answered until the minute is over; so is whoever says the same again and
again, or only what we have just said ourselves, until something different comes. What people have a right to is always done.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from telal.conversation.understand import Understood
from telal.messaging.channel import Said

A_WHILE = timedelta(minutes=1)
MOST_IN_A_WHILE = 20
# Of these it is also said that they are done, however much else there is.
MOST_RIGHTS_IN_A_WHILE = 10

# After so long a pause the same question is a new one.
FORGOTTEN_AFTER = timedelta(minutes=1)
MOST_OF_THE_SAME = 5

# What is shorter may be anybody's words; longer, and ours of a moment ago, it is an echo.
SHORTEST_ECHO = 40

_RIGHTS = {
    "notify.unsubscribe", "notify.end_one", "discreet.on", "link.case", "privacy.delete", "erase.confirm",
}  # fmt: skip

Because = Literal["flood", "repeated"]


@dataclass(frozen=True, slots=True)
class Heed:
    """What becomes of a message. ``because`` says why it is not answered, None where it is.

    ``is_told``: we say so this once. ``is_done``: what it asks for is done all the same.
    """

    because: Because | None = None
    is_told: bool = False
    is_done: bool = True


_ANSWERED = Heed()


def heed(in_a_while: int, rights: int, times: int, *, right: bool) -> Heed:
    """``in_a_while``: the how many-th this person has written within ``A_WHILE``, ``rights`` are rights; ``times``: the
    how many-th of the same.
    """
    if times > MOST_OF_THE_SAME:
        return Heed("repeated", times == MOST_OF_THE_SAME + 1, right)
    if right and rights > MOST_RIGHTS_IN_A_WHILE:
        return Heed("flood")
    if not right and in_a_while > MOST_IN_A_WHILE:
        return Heed("flood", in_a_while == MOST_IN_A_WHILE + 1, is_done=False)
    return _ANSWERED


def room(in_a_while: int) -> int:
    """How many more are answered, or told that they are not, after so many."""
    return max(0, MOST_IN_A_WHILE + 1 - in_a_while)


def is_right(said: Said, understood: Understood) -> bool:
    """Is it a wish that must never be lost: to hear nothing more, to be discreet, to be erased, or to prove who they are?"""
    return (
        bool(said.contact_phone) or understood.pin is not None or not _RIGHTS.isdisjoint(understood.intents)
    )
