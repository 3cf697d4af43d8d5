"""What we tell the citizen about a case: facts in, a message out.

Every value stands behind its label (``Služba: …``) and is never inflected: names and departments come in the
nominative and stay in it. A sensitive case is told in words that reveal nothing, since the message may be
read on a locked screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from textwrap import shorten

from telal.cases.statuses import LANGUAGES, OUTCOMES, SERBIAN_IN_LATIN, STATUSES, may_carry_outcome
from telal.messaging.channel import Button
from telal.notices.words import Words, written_date

_SUBJECT_WIDTH = 120
_CLOCKS_WITH_DEADLINE = ("runs", "holds", "restarts")
_STATUSES_WITH_AWAITED_BODY = ("awaiting_other_body", "suspended")
# Endings that are not what they sound like (domain reference, 1.6).
MIXED_UP = ("refused", "dismissed", "discontinued")
# Where a citizen could take the message for service (dostava), we say that it is none.
_PHASES_OF_AN_ACT = ("decision", "appeal")

# The texts, by when they are said.
WHEN_SAID: Mapping[str, Sequence[str]] = {
    "news": (*STATUSES, "new_deadline"),
    "decided": (*(f"outcome_{code}" for code in OUTCOMES), "information_only"),
    "without_details": ("discreet_notice", "sensitive_notice", "sensitive_status", "still_you"),
}

WORDS = Words(
    Path(__file__).parent / "texts",
    texts={**dict.fromkeys(chain.from_iterable(WHEN_SAID.values()), ()), "sensitive_status": ("date",)},
    labels={
        **dict.fromkeys(("status", "since", "received_on", "outcome", "waiting_for", "waiting_since"), ()),
        **dict.fromkeys(("department", "officer", "phone", "room", "due_on", "yes", "no"), ()),
        **dict.fromkeys(("case", "meaning"), ("number",)),
        "due_on_held": ("date",),
    },
)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All that a message may say about a case. What is not known is an empty string or None.

    ``only_deadline``: nothing else has changed.
    """

    number: str
    kind: str
    subject: str
    status: str
    outcome: str
    department: str
    officer: str
    officer_phone: str
    officer_room: str
    waiting_for: str
    waiting_since: date | None
    received_on: date | None
    due_on: date | None
    occurred_on: date
    sensitive: bool
    only_deadline: bool = False


def notice(facts: CaseFacts, language: str, *, discreet: bool = False) -> str:
    """The message for a change that has just happened. ``discreet``: whoever gets it wants no details unasked."""
    if facts.sensitive:
        return WORDS.text(language, "sensitive_notice")
    if discreet:
        return news(language)
    happened = "new_deadline" if facts.only_deadline else facts.status
    return _message(facts, language, happened, _details(facts, language))


def news(language: str) -> str:
    """That there is news, and nothing of it."""
    return WORDS.text(language, "discreet_notice")


def still_you(language: str) -> tuple[str, tuple[Button, ...]]:
    """*Is it still you?*, and its two keys; it says nothing of any case."""
    yes, no = (WORDS.label(language, name) for name in ("yes", "no"))
    return WORDS.text(language, "still_you"), (Button(yes, says=yes), Button(no, says=no))


@WORDS.kept
def still_you_keys() -> Mapping[str, bool]:
    """What those say who press one of them: yes or no, in every language, and in the words of any time."""
    return {
        words: name == "yes"
        for language in (*LANGUAGES, SERBIAN_IN_LATIN)
        for name in ("yes", "no")
        for words in WORDS.spellings(language, name)
    }


def status(facts: CaseFacts, language: str) -> str:
    """The answer to "what is the present state of this case"."""
    if facts.sensitive:
        return WORDS.text(language, "sensitive_status", date=written_date(language, facts.occurred_on))
    return _message(facts, language, facts.status, _present(facts, language) + _details(facts, language))


def meaning_keys(facts: CaseFacts, language: str) -> tuple[str, ...]:
    """What somebody may want to ask about this news, as the words on a button: an outcome that is easily misunderstood."""
    if facts.sensitive or not explained_outcome(facts):
        return ()
    return (WORDS.label(language, "meaning", number=_one_line(facts.number)),)


def explained_outcome(facts: CaseFacts) -> str:
    """The outcome, where it is one that people mix up with another; else empty."""
    return facts.outcome if may_carry_outcome(facts.status) and facts.outcome in MIXED_UP else ""


def heading(facts: CaseFacts, language: str) -> str:
    """Number and subject. Not for sensitive cases."""
    number = WORDS.label(language, "case", number=_one_line(facts.number))
    subject = _one_line(facts.subject)
    if len(subject) > _SUBJECT_WIDTH:
        subject = shorten(subject, _SUBJECT_WIDTH, placeholder=" …")
    return "\n".join(filter(None, (number, subject)))


def state(facts: CaseFacts, language: str) -> str:
    """``Stanje: U obradi``."""
    return _line(language, "status", STATUSES[facts.status].label(language))


def deadline(facts: CaseFacts, language: str) -> str:
    """``Rok za rješavanje: 12. 3. 2027.``; empty where there is none or it no longer matters."""
    clock = STATUSES[facts.status].clock
    if facts.due_on is None or clock not in _CLOCKS_WITH_DEADLINE:
        return ""
    day = written_date(language, facts.due_on)
    return _line(
        language, "due_on", WORDS.label(language, "due_on_held", date=day) if is_held(facts) else day
    )


def is_held(facts: CaseFacts) -> bool:
    """Does the deadline stand still, so that its date is not the last word?"""
    return STATUSES[facts.status].clock == "holds"


def handlers(facts: CaseFacts, language: str) -> list[str]:
    """The lines on who works on the case and how to reach them; none where that is not known."""
    lines = (
        _line(language, "department", facts.department),
        _line(language, "officer", facts.officer),
        _line(language, "phone", facts.officer_phone),
        _line(language, "room", facts.officer_room),
    )
    return [line for line in lines if line]


def _message(facts: CaseFacts, language: str, text: str, lines: list[str]) -> str:
    happened, *to_do = WORDS.paragraphs(language, text)
    parts = [heading(facts, language), happened, _outcome(facts, language), "\n".join(lines), *to_do]
    if STATUSES[facts.status].phase in _PHASES_OF_AN_ACT:
        parts.append(WORDS.text(language, "information_only"))
    return "\n\n".join(filter(None, parts))


def _present(facts: CaseFacts, language: str) -> list[str]:
    lines = (
        state(facts, language),
        _line(language, "since", _date(language, facts.occurred_on)),
        _line(language, "received_on", _date(language, facts.received_on)),
    )
    return [line for line in lines if line]


def _details(facts: CaseFacts, language: str) -> list[str]:
    awaited = facts.status in _STATUSES_WITH_AWAITED_BODY and facts.waiting_for
    lines = (
        _line(language, "waiting_for", facts.waiting_for) if awaited else "",
        _line(language, "waiting_since", _date(language, facts.waiting_since)) if awaited else "",
        *handlers(facts, language),
        deadline(facts, language),
    )
    return [line for line in lines if line]


def _outcome(facts: CaseFacts, language: str) -> str:
    """What was decided, and what that means: *odbijen* and *odbačen* are easily mistaken for each other."""
    if not facts.outcome or not may_carry_outcome(facts.status):
        return ""
    name = _line(language, "outcome", OUTCOMES[facts.outcome].label(language))
    return "\n".join((name, WORDS.text(language, f"outcome_{facts.outcome}")))


def _line(language: str, label: str, value: str) -> str:
    return f"{WORDS.label(language, label)}: {_one_line(value)}" if value else ""


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _date(language: str, day: date | None) -> str:
    return written_date(language, day) if day else ""
