"""What will come of a change before it is made: exactly what each citizen would read, and who would hear nothing and why.

Nothing is imitated. The change is made, the announcer is asked what it would tell, and all of it is rolled back.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from telal.cases.models import Case, CaseEvent, Change, Reduced
from telal.conversation import bot
from telal.counter import words
from telal.counter.cautions import Caution, cautions
from telal.messaging.channel import Button
from telal.notices import doubts
from telal.notices.announcer import Verdict, verdicts_on
from telal.notices.facts import lines
from telal.notices.models import Reason, Subscription

# Cases are locked while their change is tried out: few at a time, so that nobody else waits long.
_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Told:
    """What one citizen would read, or why they would read nothing. ``person`` is empty where nobody hears of the case."""

    person: str
    language: str
    text: str = ""
    buttons: Sequence[Button] = ()
    why_not: str = ""

    @property
    def language_name(self) -> str:
        return str(words.TEXT_LANGUAGES.get(self.language, self.language))


@dataclass(frozen=True, slots=True)
class Foresight:
    """``event`` is the line that would be written; None where the change cannot be made, because the case is ``closed``."""

    case: Case
    event: CaseEvent | None
    told: Sequence[Told] = ()
    cautions: Sequence[Caution] = ()

    @property
    def is_told(self) -> bool:
        return any(told.text for told in self.told)

    def stops(self, sent: Mapping[str, str]) -> bool:
        """Is there something that whoever has sent this form has not seen yet?"""
        return self.event is None or self.mark_of_cautions != sent.get("seen", "")

    @property
    def mark_of_cautions(self) -> str:
        """Changes with what one is cautioned of: who has seen one set has not seen another. Empty when there are none."""
        return _mark(self.cautions)


def foresee(case: Case, change: Change, *, actor: str) -> Foresight:
    (one,) = foresee_all([case.pk], lambda _: change, actor=actor)
    return one


def foresee_all(
    case_ids: Sequence[int], change_of: Callable[[Case], Change], *, actor: str
) -> Iterator[Foresight]:
    """In the order of their ids; unknown cases are left out."""
    ids = sorted(case_ids)
    for start in range(0, len(ids), _AT_ONCE):
        yield from _tried_out(ids[start : start + _AT_ONCE], change_of, actor)


def _tried_out(ids: Sequence[int], change_of: Callable[[Case], Change], actor: str) -> list[Foresight]:
    with transaction.atomic():
        tried = [(case, _try(case, change_of, actor)) for case in Case.locked("id", ids)]
        told = _told([event.pk for _, event in tried if event])
        prefetch_related_objects([case for case, _ in tried], "applicant")
        transaction.set_rollback(True)
    return [
        Foresight(case, event, told[event.pk], _cautions(case, event)) if event else Foresight(case, None)
        for case, event in tried
    ]


def _try(case: Case, change_of: Callable[[Case], Change], actor: str) -> CaseEvent | None:
    try:
        # Without its key, which may have been used: whoever sends a form twice may look twice, too.
        return case.write_down(replace(change_of(case), key=None), source="counter", actor=actor)
    except Reduced:
        return None


def _told(event_ids: Iterable[int]) -> Mapping[int, list[Told]]:
    """What the announcer would make of these lines, by event."""
    news = lines(CaseEvent.objects.filter(pk__in=event_ids).order_by("id"))
    verdicts = list(verdicts_on(news, bot.menu, doubts.silent_since(timezone.now())))
    known = Subscription.objects.select_related("consent", "contact").defer("contact__name")
    subscriptions = known.in_bulk({one.subscription_id for one in verdicts if one.subscription_id})
    told: dict[int, list[Told]] = defaultdict(list)
    for verdict in verdicts:
        told[verdict.line.event_id].append(_of(verdict, subscriptions.get(verdict.subscription_id or 0)))
    return told


def _of(verdict: Verdict, subscription: Subscription | None) -> Told:
    person = subscription.consent.person if subscription else ""
    language = subscription.contact.language if subscription else ""
    if verdict.owed:
        return Told(person, language, verdict.owed.text, verdict.owed.buttons)
    return Told(person, language, why_not=str(Reason(verdict.reason).label))


def _cautions(case: Case, event: CaseEvent) -> tuple[Caution, ...]:
    """Of a sensitive case, nothing that somebody has written goes out."""
    if case.sensitive:
        return ()
    texts = {
        "subject": case.subject,
        "waiting_for": event.waiting_for,
        "department": event.department,
        "officer": event.officer,
    }
    return cautions(texts, case.applicant.name)


def _mark(found: Sequence[Caution]) -> str:
    said = " ".join(f"{caution.field}:{caution.kind}" for caution in found)
    return hashlib.sha256(said.encode()).hexdigest()[:16] if said else ""
