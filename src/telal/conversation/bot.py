"""What the bot answers: a question understood, the caller's own cases, and nothing else in; a reply out.

A case that is not the caller's and a case that does not exist get the same answer, since only the caller's
cases ever come in here. Two questions in one message get two answers in one reply. What an answer does besides being
said (end notices, choose a language, pass a question on) goes out with it, as effects.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from textwrap import shorten
from typing import Literal

from telal.cases.numbers import Reference, choose
from telal.cases.office import Office
from telal.cases.statuses import OUTCOMES, SERBIAN_IN_LATIN, STATUSES, may_carry_outcome
from telal.conversation import opening
from telal.conversation.effects import AskForErasure, Effect, EndAll, EndOne, Keep, PassOn, Speak
from telal.conversation.floods import Because
from telal.conversation.understand import Understood
from telal.conversation.words import WORDS
from telal.messaging.channel import Button
from telal.notices import compose
from telal.notices.compose import CaseFacts
from telal.notices.words import written_date

_MOST_CASES = 6
_MOST_CHANGES = 20
_SUBJECT_WIDTH = 60

# Answered only when nothing else was said.
_ASIDES = ("smalltalk.greet", "smalltalk.thanks", "abuse", "out_of_scope", "unclear")

# While somebody waits for a human, these are for the human.
_BEYOND_US = ("out_of_scope", "unclear")

# Answers that tell when somebody is there.
_WITH_HOURS = {"office.hours", "human.handover", "decision.pickup"}

# The law gives the office so long to answer who asks to be erased (domain reference, 4.1).
_ERASURE_DAYS = 30

_MENU = ("my_cases", "help")
_HELP_MENU = ("my_cases", "stop")
_STOP_MENU = ("help",)
_LANGUAGE_KEYS = ("in_bs", "in_hr", "in_sr", "in_sr_latn", "in_en")


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

    ``case_id`` names it in an effect. ``key`` is its canonical number; ``barcode`` the code on its label, or empty.
    """

    case_id: int
    key: str
    barcode: str
    facts: CaseFacts
    history: Sequence[HistoryLine]


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send back, and what else is to be done."""

    text: str
    buttons: tuple[Button, ...]
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    understood: Understood
    cases: Sequence[CaseView]
    language: str
    office: Office

    @property
    def today(self) -> date:
        return self.office.now.date()


@dataclass(frozen=True, slots=True)
class _Answer:
    """``keys`` are the words on the buttons of its own; the menu's follow them."""

    text: str
    keys: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()


_Tell = Callable[[_Question, CaseView], _Answer]
_TellAll = Callable[[_Question, Sequence[CaseView]], _Answer]


def reply(
    understood: Understood,
    cases: Sequence[CaseView],
    language: str,
    *,
    office: Office,
    said_kind: str = "text",
    with_human: bool = False,
) -> Reply:
    """The answer to one message. ``cases`` are the caller's own; ``said_kind`` is the kind of the message.

    ``with_human``: they have lately asked for a human, or been answered by one.
    """
    if said_kind != "text":
        return _with_keyboard(WORDS.text(language, _NOT_TEXT.get(said_kind, "only_text")), language, _MENU)
    language = _chosen_language(understood, language) or language
    newest_first = sorted(cases, key=lambda case: case.facts.occurred_on, reverse=True)
    question = _Question(understood, newest_first, language, office)
    intents = _worth_answering(understood)
    answer = _joined(answer(question) for answer in _answers(understood, intents, with_human))
    menu = _STOP_MENU if wants_out(understood) else _HELP_MENU if "help.menu" in intents else _MENU
    return replace(_with_keyboard(answer.text, language, menu, answer.keys), effects=answer.effects)


def wants_out(understood: Understood) -> bool:
    """Is this a stop of everything? It goes before everything else said in the same message."""
    return "notify.unsubscribe" in understood.intents and not understood.references


def needs_hours(understood: Understood) -> bool:
    """Does the answer depend on when the office is open?"""
    return not _WITH_HOURS.isdisjoint(understood.intents)


def welcome(language: str) -> Reply:
    """The first words, before the first tap."""
    return _with_keyboard(WORDS.text(language, "welcome"), language, ("start",))


def bound(language: str) -> Reply:
    """Said when this chat has just been connected to a case. The case's present state follows it."""
    return _with_keyboard(WORDS.text(language, "bound"), language, _MENU)


@WORDS.kept
def menu(language: str) -> tuple[Button, ...]:
    """The keyboard that goes with every message."""
    return _row_by_row([WORDS.label(language, name) for name in _MENU])


def link_problem(reason: Literal["used", "expired", "unknown"], language: str) -> Reply:
    """Why the link of a slip could not be used, and what to do."""
    return _with_keyboard(WORDS.text(language, f"link_{reason}"), language, _MENU)


def nothing_to_show(language: str) -> Reply:
    """No case is connected to this chat, and how to connect one."""
    return _with_keyboard(WORDS.text(language, "nothing_to_show"), language, _MENU)


def enough(because: Because, language: str) -> Reply:
    """Why what comes now is not answered, and when it will be again."""
    return _with_keyboard(WORDS.text(language, because), language, _MENU)


def answer_language(language: str, script: str) -> str:
    """The language to answer in, unless they have chosen one: Cyrillic is answered in Cyrillic."""
    return "sr" if script == "cyrl" else language


def answered(answer: str, language: str) -> Reply:
    """What a member of the staff answers to a question."""
    return _with_keyboard(WORDS.text(language, "answered", answer=answer), language, _MENU)


def _worth_answering(understood: Understood) -> Sequence[str]:
    worth = [intent for intent in understood.intents if intent not in _ASIDES]
    if worth or understood.has_personal_number:
        return worth
    return understood.intents[:1] or ("unclear",)


def _answers(
    understood: Understood, intents: Sequence[str], with_human: bool
) -> Iterator[Callable[[_Question], _Answer]]:
    if understood.has_personal_number:
        yield _saying("personal_number")
    if wants_out(understood):
        yield _ending_all
        return
    if with_human and set(intents) <= set(_BEYOND_US):
        yield _adding_to_the_question
        return
    for intent in intents:
        yield _ANSWERS[intent]


def _with_keyboard(text: str, language: str, names: Sequence[str], keys: Sequence[str] = ()) -> Reply:
    return Reply(
        text, _row_by_row(keys[:_MOST_CASES]) + _row_by_row([WORDS.label(language, name) for name in names])
    )


def _row_by_row(keys: Sequence[str]) -> tuple[Button, ...]:
    """Two in a row, and the odd one out across the whole row."""
    alone = len(keys) - 1 if len(keys) % 2 else None
    return tuple(Button(key, says=key, columns=6 if place == alone else 3) for place, key in enumerate(keys))


def _joined(answers: Iterable[_Answer]) -> _Answer:
    """All of them, each said once."""
    said = list(dict.fromkeys(answers))
    keys = dict.fromkeys(key for answer in said for key in answer.keys)
    effects = dict.fromkeys(effect for answer in said for effect in answer.effects)
    return _Answer("\n\n".join(answer.text for answer in said), tuple(keys), tuple(effects))


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
    """A sensitive case answers every question in the same way; only its notices may be ended like those of any other."""
    return _status(question, case) if case.facts.sensitive and tell is not _end else tell(question, case)


def _each(tell: _Tell) -> _TellAll:
    def answer(question: _Question, cases: Sequence[CaseView]) -> _Answer:
        told = [_one(question, case, tell) for case in cases[:_MOST_CASES]]
        return _joined((*told, *map(_Answer, _hint_at_more(question, cases))))

    return answer


def _those(fits: Callable[[CaseFacts], bool], tell: _Tell, otherwise: str) -> _TellAll:
    """Of many cases only those that fit, and a few words where none does. A sensitive one is always told of, in its neutral way."""

    def answer(question: _Question, cases: Sequence[CaseView]) -> _Answer:
        told = [case for case in cases if case.facts.sensitive or fits(case.facts)]
        answers = [_each(tell)(question, told)] if told else []
        if all(case.facts.sensitive for case in told):
            answers.append(_saying(otherwise)(question))
        return _joined(answers)

    return answer


# ── Several cases ───────────────────────────────────────────────────────────────────────────────────────────


def _all_cases(question: _Question, cases: Sequence[CaseView]) -> _Answer:
    return _listed(question, WORDS.counted(question.language, "cases", len(cases)), cases, key="case")


def _which_case(question: _Question, cases: Sequence[CaseView]) -> _Answer:
    return _listed(question, WORDS.text(question.language, "which_case"), cases, key="case")


def _which_history(question: _Question, cases: Sequence[CaseView]) -> _Answer:
    return _listed(question, WORDS.text(question.language, "which_case"), cases, key="history")


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
        return WORDS.label(language, "discreet_case", date=written_date(language, facts.occurred_on))
    title = filter(None, (facts.number, shorten(facts.subject, _SUBJECT_WIDTH, placeholder=" …")))
    where = STATUSES[facts.status].label(language)
    if facts.status == "awaiting_other_body" and facts.waiting_for:
        where = f"{where}: {facts.waiting_for}"
    return "\n".join((" – ".join(title), where))


def _hint_at_more(question: _Question, cases: Sequence[CaseView]) -> list[str]:
    return [WORDS.text(question.language, "more_cases")] if len(cases) > _MOST_CASES else []


def _key(case: CaseView, label: str, language: str) -> str:
    return WORDS.label(language, label, number=case.facts.number)


# ── One case ────────────────────────────────────────────────────────────────────────────────────────────────


def _status(question: _Question, case: CaseView) -> _Answer:
    keys = () if case.facts.sensitive else (_key(case, "history", question.language),)
    asked_back = compose.meaning_keys(case.facts, question.language)
    return _Answer(compose.status(case.facts, question.language), (*asked_back, *keys))


def _history(question: _Question, case: CaseView) -> _Answer:
    lines = [_change(line, question.language) for line in case.history[:_MOST_CHANGES]]
    parts = [compose.heading(case.facts, question.language), "\n".join(lines)]
    if len(case.history) > _MOST_CHANGES:
        parts.append(WORDS.text(question.language, "more_changes"))
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
    if case.facts.due_on is None or compose.is_held(case.facts):
        return ""
    days = (case.facts.due_on - question.today).days
    return f" ({WORDS.counted(question.language, 'days_left', days)})" if days > 0 else ""


def _handlers(question: _Question, case: CaseView) -> _Answer:
    handlers = compose.handlers(case.facts, question.language)
    if not handlers:
        return _in_brief(question, case, "officer_unknown")
    return _Answer("\n\n".join((compose.heading(case.facts, question.language), "\n".join(handlers))))


def _waits_for_applicant(facts: CaseFacts) -> bool:
    return facts.status == "awaiting_applicant"


def _is_decided(facts: CaseFacts) -> bool:
    return STATUSES[facts.status].phase == "decision"


def _missing_documents(question: _Question, case: CaseView) -> _Answer:
    if _waits_for_applicant(case.facts):
        return _status(question, case)
    return _in_brief(question, case, "nothing_missing")


def _pickup(question: _Question, case: CaseView) -> _Answer:
    if not _is_decided(case.facts):
        return _in_brief(question, case, "not_ready")
    status = _status(question, case)
    hours = opening.when_somebody_is_there(question.office, question.language)
    return replace(status, text="\n\n".join(filter(None, (status.text, hours))))


def _meaning(question: _Question, case: CaseView) -> _Answer:
    """What an ending means that sounds like another one. Where the case has none, all of them."""
    language, outcome = question.language, compose.explained_outcome(case.facts)
    if not outcome:
        return _every_meaning(question)
    parts = (
        compose.heading(case.facts, language),
        WORDS.text(language, f"meaning_{outcome}"),
        WORDS.text(language, "appeal"),
    )
    return _Answer("\n\n".join(parts), (_key(case, "case", language),))


def _meanings(question: _Question) -> _Answer:
    if question.understood.references or len(question.cases) == 1:
        return _about(_meaning)(question)
    return _every_meaning(question)


def _every_meaning(question: _Question) -> _Answer:
    texts = [WORDS.text(question.language, f"meaning_{outcome}") for outcome in compose.MIXED_UP]
    return _Answer("\n\n".join(texts))


def _in_brief(question: _Question, case: CaseView, name: str) -> _Answer:
    """The case, where it stands, and a few words."""
    language = question.language
    case_and_state = (compose.heading(case.facts, language), compose.state(case.facts, language))
    return _Answer("\n\n".join((*case_and_state, WORDS.text(language, name))))


# ── Not about a case ────────────────────────────────────────────────────────────────────────────────────────


def _saying(name: str) -> Callable[[_Question], _Answer]:
    return lambda question: _Answer(WORDS.text(question.language, name))


def _in_sequence(*answers: Callable[[_Question], _Answer]) -> Callable[[_Question], _Answer]:
    return lambda question: _joined(answer(question) for answer in answers)


def _where(name: str) -> Callable[[_Question], _Answer]:
    """A text that says whom to turn to instead."""

    def answer(question: _Question) -> _Answer:
        office = question.office
        contacts = {"phone": office.phone, "email": office.email, "address": office.address}
        return _Answer(WORDS.text(question.language, name, **contacts))

    return answer


def _with_keys(answer: Callable[[_Question], _Answer], *names: str) -> Callable[[_Question], _Answer]:
    def with_keys(question: _Question) -> _Answer:
        told = answer(question)
        return replace(told, keys=(*told.keys, *(WORDS.label(question.language, name) for name in names)))

    return with_keys


def _subscribing(question: _Question) -> _Answer:
    named = question.understood.references
    connected = question.cases and all(_fitting(reference, question.cases) for reference in named)
    return _saying("notices_on" if connected else "connect")(question)


def _ending_one(question: _Question) -> _Answer:
    """No more notices of the cases named. Where none of the caller's is meant, nothing ends and we ask which."""
    named = question.understood.references
    if named and not any(_fitting(reference, question.cases) for reference in named):
        return _which_to_end(question, question.cases) if question.cases else _ending_all(question)
    return _about(_end, several=_which_to_end, which=_which_to_end)(question)


def _ending_all(question: _Question) -> _Answer:
    return _Answer(WORDS.text(question.language, "stopped"), effects=(EndAll(),))


def _end(question: _Question, case: CaseView) -> _Answer:
    heading = [] if case.facts.sensitive else [compose.heading(case.facts, question.language)]
    text = "\n\n".join((*heading, WORDS.text(question.language, "ended_one")))
    return _Answer(text, effects=(EndOne(case.case_id),))


def _which_to_end(question: _Question, cases: Sequence[CaseView]) -> _Answer:
    return _listed(question, WORDS.text(question.language, "end_which"), cases, key="end")


def _chosen_language(understood: Understood, present: str) -> str:
    """The language and script they ask for in so many words; empty where they ask for none, or for one that we do not have.

    Serbian is asked for in either script; *latinica* alone keeps the language.
    """
    if "lang.switch" not in understood.intents:
        return ""
    asked, script = understood.asked_language or "", understood.asked_script
    if script == "latn" and asked in ("", "bs"):
        asked = present.partition("-")[0]
    if script == "cyrl" or asked == "sr":
        return "sr" if (script or understood.script) == "cyrl" else SERBIAN_IN_LATIN
    return asked


def _language_choice(question: _Question) -> _Answer:
    """The answer is in the language chosen already."""
    if _chosen_language(question.understood, question.language):
        return _Answer(WORDS.text(question.language, "script_chosen"), effects=(Speak(question.language),))
    return _with_keys(_saying("script"), *_LANGUAGE_KEYS)(question)


def _discretion(name: str, *, discreet: bool) -> Callable[[_Question], _Answer]:
    return lambda question: _Answer(WORDS.text(question.language, name), effects=(Keep(discreet),))


def _hours(question: _Question) -> _Answer:
    return _Answer(
        opening.hours(question.office, question.understood.days, question.language, question.understood.dates)
    )


def _passing_on(question: _Question) -> _Answer:
    there = opening.when_somebody_is_there(question.office, question.language)
    told = WORDS.text(question.language, "human", phone=question.office.phone)
    return _Answer("\n\n".join(filter(None, (told, there))), effects=(PassOn(),))


def _adding_to_the_question(question: _Question) -> _Answer:
    return _Answer(WORDS.text(question.language, "human_added"), effects=(PassOn(),))


def _erasure_asked(question: _Question) -> _Answer:
    told = WORDS.text(question.language, "erasure_asked", days=str(_ERASURE_DAYS))
    return _Answer(told, (WORDS.label(question.language, "stop"),), (AskForErasure(_ERASURE_DAYS),))


def _privacy(question: _Question) -> _Answer:
    return _Answer(WORDS.text(question.language, "privacy", dpo=question.office.dpo))


def _silence(question: _Question) -> _Answer:
    return _Answer(
        WORDS.text(question.language, "silence", phone=question.office.phone),
        (WORDS.label(question.language, "human"),),
    )


def _help(question: _Question) -> _Answer:
    names = ("hours", "languages", "discreet", "human", *(("stop_one",) if len(question.cases) > 1 else ()))
    return _with_keys(_saying("help"), *names)(question)


def _appeal(question: _Question) -> _Answer:
    """Where it is written; and what the ending of each case means, on a button."""
    keys = [key for case in question.cases for key in compose.meaning_keys(case.facts, question.language)]
    return _Answer(WORDS.text(question.language, "appeal"), tuple(keys))


_MY_CASES = _about(_status, several=_all_cases)

# What came is no text: what we say then.
_NOT_TEXT = {"picture": "picture"}

# Every intent.
_ANSWERS: dict[str, Callable[[_Question], _Answer]] = {
    "status.mine": _MY_CASES,
    "status.by_number": _MY_CASES,
    "status.history": _about(_history, several=_which_history, which=_which_history),
    "status.other_person": _saying("other_person"),
    "deadline.when": _about(_deadline),
    "who.handles": _about(_handlers),
    "docs.missing": _about(
        _missing_documents, _those(_waits_for_applicant, _missing_documents, "nothing_missing")
    ),
    "decision.pickup": _about(_pickup, _those(_is_decided, _pickup, "not_ready")),
    "silence.complaint": _in_sequence(_silence, _MY_CASES),
    "appeal.how": _appeal,
    "outcome.meaning": _meanings,
    "notify.subscribe": _subscribing,
    "notify.unsubscribe": _ending_one,
    "notify.end_one": _ending_one,
    "link.case": _saying("connect"),
    "phone.change": _saying("phone_change"),
    "office.hours": _hours,
    "howto.request": _where("howto"),
    "problem.report": _where("problem"),
    "privacy.info": _privacy,
    "privacy.delete": _with_keys(_saying("erasure"), "erase", "stop"),
    "erase.confirm": _erasure_asked,
    "human.handover": _passing_on,
    "lang.switch": _language_choice,
    "discreet.on": _with_keys(_discretion("discreet_on", discreet=True), "details"),
    "discreet.off": _with_keys(_discretion("discreet_off", discreet=False), "discreet"),
    "help.menu": _help,
    "smalltalk.greet": _saying("greeting"),
    "smalltalk.thanks": _saying("thanks"),
    "abuse": _with_keys(_saying("abuse"), "human"),
    "out_of_scope": _with_keys(_saying("out_of_scope"), "hours"),
    "unclear": _with_keys(_saying("unclear"), "human"),
}
