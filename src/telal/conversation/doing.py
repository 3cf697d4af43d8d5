"""Effects of answers, done: one function for each kind, with everybody who has just asked for it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from telal import sql
from telal.cases.numbers import find_pin, redact_personal_numbers
from telal.conversation.effects import AskForErasure, Effect, EndAll, EndOne, Keep, PassOn, Speak
from telal.conversation.models import QUESTION_TEXT, Kind, Question
from telal.messaging.models import Contact
from telal.notices import binding
from telal.sealing.seals import seal

# What somebody writes after they have asked for a human is for the human, if we do not understand it.
WITH_HUMAN = timedelta(hours=24)
_LONGEST_QUESTION = 4000


@dataclass(frozen=True, slots=True)
class Deed:
    """``effect`` is to be done for this contact, who has just written ``text``."""

    contact_id: int
    effect: Any
    text: str


def perform(deeds: Sequence[Deed], now: datetime) -> None:
    """All of them, in a few statements for each kind."""
    of_kind: dict[type, list[Deed]] = defaultdict(list)
    for deed in deeds:
        of_kind[type(deed.effect)].append(deed)
    for kind, act in _ACTS.items():
        if kind in of_kind:
            act(of_kind[kind], now)


def without_secrets(text: str) -> str:
    """What a citizen wrote, for others to read: no personal numbers, no PIN, and not without end."""
    pin = find_pin(text)
    safe = redact_personal_numbers(text.replace(pin, "[PIN]") if pin else text)
    return safe[:_LONGEST_QUESTION].strip()


def _end_all(deeds: Sequence[Deed], now: datetime) -> None:
    binding.unsubscribe([deed.contact_id for deed in deeds], now)


def _end_one(deeds: Sequence[Deed], now: datetime) -> None:
    binding.unsubscribe_from([(deed.contact_id, deed.effect.case_id) for deed in deeds], now)


def _speak(deeds: Sequence[Deed], _: datetime) -> None:
    for language, contact_ids in _by(deeds, lambda effect: effect.language).items():
        Contact.objects.filter(pk__in=contact_ids).update(language=language, language_chosen=True)


def _keep(deeds: Sequence[Deed], _: datetime) -> None:
    for discreet, contact_ids in _by(deeds, lambda effect: effect.discreet).items():
        Contact.objects.filter(pk__in=contact_ids).update(discreet=discreet)


def _pass_on(deeds: Sequence[Deed], now: datetime) -> None:
    rows = [
        {"contact_id": deed.contact_id, "text": seal(text, QUESTION_TEXT) if text else ""}
        for deed in deeds
        for text in [without_secrets(deed.text)]
    ]
    sql.insert(Question, rows, kind=Kind.QUESTION, asked_at=now)
    asking = [deed.contact_id for deed in deeds]
    Contact.objects.filter(pk__in=asking).update(with_human_until=now + WITH_HUMAN)


def _ask_for_erasure(deeds: Sequence[Deed], now: datetime) -> None:
    for days, contact_ids in _by(deeds, lambda effect: effect.days).items():
        due_on = timezone.localdate(now) + timedelta(days=days)
        rows = [{"contact_id": contact_id} for contact_id in contact_ids]
        sql.upsert(Question, rows, "DO NOTHING", kind=Kind.ERASURE, asked_at=now, due_on=due_on)


def _by(deeds: Sequence[Deed], what: Callable[[Any], Any]) -> dict[Any, list[int]]:
    """The contacts of these deeds, by something of the effect."""
    found: dict[Any, list[int]] = defaultdict(list)
    for deed in deeds:
        found[what(deed.effect)].append(deed.contact_id)
    return found


_ACTS: dict[type[Effect], Callable[[Sequence[Deed], datetime], None]] = {
    EndAll: _end_all,
    EndOne: _end_one,
    Speak: _speak,
    Keep: _keep,
    PassOn: _pass_on,
    AskForErasure: _ask_for_erasure,
}
