"""The end of life: what has been kept long enough is dropped, in small batches, one process at a time.

A sweep walks its table by id and remembers how far it got. So it needs no index that the hot paths would have to keep, and a
table of millions costs no more than one batch.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import takewhile
from operator import and_
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from telal.cases.models import Applicant, Case, Unmatched, UnmatchedCount, Untold
from telal.cases.statuses import FINAL
from telal.conversation.models import Question
from telal.messaging.models import Contact, Inbound, Message, Pump, Sender, StrayReceipt
from telal.notices.models import Consent, Guess, Invitation, Notice, PhoneRequest, Subscription, Unbound
from telal.retention import keeping
from telal.retention.models import Progress
from telal.staff import audit
from telal.staff.models import Entry

# So many rows are looked at in one step, and so many at most are dropped.
LARGEST_BATCH = 500


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is dropped, from when on, and how.

    ``due`` takes the moment before which a row has been kept long enough, ``drop`` ids, and returns how many rows it changed;
    ``largest`` is how many ids it takes at a time.
    ``in_order``: ids follow time, so it waits at the first row that is too young or still owed, and never looks back; any other
    sweep goes round and round. ``stands_still``: pumps that must not work meanwhile, as they could take up what is going.
    """

    code: str
    model: type[Model]
    due: Callable[[datetime], Q]
    drop: Callable[[Sequence[int], datetime], int]
    largest: int = LARGEST_BATCH
    in_order: bool = False
    stands_still: tuple[str, ...] = ()

    def rows(self, now: datetime, days: Mapping[str, int]) -> QuerySet[Any]:
        """All rows that have been kept long enough. What serves no purpose has no class, and goes within a day."""
        return self.model._default_manager.filter(self.due(now - timedelta(days=days.get(self.code, 1))))


def sweep(now: datetime) -> Counter[str]:
    """Drop the next batch of every class, each in a transaction of its own. Returns how many rows of each."""
    days = keeping.days()
    dropped = Counter({one.code: _sweep(one, now, days) for one in SWEEPS})
    _drop_expired_sessions(now)
    return +dropped


def _sweep(one: Sweep, now: datetime, days: Mapping[str, int]) -> int:
    with transaction.atomic():
        if not _is_alone("retention", *one.stands_still):
            return 0
        progress, _ = Progress.objects.get_or_create(pk=one.code)
        seen, over = _next(one, progress.through, now, days)
        dropped = one.drop(over, now) if over else 0
        Progress.objects.filter(pk=one.code).update(
            through=seen,
            looked_at=now,
            dropped=F("dropped") + dropped,
            dropped_at=now if dropped else progress.dropped_at,
        )
    return dropped


def _is_alone(*pumps: str) -> bool:
    """Hold the rows of these pumps, unless somebody else does."""
    return len(Pump.objects.select_for_update(skip_locked=True).filter(pk__in=pumps)) == len(pumps)


def _next(one: Sweep, through: int, now: datetime, days: Mapping[str, int]) -> tuple[int, list[int]]:
    """How far to look, and the rows up to there that are over."""
    following = one.model._default_manager.filter(pk__gt=through).order_by("pk")
    window = list(following.values_list("pk", flat=True)[:LARGEST_BATCH])
    locked = one.rows(now, days).filter(pk__in=window).select_for_update(skip_locked=True, of=("self",))
    due = set(locked.values_list("pk", flat=True))
    if one.in_order:
        over = list(takewhile(due.__contains__, window))[: one.largest]
        return (over[-1] if over else through), over
    over = [pk for pk in window if pk in due]
    if len(over) > one.largest:
        return over[one.largest - 1], over[: one.largest]
    return (window[-1] if len(window) == LARGEST_BATCH else 0), over


# ── Messages and callbacks ───────────────────────────────────────────────────────────────────────────────────────────


def _old_messages(before: datetime) -> Q:
    return Q(created_at__lt=before, due_at=None)


def _empty_texts(pks: Sequence[int], _: datetime) -> int:
    return Message.objects.filter(pk__in=pks).exclude(text="").update(text="", buttons=[])


def _handled_callbacks(before: datetime) -> Q:
    return Q(received_at__lt=before, handled_at__isnull=False)


def _strip_callbacks(pks: Sequence[int], _: datetime) -> int:
    return Inbound.objects.filter(pk__in=pks).update(body="", address="", trace=None)


def _old_strays(before: datetime) -> Q:
    return Q(received_at__lt=before)


def _old_guesses(before: datetime) -> Q:
    return Q(at__lt=before)


def _old_entries(before: datetime) -> Q:
    return Q(at__lt=before)


def _dead_requests(before: datetime) -> Q:
    return Q(expires_at__lt=before)


def _dead_senders(before: datetime) -> Q:
    return Q(expires_at__lt=before)


# ── Cases and people ─────────────────────────────────────────────────────────────────────────────────────────────────


def _closed_cases(before: datetime) -> Q:
    """Nothing of them is still to be told, and nothing told is still on its way."""
    untold = Untold.objects.filter(event__case=OuterRef("pk"))
    owed = Message.objects.filter(due_at__isnull=False, notice__event__case=OuterRef("pk"))
    is_closed = Q(status__in=FINAL, changed_at__lt=before, reduced_at=None)
    return is_closed & ~Q(Exists(untold)) & ~Q(Exists(owed))


def _reduce_cases(pks: Sequence[int], now: datetime) -> int:
    Invitation.objects.filter(consent__case__in=pks).delete()
    Notice.objects.filter(event__case__in=pks).delete()
    Subscription.objects.filter(case__in=pks).delete()
    return Case.reduce(pks, now)


def _unneeded_consents(before: datetime) -> Q:
    return Q(withdrawal__withdrawn_at__lt=before) | Q(case__reduced_at__lt=before)


def _answered_questions(before: datetime) -> Q:
    return Q(answered_at__lt=before)


def _old_unmatched(before: datetime) -> Q:
    return Q(last_at__lt=before)


def _counted_for_nothing(before: datetime) -> Q:
    kept = Unmatched.objects.filter(source=OuterRef("source"), sender=OuterRef("sender"))
    return Q(since__lt=before) & ~Q(Exists(kept))


def _awaited_in_vain(before: datetime) -> Q:
    """Of a case that is over there is nothing more to tell."""
    return Q(consent__case__status__in=FINAL, consent__case__changed_at__lt=before)


def _silent_contacts(before: datetime) -> Q:
    hanging_on = (
        model._default_manager.filter(contact=OuterRef("pk")) for model in (Message, Subscription, Question)
    )
    is_silent = Q(created_at__lt=before) & (Q(heard_at=None) | Q(heard_at__lt=before))
    return reduce(and_, (~Q(Exists(rows)) for rows in hanging_on), is_silent)


def _applicants_of_nothing(_: datetime) -> Q:
    return ~Q(Exists(Case.objects.filter(applicant=OuterRef("pk"))))


# ── How rows end ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _delete(model: type[Model]) -> Callable[[Sequence[int], datetime], int]:
    """Delete rows and what hangs on them; counts the rows themselves."""

    def delete(pks: Sequence[int], _: datetime) -> int:
        # What goes needs not be read, nor unsealed.
        going = model._default_manager.filter(pk__in=pks).only("pk")
        return going.delete()[1].get(model._meta.label, 0)

    return delete


def _drop_expired_sessions(now: datetime) -> None:
    expired = Session.objects.filter(expire_date__lt=now).values("pk")[:LARGEST_BATCH]
    keys = list(expired.values_list("pk", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


_TAKES_PEOPLE_UP = ("listen",)
# A message has its attempts, a case its timeline.
_MESSAGES_AT_ONCE, _CASES_AT_ONCE = 250, 25

SWEEPS = (
    Sweep("chat_text", Message, _old_messages, _empty_texts, in_order=True),
    Sweep("delivery_log", Message, _old_messages, _delete(Message), largest=_MESSAGES_AT_ONCE, in_order=True),
    Sweep("callbacks", Inbound, _handled_callbacks, _strip_callbacks, in_order=True),
    Sweep("stray_receipts", StrayReceipt, _old_strays, _delete(StrayReceipt), in_order=True),
    Sweep(
        "case_data", Case, _closed_cases, _reduce_cases, largest=_CASES_AT_ONCE, stands_still=_TAKES_PEOPLE_UP
    ),
    Sweep("consent_proof", Consent, _unneeded_consents, _delete(Consent), stands_still=_TAKES_PEOPLE_UP),
    Sweep("questions", Question, _answered_questions, _delete(Question)),
    Sweep("unmatched", Unmatched, _old_unmatched, _delete(Unmatched)),
    Sweep("unmatched_counts", UnmatchedCount, _counted_for_nothing, _delete(UnmatchedCount)),
    Sweep("unbound", Unbound, _awaited_in_vain, _delete(Unbound)),
    Sweep("contacts", Contact, _silent_contacts, _delete(Contact), stands_still=_TAKES_PEOPLE_UP),
    Sweep("guesses", Guess, _old_guesses, _delete(Guess), in_order=True),
    Sweep("phone_requests", PhoneRequest, _dead_requests, _delete(PhoneRequest)),
    Sweep("applicants", Applicant, _applicants_of_nothing, _delete(Applicant)),
    Sweep("audit_log", Entry, _old_entries, audit.cut, in_order=True),
    Sweep("senders", Sender, _dead_senders, _delete(Sender)),
)
