"""What the bot answers: a question understood, the caller's own cases, and nothing else in; a reply out.

A case that is not the caller's and a case that does not exist get the same answer, since only the caller's
cases ever come in here. Two questions in one message get two answers in one reply.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from textwrap import shorten
from typing import Literal

from telal.cases.numbers import Reference, choose
from telal.cases.statuses import OUTCOMES, STATUSES, may_carry_outcome
from telal.conversation.understand import Understood
from telal.messaging.channel import Button
from telal.notices import compose
from telal.notices.compose import CaseFacts
from telal.notices.words import Words, written_date

_MOST_CASES = 6
_MOST_CHANGES = 20
_SUBJECT_WIDTH = 60

_TEXTS = (
    "welcome", "bound", "link_used", "link_expired", "link_unknown", "stopped",
    "greeting", "thanks", "help", "only_text", "unclear", "other",
    "nothing_to_show", "not_found", "foreign_number", "other_person", "which_case",
    "more_cases", "more_changes", "officer_unknown", "deadline_unknown", "nothing_missing", "not_ready",
    "appeal", "silence", "privacy", "erasure", "human", "notices_on", "connect", "script",
)  # fmt: skip

_WORDS = Words(
    Path(__file__).parent / "texts",
    texts=dict.fromkeys(_TEXTS, ()),
    labels={
        **dict.fromkeys(("start", "my_cases", "help", "stop"), ()),
        **dict.fromkeys(("case", "history"), ("number",)),
        "discreet_case": ("date",),
        **dict.fromkeys(("cases_one", "cases_few", "cases_other"), ("number",)),
        **dict.fromkeys(("days_left_one", "days_left_few", "days_left_other"), ("number",)),
    },
)

# Answered only when nothing else was said.
_ASIDES = ("smalltalk.greet", "smalltalk.thanks", "abuse", "out_of_scope", "unclear")

_MENU = ("my_cases", "help")
_HELP_MENU = ("my_cases", "stop")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of a case."""

    on: date
    status: str
    waiting_for: str
    outcome: str
    department: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One of the caller's own cases, its newest change first.

    ``key`` is its canonical number; ``barcode`` the code on its label, or empty.
    """

    key: str
    barcode: str
    facts: CaseFacts
    history: Sequence[HistoryLine]


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send back. ``ends_subscriptions`` when the caller has just said stop."""

    text: str
    buttons: tuple[Button, ...]
    ends_subscriptions: bool = False


@dataclass(frozen=True, slots=True)
class _Question:
    understood: Understood
    cases: Sequence[CaseView]
    language: str
    today: date


@dataclass(frozen=True, slots=True)
class _Answer:
    """``keys`` are the words on the buttons of its own; the menu's follow them."""

    text: str
    keys: tuple[str, ...] = ()


_Tell = Callable[[_Question, CaseView], _Answer]
_TellAll = Callable[[_Question, Sequence[CaseView]], _Answer]


def reply(
    understood: Understood,
    cases: Sequence[CaseView],
    language: str,
    *,
    today: date,
    said_kind: str = "text",
) -> Reply:
    """The answer to one message. ``cases`` are the caller's own; ``said_kind`` is the kind of the message."""
    if said_kind != "text":
        return _with_keyboard(_WORDS.text(language, "only_text"), language, _MENU)
    if wants_out(understood):
        return _stopped(language)
    newest_first = sorted(cases, key=lambda case: case.facts.occurred_on, reverse=True)
    question = _Question(understood, newest_first, language, today)
    intents = _worth_answering(understood.intents)
    answer = _joined(_ANSWERS.get(intent, _saying("other"))(question) for intent in intents)
    return _with_keyboard(answer.text, language, _HELP_MENU if "help.menu" in intents else _MENU, answer.keys)


def wants_out(understood: Understood) -> bool:
    """Is this a stop? It goes before everything else said in the same message."""
    return "notify.unsubscribe" in understood.intents


def welcome(language: str) -> Reply:
    """The first words, before the first tap."""
    return _with_keyboard(_WORDS.text(language, "welcome"), language, ("start",))


def bound(language: str) -> Reply:
    """Said when this chat has just been connected to a case. The case's present state follows it."""
    return _with_keyboard(_WORDS.text(language, "bound"), language, _MENU)


@cache
def menu(language: str) -> tuple[Button, ...]:
    """The keyboard that goes with every message."""
    return _row_by_row([_WORDS.label(language, name) for name in _MENU])


def link_problem(reason: Literal["used", "expired", "unknown"], language: str) -> Reply:
    """Why the link of a slip could not be used, and what to do."""
    return _with_keyboard(_WORDS.text(language, f"link_{reason}"), language, _MENU)


def nothing_to_show(language: str) -> Reply:
    """No case is connected to this chat, and how to connect one."""
    return _with_keyboard(_WORDS.text(language, "nothing_to_show"), language, _MENU)


def answer_language(chosen: str, script: str) -> str:
    """The language to answer in: Cyrillic is answered in Cyrillic, anything else in the language chosen."""
    return "sr" if script == "cyrl" else chosen


def _stopped(language: str) -> Reply:
    stopped = _with_keyboard(_WORDS.text(language, "stopped"), language, ("help",))
    return replace(stopped, ends_subscriptions=True)


def _worth_answering(intents: Sequence[str]) -> Sequence[str]:
    return [intent for intent in intents if intent not in _ASIDES] or intents[:1] or ("unclear",)


def _with_keyboard(text: str, language: str, names: Sequence[str], keys: Sequence[str] = ()) -> Reply:
    return Reply(
        text, _row_by_row(keys[:_MOST_CASES]) + _row_by_row([_WORDS.label(language, name) for name in names])
    )


def _row_by_row(keys: Sequence[str]) -> tuple[Button, ...]:
    """Two in a row, and the odd one out across the whole row."""
    alone = len(keys) - 1 if len(keys) % 2 else None
    return tuple(Button(key, says=key, columns=6 if place == alone else 3) for place, key in enumerate(keys))


def _joined(answers: Iterable[_Answer]) -> _Answer:
    """All of them, each said once."""
    said = list(dict.fromkeys(answers))
    keys = dict.fromkeys(key for answer in said for key in answer.keys)
    return _Answer("\n\n".join(answer.text for answer in said), tuple(keys))


# ── Which cases are meant ───────────────────────────────────────────────────────────────────────────────────


def _about(
    tell: _Tell, several: _TellAll | None = None, which: _TellAll | None = None
) -> Callable[[_Question], _Answer]:
    """The answer about the cases named, or about the only one.

    ``several`` answers when the caller has many and names none, ``which`` when the number fits more than one.
    """

    def answer(question: _Question) -> _Answer:
        if references := question.understood.references[:_MOST_CASES]:
            return _joined(
                _named(question, reference, tell, which or _which_case) for reference in references
            )
        if not question.cases:
            return _saying("nothing_to_show")(question)
        if len(question.cases) == 1:
            return _one(question, question.cases[0], tell)
        return (several or _each(tell))(question, question.cases)

    return answer


def _named(question: _Question, reference: Reference, tell: _Tell, which: _TellAll) -> _Answer:
    if reference.kind == "foreign":
        return _saying("foreign_number")(question)
    found = _fitting(reference, question.cases)
    if not found:
        return _saying("not_found")(question)
    return _one(question, found[0], tell) if len(found) == 1 else which(question, found)


def _fitting(reference: Reference, cases: Sequence[CaseView]) -> list[CaseView]:
    chosen = set(choose(reference, [key for case in cases for key in _keys_of(case)]))
    return [case for case in cases if chosen.intersection(_keys_of(case))]


def _keys_of(case: CaseView) -> tuple[str, ...]:
    return (case.key, f"#{case.barcode}") if case.barcode else (case.key,)


def _one(question: _Question, case: CaseView, tell: _Tell) -> _Answer:
    return _status(question, case) if case.facts.sensitive else tell(question, case)


def _each(tell: _Tell) -> _TellAll:
    def answer(question: _Question, cases: Sequence[CaseView]) -> _Answer:
        told = [_one(question, case, tell) for case in cases[:_MOST_CASES]]
        return _joined((*told, *map(_Answer, _hint_at_more(question, cases))))

    return answer


# ── Several cases ───────────────────────────────────────────────────────────────────────────────────────────


def _all_cases(question: _Question, cases: Sequence[CaseView]) -> _Answer:
    return _listed(question, _WORDS.counted(question.language, "cases", len(cases)), cases, key="case")


def _which_case(question: _Question, cases: Sequence[CaseView]) -> _Answer:
    return _listed(question, _WORDS.text(question.language, "which_case"), cases, key="case")


def _which_history(question: _Question, cases: Sequence[CaseView]) -> _Answer:
    return _listed(question, _WORDS.text(question.language, "which_case"), cases, key="history")


def _listed(
    question: _Question,
    introduction: str,
    cases: Sequence[CaseView],
    key: str,
) -> _Answer:
    shown = cases[:_MOST_CASES]
    lines = [_summary(case.facts, question.language) for case in shown]
    keys = tuple(_key(case, key, question.language) for case in shown if not case.facts.sensitive)
    return _Answer("\n\n".join((introduction, *lines, *_hint_at_more(question, cases))), keys)


def _summary(facts: CaseFacts, language: str) -> str:
    if facts.sensitive:
        return _WORDS.label(language, "discreet_case", date=written_date(language, facts.occurred_on))
    title = filter(None, (facts.number, shorten(facts.subject, _SUBJECT_WIDTH, placeholder=" …")))
    return "\n".join((" – ".join(title), STATUSES[facts.status].label(language)))


def _hint_at_more(question: _Question, cases: Sequence[CaseView]) -> list[str]:
    return [_WORDS.text(question.language, "more_cases")] if len(cases) > _MOST_CASES else []


def _key(case: CaseView, label: str, language: str) -> str:
    return _WORDS.label(language, label, number=case.facts.number)


# ── One case ────────────────────────────────────────────────────────────────────────────────────────────────


def _status(question: _Question, case: CaseView) -> _Answer:
    keys = () if case.facts.sensitive else (_key(case, "history", question.language),)
    return _Answer(compose.status(case.facts, question.language), keys)


def _history(question: _Question, case: CaseView) -> _Answer:
    lines = [_change(line, question.language) for line in case.history[:_MOST_CHANGES]]
    parts = [compose.heading(case.facts, question.language), "\n".join(lines)]
    if len(case.history) > _MOST_CHANGES:
        parts.append(_WORDS.text(question.language, "more_changes"))
    return _Answer("\n\n".join(parts), (_key(case, "case", question.language),))


def _change(line: HistoryLine, language: str) -> str:
    happened = f"{written_date(language, line.on)} – {STATUSES[line.status].label(language)}"
    detail = _detail(line, language)
    return f"{happened}: {detail}" if detail else happened


def _detail(line: HistoryLine, language: str) -> str:
    if line.outcome and may_carry_outcome(line.status):
        return OUTCOMES[line.outcome].label(language)
    return {"assigned": line.department, "awaiting_other_body": line.waiting_for}.get(line.status, "")


def _deadline(question: _Question, case: CaseView) -> _Answer:
    deadline = compose.deadline(case.facts, question.language)
    if not deadline:
        return _in_brief(question, case, "deadline_unknown")
    return _Answer(
        f"{compose.heading(case.facts, question.language)}\n\n{deadline}{_days_left(question, case)}"
    )


def _days_left(question: _Question, case: CaseView) -> str:
    # Past the deadline we say no more than its date: what follows from it is not for us to conclude.
    days = (case.facts.due_on - question.today).days if case.facts.due_on else 0
    return f" ({_WORDS.counted(question.language, 'days_left', days)})" if days > 0 else ""


def _handlers(question: _Question, case: CaseView) -> _Answer:
    handlers = compose.handlers(case.facts, question.language)
    if not handlers:
        return _in_brief(question, case, "officer_unknown")
    return _Answer("\n\n".join((compose.heading(case.facts, question.language), "\n".join(handlers))))


def _missing_documents(question: _Question, case: CaseView) -> _Answer:
    if case.facts.status == "awaiting_applicant":
        return _status(question, case)
    return _in_brief(question, case, "nothing_missing")


def _pickup(question: _Question, case: CaseView) -> _Answer:
    if STATUSES[case.facts.status].phase == "decision":
        return _status(question, case)
    return _in_brief(question, case, "not_ready")


def _in_brief(question: _Question, case: CaseView, name: str) -> _Answer:
    """The case, where it stands, and a few words."""
    language = question.language
    case_and_state = (compose.heading(case.facts, language), compose.state(case.facts, language))
    return _Answer("\n\n".join((*case_and_state, _WORDS.text(language, name))))


# ── Not about a case ────────────────────────────────────────────────────────────────────────────────────────


def _saying(name: str) -> Callable[[_Question], _Answer]:
    return lambda question: _Answer(_WORDS.text(question.language, name))


def _in_sequence(*answers: Callable[[_Question], _Answer]) -> Callable[[_Question], _Answer]:
    return lambda question: _joined(answer(question) for answer in answers)


def _subscribing(question: _Question) -> _Answer:
    named = question.understood.references
    connected = question.cases and all(_fitting(reference, question.cases) for reference in named)
    return _saying("notices_on" if connected else "connect")(question)


_MY_CASES = _about(_status, several=_all_cases)
_HANDLERS = _about(_handlers)

# The intents we can do something for; every other one is told so, and where to go instead.
_ANSWERS: dict[str, Callable[[_Question], _Answer]] = {
    "status.mine": _MY_CASES,
    "status.by_number": _MY_CASES,
    "status.history": _about(_history, several=_which_history, which=_which_history),
    "status.other_person": _saying("other_person"),
    "deadline.when": _about(_deadline),
    "who.handles": _HANDLERS,
    "docs.missing": _about(_missing_documents),
    "decision.pickup": _about(_pickup),
    "silence.complaint": _in_sequence(_saying("silence"), _MY_CASES),
    "appeal.how": _saying("appeal"),
    "notify.subscribe": _subscribing,
    "link.case": _saying("connect"),
    "privacy.info": _saying("privacy"),
    "privacy.delete": _saying("erasure"),
    "human.handover": _in_sequence(_saying("human"), _HANDLERS),
    "lang.switch": _saying("script"),
    "help.menu": _saying("help"),
    "smalltalk.greet": _saying("greeting"),
    "smalltalk.thanks": _saying("thanks"),
    "unclear": _saying("unclear"),
}
