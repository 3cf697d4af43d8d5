"""The proof: what the driver noted and what the fake Viber logged, laid side by side.

It imports nothing of Telal and does not ask it. ``check`` proves, or says where it is not so:

- every change that was acknowledged to the DMS reached everybody who was connected to its case at the time;
- nobody was even tried to be told of a case that is not theirs, nor after they had said STOP, nor in words about a sensitive case;
- everybody heard the changes in their order;
- a second copy came only after a copy whose fate was left open: by Viber, a crash of ours, a long time without the database, or a
  jump of its clock;
- every question got an answer of its own, and about the asker's own case;
- nothing is stuck, and nobody waited longer than ``patience`` seconds, not counting those for which Viber had stopped us.

What Viber itself made impossible (it refused a message for good, gave no answer twice, called a person unreachable, or reported a
receipt of nobody's message) is excused by the very lines of its log that say so, and counted.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

Line = dict[str, Any]

# Viber's codes: about one person; and for good about one message.
PERSON = {5, 6, 11, 13, 21}
FOR_GOOD = {3, 4, 14, 16, 17, 18, 20, 22}
RETRIED_HTTP = {401, 403, 408, 429}
# Nobody hears anything until a human has acted, and then once Telal has tried again.
STOPS, STOPPING_HTTP = {1, 2, 7, 8, 9, 10, 15}, {401, 403}

# The words of the office by which the kinds of texts are known.
STATE = "Stanje: "
SENSITIVE_NOTICE = "Ima novosti u Vašem predmetu."
SENSITIVE_STATE = "Posljednja promjena u Vašem predmetu:"
STOPPED = "Odjavljeni ste"
NAME = re.compile(r"Institucija (\d+-\d+)")
NUMBER = re.compile(r"\d\d-\d\d-\d+/\d\d")

TROUBLES = {
    "kill": "kill -9",
    "freeze": "a sender frozen for some seconds",
    "restart": "a gentle restart",
    "outage": "the database away or busy",
    "failover": "the database dead, its standby in its place",
    "disk": "the disk full",
    "clock": "a clock turned",
    "viber": "Viber in trouble with everybody",
    "revive": "a process ended by itself and was started again",
}

# What is under way when somebody says STOP is beyond recall: a request lasts at most 10 seconds.
UNDER_WAY = 15.0
# A kill explains a second copy of what was sent about that time, an outage of the database of what it could not write down.
BEFORE_A_KILL, AFTER_A_KILL = 10.0, 5.0
# The lease is 6 seconds, of which a third may be over already.
LONG = 4.0
PAID = {23, 24}
# An interruption this soon after a change, but for the time in which Viber had stopped us, may have met it in the queue.
SOON = 120.0
# The platform's clock and ours, when a receipt is compared with a send.
SKEW = 2.5


@dataclass(frozen=True, slots=True)
class Change:
    """One acknowledged change. ``place`` is its place in the order of its family."""

    name: str
    case: str
    began: float
    acked: float
    place: int


@dataclass(frozen=True, slots=True)
class Interruption:
    """From ``begin`` until ``end`` somebody could not, or would not, be told; ``inf`` is for good."""

    begin: float
    end: float
    why: str


@dataclass(slots=True)
class Verdict:
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    silences: list[float] = field(default_factory=list)

    def wrong(self, sentence: str) -> None:
        self.problems.append(sentence)

    def report(self) -> str:
        lines = [f"{number:>8,}  {what}" for what, number in sorted(self.counts.items())]
        if self.silences:
            waited = sorted(self.silences)
            middle, rare = waited[len(waited) // 2], waited[int(len(waited) * 0.99)]
            lines.append(
                f"from the acknowledgement of a change until Viber had it: half within {middle:.2f} s, "
                f"99 % within {rare:.1f} s, all within {waited[-1]:.1f} s"
            )
        return "\n".join(lines + [f"WRONG: {problem}" for problem in self.problems])


def check(notes: Line, log: Sequence[Line], *, patience: float = SOON) -> Verdict:
    """``notes`` are the driver's (see ``drive``), ``log`` the lines of the simulator's, from before the first step."""
    verdict = Verdict()
    evidence = Evidence(notes, log)
    for person in evidence.people:
        _everything_was_told(person, verdict, patience)
        _in_order(person, verdict)
        _nothing_twice(person, verdict)
        _nothing_after_the_end(person, verdict)
        _every_question_was_answered(person, verdict)
    _nothing_to_anybody_else(evidence, verdict)
    verdict.counts["changes acknowledged to the DMS"] = len(evidence.changes)
    for act in evidence.acts:
        if act["what"] in TROUBLES:
            verdict.counts[f"times: {TROUBLES[act['what']]}"] += 1
    return verdict


# ── The evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Evidence:
    """The notes and the log, sorted by whom they concern."""

    def __init__(self, notes: Line, log: Sequence[Line]) -> None:
        self.cases: dict[str, Line] = notes["cases"]
        self.acts: list[Line] = notes["acts"]
        self.log = log
        self.requests = [
            line for line in log if line["kind"] == "request" and line["method"] == "send_message"
        ]
        self.issued = {line["token"] for line in self.requests if line["token"]}
        self.changes = list(self._changes())
        self.crashes = [act["at"] for act in self.acts if act["what"] == "kill"]
        self.freezes = [act for act in self.acts if act["what"] == "freeze"]
        self.outages = [act for act in self.acts if act["what"] in ("outage", "failover", "disk")]
        # Leases go by the database's clock: to others, who holds one may look dead.
        self.jumps = [act["at"] for act in self.acts if act["what"] == "clock" and act["of"] == "database"]
        to: dict[str, list[Line]] = defaultdict(list)
        for line in self.requests:
            to[line.get("receiver", "")].append(line)
        told_us: dict[str, list[Line]] = defaultdict(list)
        for line in log:
            if line["kind"] == "callback":
                told_us[line["user_id"]].append(line)
        of: dict[str, list[Line]] = defaultdict(list)
        for act in self.acts:
            of[act.get("who", "")].append(act)
        self.people = [
            Person(
                self,
                known["phone"],
                known["family"],
                to[known["phone"]],
                told_us[known["phone"]],
                of[known["phone"]],
            )
            for known in notes["people"]
        ]

    def _changes(self) -> Iterator[Change]:
        places: Counter[int] = Counter()
        for act in self.acts:
            if act["what"] == "change":
                for name in act["names"]:
                    places[act["family"]] += 1
                    yield Change(name, act["case"], act["at"], act["done"], places[act["family"]])

    @cached_property
    def case_of(self) -> dict[str, str]:
        return {change.name: change.case for change in self.changes}

    @cached_property
    def by_case(self) -> dict[str, list[Change]]:
        found: dict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            found[change.case].append(change)
        return found

    def why_again(self, copy: Line) -> str:
        """Why nobody could know that this copy had been taken; empty when they could."""
        fault, at = copy.get("fault") or {}, copy["at"]
        if fault.get("kind") in ("reset", "timeout"):
            return "after no answer"
        if fault.get("kind") == "http":
            return "after an error that lied"
        if self.near_a_kill(at):
            return "after a kill -9 in mid-send"
        if _near(self.jumps, at):
            return "in mid-send when the database's clock jumped"
        for acts, why in (
            (self.freezes, "in the hands of a frozen process"),
            (self.outages, "before a long outage of the database"),
        ):
            if any(
                act["done"] - act["at"] > LONG and act["at"] - BEFORE_A_KILL < at < act["done"] + 1
                for act in acts
            ):
                return why
        return ""

    @cached_property
    def stops(self) -> list[tuple[float, float]]:
        """When Viber refused everybody: from such an answer until it took something that was not under way then."""
        found, since = [], None
        for line in self.requests:
            if line["accepted"] and since is not None and line["at"] > since + UNDER_WAY:
                found.append((since, line["at"]))
                since = None
            elif since is None and (line["status"] in STOPS or line["http"] in STOPPING_HTTP):
                since = line["at"]
        return found

    def near_a_kill(self, at: float) -> bool:
        return _near(self.crashes, at)


def _near(events: Sequence[float], at: float) -> bool:
    return any(at - AFTER_A_KILL < event < at + BEFORE_A_KILL for event in events)


class Person:
    """Somebody with a phone: what Viber was asked to tell them, what it told us of them, and what they did."""

    def __init__(
        self,
        evidence: Evidence,
        phone: str,
        family: int,
        requests: list[Line],
        callbacks: list[Line],
        acts: list[Line],
    ) -> None:
        self.evidence = evidence
        self.phone = phone
        self.family = family
        self.requests = requests
        self.callbacks = callbacks
        self.acts = acts
        self.accepted = [line for line in requests if line["accepted"]]

    def __str__(self) -> str:
        return f"{self.phone} of family {self.family}"

    @cached_property
    def cases(self) -> dict[str, float]:
        """The cases whose link they opened, and when they began to."""
        return {act["case"]: act["at"] for act in reversed(self.acts) if act["what"] == "bind"}

    @cached_property
    def connected(self) -> dict[str, float]:
        """Since when they surely hear of a case: they have been told how it stands."""
        found = {}
        for case, began in self.cases.items():
            words = SENSITIVE_STATE if self.evidence.cases[case]["sensitive"] else case
            first = next(
                (line["at"] for line in self.accepted if words in line["text"] and line["at"] > began), None
            )
            if first is not None:
                found[case] = first
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each change of their cases in the order in which they happened."""
        return {change.name: change.place for case in self.cases for change in self.evidence.by_case[case]}

    @cached_property
    def told(self) -> dict[str, list[Line]]:
        """The accepted notices, by the change they tell."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.accepted:
            if _kind(line["text"]) == "notice" and (named := NAME.search(line["text"])):
                found[named[1]].append(line)
        return found

    @cached_property
    def by_reference(self) -> dict[str, list[Line]]:
        """All requests by the message they carry: a repetition carries the same reference."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.requests:
            found[_reference(line)].append(line)
        return found

    @cached_property
    def questions(self) -> list[tuple[float, str]]:
        """When they wrote what, once each however often Viber told it."""
        first: dict[str, tuple[float, str]] = {}
        for line in self.callbacks:
            if line["event"] == "message" and line["token"] not in first:
                first[line["token"]] = (line["at"] - line["seconds"], _said(line))
        taken = {
            line["token"] for line in self.callbacks if line["event"] == "message" and line["http"] == 200
        }
        return sorted(asked for token, asked in first.items() if token in taken)

    def waited(self, begin: float, end: float) -> float:
        """For how many of these seconds, not counting those in which Viber would take nothing for them."""
        waited, counted = end - begin, begin
        for since, until in self.held_up:
            since, until = max(since, counted), min(until, end)
            if since < until:
                waited, counted = waited - (until - since), until
        return waited

    @cached_property
    def held_up(self) -> list[tuple[float, float]]:
        """When Viber refused everybody; and when it wanted money and they, having been silent for long, would have cost some."""
        costly = [
            self._until_they_write(act["at"], "") for act in self.evidence.acts if act["what"] == "silent"
        ]
        unpaid = [line["at"] for line in self.evidence.requests if line["status"] in PAID]
        return sorted(
            self.evidence.stops + [(max(one.begin, min(unpaid)), one.end) for one in costly if unpaid]
        )

    def met_in_queue(self, one: "Interruption", since: float) -> bool:
        return since < one.begin and self.waited(since, one.begin) < SOON

    def may_have_met(self, one: "Interruption", since: float) -> bool:
        """Did it begin soon after this, or was it under way?"""
        return since < one.end and (one.begin <= since or self.met_in_queue(one, since))

    @cached_property
    def interruptions(self) -> list[Interruption]:
        found = [
            self._until_they_write(line["at"], f"code {line['status']}")
            for line in self._called_unreachable()
        ]
        for act in self.acts:
            if act["what"] == "leave":
                found.append(self._until_they_write(act["at"], "left"))
            elif act["what"] == "stop":
                found.append(Interruption(act["at"], math.inf, "STOP"))
        return found

    def withdrawn(self, case: str) -> list[Interruption]:
        acts = (act for act in self.evidence.acts if act["what"] == "withdraw" and act["case"] == case)
        return [Interruption(act["at"], math.inf, "consent withdrawn") for act in acts]

    def _called_unreachable(self) -> Iterator[Line]:
        for line in self.requests:
            same = self.by_reference[_reference(line)]
            simpler = line["status"] == 13 and any(o["accepted"] for o in same if o["seq"] > line["seq"])
            if line["status"] in PERSON and not simpler:
                yield line

    def _until_they_write(self, begin: float, why: str) -> Interruption:
        """Until the first answer to something they wrote after it began."""
        asked = next((at for at, _ in self.questions if at > begin), math.inf)
        answers = (
            line["at"] for line in self.accepted if line["at"] > asked and _kind(line["text"]) == "answer"
        )
        return Interruption(begin, next(answers, math.inf), why)

    @cached_property
    def given_up(self) -> dict[str, str]:
        """The messages that Viber made impossible, by reference, and how."""
        found = {}
        for reference, lines in self.by_reference.items():
            if not any(line["accepted"] for line in lines) and (why := self._why_never(lines)):
                found[reference] = why
        return found

    def _why_never(self, lines: list[Line]) -> str:
        silent = [line for line in lines if line["http"] is None]
        for line in lines:
            refused = (line["http"] or 0) // 100 == 4 and line["http"] not in RETRIED_HTTP
            if line["status"] in FOR_GOOD or refused:
                return "refused by Viber for good"
        if len(silent) >= 2:
            return "never answered twice, left to a human"
        doubtful = [line["at"] for line in lines if line["status"] is None]
        if any(self._looked_delivered(at) for at in doubtful):
            return "taken for delivered by the receipt of nobody's message"
        return ""

    def _looked_delivered(self, tried: float) -> bool:
        return any(tried - SKEW < at < tried + 20 for at in self.strange_receipts)

    @cached_property
    def strange_receipts(self) -> list[float]:
        """Receipts for a message that Viber never took from us and that this person never wrote."""
        own = {line["token"] for line in self.callbacks if line["event"] == "message"}
        return [
            line["at"]
            for line in self.callbacks
            if line["event"] in ("delivered", "seen") and line["token"] not in self.evidence.issued | own
        ]


def _reference(line: Line) -> str:
    """Which message this request carries."""
    return line.get("tracking_data") or f"request {line['seq']}"


def _kind(text: str) -> str:
    if text.startswith(SENSITIVE_NOTICE):
        return "notice"
    return "notice" if NAME.search(text) and STATE not in text else "answer"


def _said(line: Line) -> str:
    found = re.search(r'"text":"([^"]*)"', line["body"])
    return found[1] if found else ""


# ── Every change reached everybody ───────────────────────────────────────────────────────────────────────────────────


def _everything_was_told(person: Person, verdict: Verdict, patience: float) -> None:
    for case, since in person.connected.items():
        owed = [change for change in person.evidence.by_case[case] if change.began > since]
        if person.evidence.cases[case]["sensitive"]:
            _as_many_as_happened(person, case, owed, verdict)
        else:
            for change in owed:
                _was_told(person, change, verdict, patience)


def _was_told(person: Person, change: Change, verdict: Verdict, patience: float) -> None:
    copies = person.told.get(change.name)
    if copies:
        waited = copies[0]["at"] - change.acked
        verdict.counts["changes told to somebody"] += 1
        verdict.silences.append(waited)
        if person.waited(change.acked, copies[0]["at"]) > patience and not _interrupted(person, change):
            verdict.wrong(f"stuck: {change.name} came to {person} after {waited:.0f} s")
        return
    why = _interrupted(person, change) or _given_up(person, change)
    if why:
        verdict.counts[f"changes not told: {why}"] += 1
    elif _later_ones_came(person, change, math.inf):
        verdict.wrong(f"lost: {change.name} never came to {person}, though later ones did")
    else:
        verdict.wrong(f"stuck: {change.name} never came to {person}, and nothing after it")


def _interrupted(person: Person, change: Change) -> str:
    """Which interruption excuses it: one that it fell into, or that came soon, before any later change was told."""
    for one in person.interruptions + person.withdrawn(change.case):
        fell_into = one.begin <= change.acked and change.began < one.end
        if fell_into or (
            person.met_in_queue(one, change.acked) and not _later_ones_came(person, change, one.begin)
        ):
            return one.why
    return ""


def _later_ones_came(person: Person, change: Change, until: float) -> bool:
    """Was any later change told before ``until``? Then this one had had its turn."""
    return any(
        person.places.get(name, 0) > change.place and copies[0]["at"] < until
        for name, copies in person.told.items()
    )


def _given_up(person: Person, change: Change) -> str:
    whys = (
        why
        for reference, why in person.given_up.items()
        if f"Institucija {change.name}" in person.by_reference[reference][0]["text"]
    )
    return next(whys, "")


def _as_many_as_happened(person: Person, case: str, owed: list[Change], verdict: Verdict) -> None:
    """Texts about a sensitive case are all alike, so they are counted."""
    excuses = person.interruptions + person.withdrawn(case)
    excused = sum(
        any(
            person.may_have_met(one, change.acked) or (one.begin <= change.acked and change.began < one.end)
            for one in excuses
        )
        for change in owed
    )
    notices = {
        reference: lines
        for reference, lines in person.by_reference.items()
        if _kind(lines[0]["text"]) == "notice"
    }
    given_up = sum(reference in person.given_up for reference in notices)
    told = sum(any(line["accepted"] for line in lines) for lines in notices.values())
    verdict.counts["changes of sensitive cases told to somebody"] += told
    verdict.counts["changes of sensitive cases not told: refused, unanswered or interrupted"] += max(
        len(owed) - told, 0
    )
    possible = [change for change in person.evidence.by_case[case] if change.acked > person.cases[case]]
    if told < len(owed) - excused - given_up:
        verdict.wrong(f"lost: {len(owed)} changes of the sensitive case {case}, and {told} came to {person}")
    if len(notices) > len(possible):
        verdict.wrong(
            f"invented: {len(possible)} changes of the sensitive case {case}, {len(notices)} told to {person}"
        )


# ── In order, once, and to nobody else ───────────────────────────────────────────────────────────────────────────────


def _in_order(person: Person, verdict: Verdict) -> None:
    firsts = sorted((copies[0]["seq"], name) for name, copies in person.told.items() if name in person.places)
    for (_, before), (_, after) in pairwise(firsts):
        if person.places[before] > person.places[after]:
            verdict.wrong(f"out of order: {after} came to {person} after {before}")


def _nothing_twice(person: Person, verdict: Verdict) -> None:
    for name, copies in person.told.items():
        if len({_reference(copy) for copy in copies}) > 1:
            verdict.wrong(f"twice: {name} came to {person} in two messages of their own")
    for reference, lines in person.by_reference.items():
        _, *repetitions = copies = [line for line in lines if line["accepted"]] or [{}]
        whys = [person.evidence.why_again(copy) for copy in copies[:-1]]
        for copy, why in zip(repetitions, whys, strict=True):
            verdict.counts[f"second copies {why}"] += 1
            if not why:
                verdict.wrong(
                    f"twice: message {reference} to {person} at {copy['at']:.3f}, though the copy before was taken for sure"
                )
        crashed = any(person.evidence.near_a_kill(copy["at"]) for copy in repetitions)
        if whys.count("after no answer") > 1 and not crashed:
            verdict.wrong(f"three times: message {reference} to {person} after two silences")


def _nothing_after_the_end(person: Person, verdict: Verdict) -> None:
    for end, cases in _ends(person):
        late = {
            change.name for case in cases for change in person.evidence.by_case[case] if change.began > end
        }
        for name, copies in person.told.items():
            if name in late or (
                copies[0]["at"] > end + UNDER_WAY and person.evidence.case_of.get(name) in cases
            ):
                verdict.wrong(f"leak: {name} came to {person} after their subscription had ended")


def _ends(person: Person) -> Iterator[tuple[float, list[str]]]:
    """When which subscriptions had surely ended: STOP was confirmed in the chat, or the withdrawal to the DMS."""
    for act in person.acts:
        if act["what"] == "stop":
            confirmed = (
                line["at"] for line in person.accepted if line["at"] > act["at"] and STOPPED in line["text"]
            )
            if end := next(confirmed, None):
                yield end, list(person.cases)
    for act in person.evidence.acts:
        if act["what"] == "withdraw" and act["case"] in person.cases:
            yield act["done"], [act["case"]]


def _nothing_to_anybody_else(evidence: Evidence, verdict: Verdict) -> None:
    people = {person.phone: person for person in evidence.people}
    texts = [(line.get("receiver", ""), line.get("text", ""), line["at"]) for line in evidence.requests]
    texts += [
        (line["user_id"], line["message"]["text"], line["at"])
        for line in evidence.log
        if line["kind"] == "welcome" and line["shown"]
    ]
    verdict.counts["texts looked through for what is not the receiver's"] = len(texts)
    for receiver, text, at in texts:
        known = people.get(receiver)
        for case in _cases_in(evidence, text):
            sensitive = evidence.cases.get(case, {}).get("sensitive")
            if sensitive:
                verdict.wrong(f"leak: words about the sensitive case {case} to {receiver}")
            elif known is None or known.cases.get(case, math.inf) > at:
                verdict.wrong(f"leak: {case} to {known or receiver}, who has nothing to do with it")


def _cases_in(evidence: Evidence, text: str) -> set[str]:
    named = {evidence.case_of[name] for name in NAME.findall(text) if name in evidence.case_of}
    return named | {number for number in NUMBER.findall(text) if number in evidence.cases}


# ── Every question was answered ──────────────────────────────────────────────────────────────────────────────────────


def _every_question_was_answered(person: Person, verdict: Verdict) -> None:
    answers = _answers_to(person)
    # Each may stand for an answer that a worker had in hand when it died, and that so never came to Viber.
    strange = list(person.strange_receipts)
    # From the last: it has the fewest answers to choose from.
    for asked, text in reversed(person.questions):
        answer = next(
            (one for one in reversed(answers) if one.at >= asked and _fits(person, one, asked, text)), None
        )
        if answer:
            answers.remove(answer)
            why = person.given_up.get(answer.reference)
            verdict.counts[f"questions not answered: {why}" if why else "questions answered"] += 1
        elif any(person.may_have_met(one, asked) for one in person.interruptions):
            verdict.counts["questions not answered: the asker had left or was called unreachable"] += 1
        elif strange and strange[-1] > asked:
            strange.pop()
            verdict.counts[
                "questions not answered: taken for delivered by the receipt of nobody's message"
            ] += 1
        else:
            verdict.wrong(f"stuck: «{text}» of {person} at {asked:.3f} was never answered")


@dataclass(frozen=True, slots=True)
class Answer:
    """One message that is no notice: when Viber first took it, or, where it never did, was first asked to."""

    at: float
    reference: str
    text: str


def _answers_to(person: Person) -> list[Answer]:
    found = []
    for reference, lines in person.by_reference.items():
        taken = [line for line in lines if line["accepted"]]
        if _kind(lines[0]["text"]) == "answer" and (taken or reference in person.given_up):
            found.append(Answer((taken or lines)[0]["at"], reference, lines[0]["text"]))
    return sorted(found, key=lambda answer: answer.at)


def _fits(person: Person, answer: Answer, asked: float, question: str) -> bool:
    """A question about one's own case must be answered by that case; about another's, by words about none (see *leak*)."""
    named = next((number for number in NUMBER.findall(question) if number in person.evidence.cases), None)
    if named is None or person.evidence.cases[named]["sensitive"]:
        return True
    ends = [one.begin for one in person.interruptions + person.withdrawn(named) if one.end == math.inf]
    connected = person.connected.get(named, math.inf) < asked and not any(begin < answer.at for begin in ends)
    return not connected or (named in answer.text and STATE in answer.text)
