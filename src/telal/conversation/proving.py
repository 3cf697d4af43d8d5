"""Who is asking? What somebody offers as a proof, and the words about what came of it. Pure: the checking is the listener's.

Two ways lead from a question to a case, beside the link of the slip: one's own number, shared by a button with a one-time token of
ours, and the number of the case with the PIN. What is wrong with a PIN is never said: one answer for all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from telal.cases.numbers import Reference
from telal.cases.office import Office
from telal.cases.phones import normalise_phone
from telal.conversation import bot
from telal.conversation.bot import CaseView, Reply
from telal.conversation.understand import Understood, understand
from telal.conversation.words import WORDS
from telal.messaging.channel import Button, Said
from telal.notices import compose

Outcome = Literal[
    "phone_proven", "phone_refused", "phone_not_sent", "bound", "pin_refused", "still_you_yes", "still_you_no"
]

# After these, the next step is the button that shares one's number.
_LEADING_TO_THE_BUTTON = ("phone_refused", "phone_not_sent", "pin_refused")
# Always answered with the button; the others only to who has no case here.
_ABOUT_CONNECTING = {"link.case", "phone.change"}
_ABOUT_ONES_CASES = {
    "status.mine", "status.by_number", "status.history", "deadline.when", "who.handles", "docs.missing",
    "decision.pickup", "silence.complaint", "notify.subscribe",
}  # fmt: skip

_LEAVING = {"notify.unsubscribe", "notify.end_one"}

_MY_CASES = understand("Moji predmeti", year=2026)


@dataclass(frozen=True, slots=True)
class SharedPhone:
    """A number (E.164) and what came with it in the token's place. No ``phone``: the device has sent the token alone."""

    token: str
    phone: str


@dataclass(frozen=True, slots=True)
class NumberAndPin:
    """``pin`` is never echoed, logged or kept."""

    reference: Reference
    pin: str


@dataclass(frozen=True, slots=True)
class StillMe:
    """The answer to *is it still you?*, if that was asked."""

    yes: bool


Offer = SharedPhone | NumberAndPin | StillMe


def offered(said: Said, understood: Understood, token_begins: str) -> Offer | None:
    """What this message offers as a proof, if anything. ``token_begins``: all tokens of ours do."""
    if said.kind == "contact":
        # One's own number comes without a name: a contact with one was forwarded.
        return SharedPhone("" if said.contact_named else said.text, _e164(said.contact_phone))
    if said.kind != "text" or _LEAVING.intersection(understood.intents):
        return None
    if re.fullmatch(rf"{token_begins}[\w-]{{24}}", said.text):
        return SharedPhone(said.text, "")
    if said.text in compose.still_you_keys():
        return StillMe(compose.still_you_keys()[said.text])
    if understood.pin and len(understood.references) == 1 and understood.references[0].keys:
        return NumberAndPin(understood.references[0], understood.pin)
    return None


def reply(
    understood: Understood,
    cases: Sequence[CaseView],
    language: str,
    *,
    office: Office,
    said_kind: str = "text",
    with_human: bool = False,
) -> Reply:
    """The bot's answer (see there), with the button that shares one's number where it speaks of connecting a case."""
    answer = bot.reply(understood, cases, language, office=office, said_kind=said_kind, with_human=with_human)
    if said_kind == "text" and _leads_to_proof(understood, has_cases=bool(cases)):
        return _with_button(answer, language)
    return answer


def _leads_to_proof(understood: Understood, *, has_cases: bool) -> bool:
    intents = set(understood.intents)
    more = {"notify.subscribe"} if understood.references else set()
    return bool(intents & (_ABOUT_CONNECTING | more) or (not has_cases and intents & _ABOUT_ONES_CASES))


def _with_button(reply: Reply, language: str) -> Reply:
    """The reply, and first of its keys the one that shares one's number. The token is put into it on its way out."""
    label = WORDS.label(language, "share_phone")
    return replace(reply, buttons=(Button(label, says=label, asks="phone"), *reply.buttons))


def words(outcome: Outcome, language: str) -> Reply:
    """What came of an offer, where no case is to be told of."""
    reply = Reply(WORDS.text(language, outcome), bot.menu(language))
    return _with_button(reply, language) if outcome in _LEADING_TO_THE_BUTTON else reply


def all_bound(language: str, cases: Sequence[CaseView], office: Office) -> Reply:
    """Said when this chat has just been connected to several cases: how all of its cases stand."""
    return _before(WORDS.text(language, "all_bound"), language, cases, office)


def confirmed(language: str, cases: Sequence[CaseView], office: Office) -> Reply:
    """Thanks for saying that it is still them, and how their cases stand now."""
    return _before(WORDS.text(language, "still_you_yes"), language, cases, office)


def _before(text: str, language: str, cases: Sequence[CaseView], office: Office) -> Reply:
    state = bot.reply(_MY_CASES, cases, language, office=office)
    return replace(state, text=f"{text}\n\n{state.text}")


def _e164(written: str) -> str:
    """A number as the platform writes it: international, with or without its ``+``. Empty where it is none."""
    for text in (f"+{written.lstrip('+')}", written):
        try:
            return normalise_phone(text)
        except ValueError:
            continue
    return ""
