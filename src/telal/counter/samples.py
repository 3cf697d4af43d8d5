"""Every text as a citizen would get it: a sample case, and for each text an occasion on which it is said.

Nothing is imitated: the messages come from what composes the real ones. Pure: the office and its day come in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

from telal.cases.numbers import canonical_key
from telal.cases.office import Office, Timetable
from telal.cases.statuses import OUTCOMES, STATUSES
from telal.conversation import bot, proving
from telal.conversation.bot import CaseView, HistoryLine, Reply
from telal.conversation.understand import understand
from telal.conversation.words import WORDS as ANSWERS
from telal.messaging.channel import Button
from telal.notices import compose
from telal.notices.compose import CaseFacts

Kind = Literal["ordinary", "sensitive", "discreet"]

_MANY = 8


@dataclass(frozen=True, slots=True)
class Scene:
    """In which language, from which office, and about what kind of case."""

    language: str
    office: Office
    kind: Kind = "ordinary"

    @property
    def today(self) -> date:
        return self.office.now.date()


@dataclass(frozen=True, slots=True)
class Sample:
    """What a citizen gets, and what they wrote or tapped before; empty where we speak first."""

    asked: str
    told: Reply


def notice(scene: Scene, name: str) -> Sample:
    """An occasion for a text of ``telal.notices``."""
    if name == "sensitive_status":
        return _tapped("my_cases")(replace(scene, kind="sensitive"))
    if name == "still_you":
        return Sample("", Reply(*compose.still_you(scene.language)))
    return Sample("", _news(*_NEWS[name](scene)))


def answer(scene: Scene, name: str) -> Sample:
    """An occasion for a text of ``telal.conversation``."""
    return _ANSWERS[name](scene)


# ── Cases ───────────────────────────────────────────────────────────────────────────────────────────────────


def _case(scene: Scene, serial: int = 1847, **facts: Any) -> CaseView:
    today = scene.today
    number = f"06-23-{serial}/{today:%y}"
    of_case = CaseFacts(
        number=number,
        kind="administrative",
        subject="Urbanistička saglasnost za nadstrešnicu",
        status="awaiting_other_body",
        outcome="",
        department="Služba za urbanizam",
        officer="Alma Destanović",
        officer_phone=scene.office.phone,
        officer_room="12",
        waiting_for="KJKP Vodovod i kanalizacija",
        waiting_since=today - timedelta(days=9),
        received_on=today - timedelta(days=31),
        due_on=today + timedelta(days=29),
        occurred_on=today,
        sensitive=scene.kind == "sensitive",
    )
    history = (
        HistoryLine(today - timedelta(days=9), "awaiting_other_body", of_case.waiting_for, "", ""),
        HistoryLine(today - timedelta(days=30), "assigned", "", "", of_case.department),
        HistoryLine(today - timedelta(days=31), "received", "", "", ""),
    )
    key = canonical_key(number, today.year) or number
    return CaseView(serial, key, "", replace(of_case, **facts), history)


def _many(scene: Scene) -> list[CaseView]:
    return [_case(scene, 1847 + n) for n in range(_MANY)]


def _with_long_history(scene: Scene) -> CaseView:
    one = _case(scene)
    return replace(one, history=tuple(one.history) * _MANY)


# ── News ────────────────────────────────────────────────────────────────────────────────────────────────────

_Occasion = Callable[[Scene], tuple[Scene, CaseView]]


def _changed(status: str, outcome: str = "") -> _Occasion:
    return lambda scene: (scene, _case(scene, status=status, outcome=outcome))


def _of_kind(kind: Kind) -> _Occasion:
    return lambda scene: _changed("in_progress")(replace(scene, kind=kind))


_NEWS: Mapping[str, _Occasion] = {
    **{code: _changed(code) for code in STATUSES},
    **{f"outcome_{code}": _changed("decided", code) for code in OUTCOMES},
    "new_deadline": lambda scene: (scene, _case(scene, status="in_progress", only_deadline=True)),
    "information_only": _changed("decided"),
    "discreet_notice": _of_kind("discreet"),
    "sensitive_notice": _of_kind("sensitive"),
}


def _news(scene: Scene, case: CaseView) -> Reply:
    discreet, language = scene.kind == "discreet", scene.language
    asked_back = () if discreet else compose.meaning_keys(case.facts, language)
    buttons = (*(Button(words, says=words) for words in asked_back), *bot.menu(language))
    return Reply(compose.notice(case.facts, language, discreet=discreet), buttons)


# ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────

_Said = Callable[[Scene], Sample]
_Cases = Callable[[Scene], list[CaseView]]


def _none(_: Scene) -> list[CaseView]:
    return []


def _alone(scene: Scene) -> list[CaseView]:
    return [_case(scene)]


def _one(**facts: Any) -> _Cases:
    return lambda scene: [_case(scene, **facts)]


def _unasked(say: Callable[[str], Reply]) -> _Said:
    return lambda scene: Sample("", say(scene.language))


def _asked(
    question: str, cases: _Cases = _alone, *, with_human: bool = False, said_kind: str = "text"
) -> _Said:
    """They write this. The year of the sample case is put in for ``{year}``."""

    def said(scene: Scene) -> Sample:
        text = question.format(year=f"{scene.today:%y}")
        understood = understand(text, year=scene.today.year)
        told = proving.reply(
            understood,
            cases(scene),
            scene.language,
            office=scene.office,
            said_kind=said_kind,
            with_human=with_human,
        )
        return Sample(text, told)

    return said


def _tapped(button: str, cases: _Cases = _alone) -> _Said:
    """They tap the button of this name; one that carries a number carries the sample case's."""

    def said(scene: Scene) -> Sample:
        values = {name: _case(scene).facts.number for name in ANSWERS.labels[button]}
        return _asked(ANSWERS.label(scene.language, button, **values), cases)(scene)

    return said


def _own_language(scene: Scene) -> Sample:
    return _tapped(f"in_{scene.language.replace('-', '_').lower()}")(scene)


def _without_hours(scene: Scene) -> Sample:
    return _tapped("hours")(replace(scene, office=replace(scene.office, timetable=Timetable({}))))


def _shared(outcome: proving.Outcome) -> _Said:
    """They press the button for their number."""
    return lambda scene: Sample(
        ANSWERS.label(scene.language, "share_phone"), proving.words(outcome, scene.language)
    )


def _to_still_you(key: str, say: Callable[[Scene], Reply]) -> _Said:
    return lambda scene: Sample(compose.WORDS.label(scene.language, key), say(scene))


_ANSWER_OF_STAFF = "Mišljenje je stiglo jutros. Rješenje očekujemo do petka."

_ANSWERS: Mapping[str, _Said] = {
    "welcome": _unasked(bot.welcome),
    "bound": _unasked(bot.bound),
    "connect": _asked("Kako da povežem predmet?"),
    "notices_on": _asked("Želim da primam obavijesti"),
    "nothing_to_show": _tapped("my_cases", _none),
    "all_bound": lambda scene: Sample("", proving.all_bound(scene.language, _many(scene), scene.office)),
    "still_you_yes": _to_still_you(
        "yes", lambda scene: proving.confirmed(scene.language, _alone(scene), scene.office)
    ),
    "still_you_no": _to_still_you("no", lambda scene: proving.words("still_you_no", scene.language)),
    "phone_change": _asked("Promijenio sam broj telefona"),
    **{name: _shared(name) for name in ("phone_proven", "phone_refused", "phone_not_sent")},
    "pin_refused": lambda scene: Sample(
        f"{_case(scene).facts.number} PIN 123456", proving.words("pin_refused", scene.language)
    ),
    "link_used": _unasked(partial(bot.link_problem, "used")),
    "link_expired": _unasked(partial(bot.link_problem, "expired")),
    "link_unknown": _unasked(partial(bot.link_problem, "unknown")),
    "which_case": _asked("Historija", _many),
    "not_found": _asked("06-23-999/{year}"),
    "foreign_number": _asked("Klasa: 023-01/12-01/15"),
    "other_person": _asked("Je li komšija dobio dozvolu?"),
    "more_cases": _tapped("my_cases", _many),
    "more_changes": _tapped("history", lambda scene: [_with_long_history(scene)]),
    "deadline_unknown": _asked("Do kada je rok?", _one(due_on=None)),
    "officer_unknown": _asked(
        "Ko vodi moj predmet?", _one(department="", officer="", officer_phone="", officer_room="")
    ),
    "nothing_missing": _asked("Nedostaje li nešto?"),
    "not_ready": _asked("Može li se rješenje preuzeti?"),
    "silence": _asked("Dokle više da čekam?"),
    "appeal": _asked("Gdje se podnosi žalba?", _one(status="served", outcome="refused")),
    **{
        f"meaning_{outcome}": _asked(
            "Šta to znači? 06-23-1847/{year}", _one(status="served", outcome=outcome)
        )
        for outcome in compose.MIXED_UP
    },
    "hours_unknown": _without_hours,
    "howto": _asked("Šta treba za novi zahtjev?"),
    "problem": _asked("Ne radi ulična rasvjeta"),
    "human": _tapped("human"),
    "human_added": _asked("Mislim na onaj iz marta", with_human=True),
    "answered": _unasked(partial(bot.answered, _ANSWER_OF_STAFF)),
    "greeting": _asked("Dobar dan"),
    "thanks": _asked("Hvala Vam"),
    "help": _tapped("help", _many),
    "unclear": _asked("Pa eto, tako"),
    "out_of_scope": _asked("Gdje ima dobar burek?"),
    "abuse": _asked("Lopovi jedni"),
    "picture": _asked("(fotografija)", said_kind="picture"),
    "only_text": _asked("(glasovna poruka)", said_kind="file"),
    "script": _tapped("languages"),
    "script_chosen": _own_language,
    "flood": _unasked(partial(bot.enough, "flood")),
    "repeated": _unasked(partial(bot.enough, "repeated")),
    "end_which": _tapped("stop_one", _many),
    "ended_one": _tapped("end"),
    "stopped": _asked("STOP"),
    "discreet_on": _tapped("discreet"),
    "discreet_off": _tapped("details"),
    "privacy": _asked("Koje podatke imate o meni?"),
    "personal_number": _asked("Moj JMBG je 0101990170001"),
    "erasure": _asked("Obrišite moje podatke"),
    "erasure_asked": _tapped("erase"),
}
