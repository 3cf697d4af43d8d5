"""What can happen to a case: statuses, outcomes and the usual ways from one status to the next.

One line each. Labels are in Bosnian, Croatian, Serbian (Cyrillic, ijekavian) and English. Source: the domain reference, 1.6-1.7
(ZUP FBiH). To add a status, see docs/adding_a_status.md.
"""

from dataclasses import dataclass
from typing import Literal

from telal.cases.latin import to_latin

LANGUAGES = ("bs", "hr", "sr", "en")
# What people may choose: Serbian is written in Cyrillic, and put into Latin by rule.
SERBIAN_IN_LATIN = "sr-Latn"

Phase = Literal["intake", "work", "waiting", "decision", "appeal", "closed"]
Clock = Literal["runs", "holds", "stops", "restarts", "none"]


@dataclass(frozen=True, slots=True)
class Status:
    """``announced``: is a change to it told to the citizen? ``clock``: what it does to the deadline for deciding.

    ``next``: the statuses that usually follow; others are accepted and marked as unexpected.
    """

    code: str
    labels: tuple[str, str, str, str]
    phase: Phase
    clock: Clock
    next: tuple[str, ...]
    announced: bool = True
    final: bool = False

    def label(self, language: str) -> str:
        return _label(self.labels, language)


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What was decided. Never shown as part of the stage: *riješen* sounds like *yes*."""

    code: str
    labels: tuple[str, str, str, str]

    def label(self, language: str) -> str:
        return _label(self.labels, language)


def _label(labels: tuple[str, str, str, str], language: str) -> str:
    if language == SERBIAN_IN_LATIN:
        return to_latin(_label(labels, "sr"))
    return labels[LANGUAGES.index(language)]


_STATUSES = (
    Status("received", ("Zaprimljen", "Zaprimljen", "Примљен", "Received"), "intake", "runs",
           ("assigned", "transferred", "merged", "cancelled")),
    Status("assigned", ("Dodijeljen službi u rad", "Dodijeljen službi u rad", "Додијељен служби у рад", "Assigned"), "work", "runs",
           ("in_progress", "assigned", "transferred", "merged")),
    Status("in_progress", ("U obradi", "U obradi", "У обради", "In progress"), "work", "runs",
           ("awaiting_applicant", "awaiting_other_body", "inspection_or_hearing", "suspended", "decided", "assigned", "transferred",
            "merged")),
    Status("awaiting_applicant", ("Čeka se dopuna zahtjeva", "Čeka se dopuna zahtjeva", "Чека се допуна захтјева",
                                  "Waiting for your documents"), "waiting", "holds",
           ("in_progress", "decided")),
    Status("awaiting_other_body", ("Čeka se mišljenje ili saglasnost drugog organa", "Čeka se mišljenje ili suglasnost drugog tijela",
                                   "Чека се мишљење или сагласност другог органа", "Waiting for another institution"), "waiting", "runs",
           ("in_progress", "awaiting_applicant", "suspended", "decided")),
    Status("inspection_or_hearing", ("Zakazan uviđaj ili rasprava", "Zakazan očevid ili rasprava", "Заказан увиђај или расправа",
                                     "Inspection or hearing scheduled"), "work", "runs",
           ("in_progress", "awaiting_other_body", "decided")),
    Status("suspended", ("Postupak prekinut", "Postupak prekinut", "Поступак прекинут", "Suspended"), "waiting", "holds",
           ("in_progress", "decided")),
    Status("decided", ("Odluka donesena", "Odluka donesena", "Одлука донесена", "Decision made"), "decision", "stops",
           ("dispatched", "ready_for_pickup", "served", "in_progress")),
    Status("dispatched", ("Akt otpremljen", "Akt otpremljen", "Акт отпремљен", "Sent"), "decision", "none",
           ("served", "ready_for_pickup")),
    Status("ready_for_pickup", ("Spremno za preuzimanje", "Spremno za preuzimanje", "Спремно за преузимање", "Ready for pick-up"),
           "decision", "none", ("served", "dispatched")),
    Status("served", ("Akt uručen", "Akt uručen", "Акт уручен", "Delivered"), "decision", "none",
           ("appealed", "archived")),
    Status("appealed", ("Izjavljena žalba", "Izjavljena žalba", "Изјављена жалба", "Under appeal"), "appeal", "none",
           ("remanded", "served", "archived")),
    Status("remanded", ("Vraćen na ponovni postupak", "Vraćen na ponovni postupak", "Враћен на поновни поступак",
                        "Returned for a new decision"), "appeal", "restarts", ("in_progress",)),
    Status("transferred", ("Ustupljen nadležnom organu", "Ustupljen nadležnom tijelu", "Уступљен надлежном органу",
                           "Handed over to the competent body"), "closed", "stops", (), final=True),
    Status("merged", ("Spojen s drugim predmetom", "Spojen s drugim predmetom", "Спојен са другим предметом", "Joined to another case"),
           "closed", "none", (), final=True),
    Status("archived", ("Arhiviran (a/a)", "Arhiviran (a/a)", "Архивиран (а/а)", "Archived"), "closed", "none",
           ("in_progress", "appealed"), final=True),
    Status("cancelled", ("Storniran upis", "Storniran upis", "Сторниран упис", "Entry cancelled"), "closed", "none", (), final=True),
)  # fmt: skip

_OUTCOMES = (
    CaseOutcome("granted", ("Zahtjev usvojen", "Zahtjev usvojen", "Захтјев усвојен", "Granted")),
    CaseOutcome("partly_granted", ("Zahtjev djelimično usvojen", "Zahtjev djelomično usvojen", "Захтјев дјелимично усвојен", "Partly granted")),
    CaseOutcome("refused", ("Zahtjev odbijen", "Zahtjev odbijen", "Захтјев одбијен", "Refused")),
    CaseOutcome("dismissed", ("Zahtjev odbačen", "Zahtjev odbačen", "Захтјев одбачен", "Dismissed")),
    CaseOutcome("discontinued", ("Postupak obustavljen", "Postupak obustavljen", "Поступак обустављен", "Discontinued")),
    CaseOutcome("settled", ("Zaključeno poravnanje", "Sklopljena nagodba", "Закључено поравнање", "Settled")),
    CaseOutcome("issued", ("Uvjerenje izdato", "Uvjerenje izdano", "Увјерење издато", "Issued")),
    CaseOutcome("answered", ("Odgovoreno", "Odgovoreno", "Одговорено", "Answered")),
)  # fmt: skip

STATUSES = {status.code: status for status in _STATUSES}
OUTCOMES = {outcome.code: outcome for outcome in _OUTCOMES}
FINAL = tuple(status.code for status in _STATUSES if status.final)

# A non-administrative case may go to the archive without a decision.
_ARCHIVED_WITHOUT_DECISION = ("received", "in_progress")

# An outcome belongs to a decision and what follows it.
_WITH_OUTCOME = ("decided", "dispatched", "ready_for_pickup", "served", "archived")


def is_expected(before: str | None, after: str, kind: str) -> bool:
    """May ``after`` follow ``before`` in a case of this kind? A case begins with ``received``; the same status again is no move."""
    if before is None:
        return after == "received"
    if before == after:
        return True
    if after == "archived" and before in _ARCHIVED_WITHOUT_DECISION:
        return kind == "non_administrative"
    return after in STATUSES[before].next


def may_carry_outcome(status: str) -> bool:
    """Does an outcome make sense with this status?"""
    return status in _WITH_OUTCOME


_BEFORE_A_DECISION = ("intake", "work", "waiting")


def is_step_back(before: str, after: str) -> bool:
    """Does this take a decision or an end back? What an appeal has sent back begins anew by right."""
    return (
        STATUSES[before].phase not in _BEFORE_A_DECISION
        and before != "remanded"
        and STATUSES[after].phase in _BEFORE_A_DECISION
    )
