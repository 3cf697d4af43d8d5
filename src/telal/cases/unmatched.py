"""What the municipality's system said and Telal could not take in: kept, counted, and tried again once its case is known.

Bounded: of each sender the newest ``MOST_KEPT`` are kept, however many come. Keeping never disturbs whoever sends.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

import orjson
import structlog
from django.db import DataError, Error, IntegrityError, transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from telal.cases.models import Case, CaseEvent, Change, Reduced, Unmatched, UnmatchedCount
from telal.sealing.known_keys import keyed_hash

MOST_KEPT = 500
LONGEST_SAID = 4_000
# A system that has just told of a case is about to tell what happened to it: it goes first.
QUIET = timedelta(minutes=1)
_AT_ONCE = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that could not be taken in. ``said`` is what came; ``change`` is given where only the case is not known."""

    reason: str
    said: str
    ref: str = ""
    key: str = ""
    line: int | None = None
    status: str = ""
    occurred_at: datetime | None = None
    change: Change | None = None


def keep(refusals: Sequence[Refusal], *, source: str, sender: str, total: int | None = None) -> None:
    """Keep them; ``total`` is how many there were, where not all of them are given. Trouble is logged and never raised."""
    if not refusals:
        return
    try:
        with transaction.atomic():
            _count(source, sender, total or len(refusals))
            _keep(refusals[-MOST_KEPT:], source, sender)
            _drop_oldest(source, sender)
    except Error as error:
        log.error("unmatched_not_kept", source=source, error=type(error).__name__)


def _count(source: str, sender: str, total: int) -> None:
    one, _ = UnmatchedCount.objects.get_or_create(
        source=source, sender=sender[:150], defaults={"since": timezone.now()}
    )
    UnmatchedCount.objects.filter(pk=one.pk).update(total=F("total") + total)


def _keep(refusals: Sequence[Refusal], source: str, sender: str) -> None:
    now = timezone.now()
    marked = {_mark(one, source, sender): one for one in refusals}
    Unmatched.objects.filter(mark__in=marked, ended_at=None).update(times=F("times") + 1, last_at=now)
    known = set(Unmatched.objects.filter(mark__in=marked).values_list("mark", flat=True))
    Unmatched.objects.bulk_create(
        [
            Unmatched(
                source=source,
                sender=sender[:150],
                line=one.line,
                ref=one.ref[:200],
                status=one.status[:30],
                occurred_at=one.occurred_at,
                reason=one.reason[:300],
                said=one.said[:LONGEST_SAID],
                change=_as_json(replace(one.change, occurred_at=one.change.occurred_at or now))
                if one.change
                else "",
                mark=mark,
                first_at=now,
                last_at=now,
            )
            for mark, one in marked.items()
            if mark not in known
        ],
        ignore_conflicts=True,  # the same may come twice at once
    )


def _mark(one: Refusal, source: str, sender: str) -> str:
    """What is equal for the same thing when it comes again: its key where it has one, else what it says."""
    names = (source, one.ref, one.key) if one.key and one.change else (source, sender, one.reason, one.said)
    return keyed_hash("\0".join(names))


def _drop_oldest(source: str, sender: str) -> None:
    """Those that have waited longest without coming again."""
    of_sender = Unmatched.objects.filter(source=source, sender=sender[:150]).order_by("-last_at", "-id")
    excess = list(of_sender.values_list("pk", flat=True)[MOST_KEPT : MOST_KEPT * 2])
    if excess:
        Unmatched.objects.filter(pk__in=excess).delete()


# ── Trying again ─────────────────────────────────────────────────────────────────────────────────────────────────────


def still_open() -> QuerySet[Unmatched]:
    return Unmatched.objects.filter(ended_at=None)


def next_of_their_case() -> QuerySet[Unmatched]:
    """Those that are changes of a case that is known by now, and in whose timeline nothing later has been recorded."""
    newest = CaseEvent.objects.filter(case__ref=OuterRef("ref")).order_by("-no").values("occurred_at")[:1]
    changes = still_open().exclude(change="").annotate(newest=Subquery(newest))
    return changes.filter(newest__lte=Coalesce("occurred_at", "first_at"))


def take_in_what_waited(now: datetime) -> int:
    """Changes whose case has come meanwhile, in the order in which they happened; returns how many were taken in.

    Only where it is safe: the case has been quiet for a minute, and nothing later has been recorded. The rest is for a human.
    """
    waiting: dict[str, list[Unmatched]] = defaultdict(list)
    for one in next_of_their_case().order_by("ref", "occurred_at", "id")[:_AT_ONCE]:
        waiting[one.ref].append(one)
    return sum(_take_in_order(ref, some, now) for ref, some in waiting.items())


def _take_in_order(ref: str, waiting: Sequence[Unmatched], now: datetime) -> int:
    taken = 0
    for one in sorted(waiting, key=lambda each: (_changed(each).occurred_at, each.pk)):
        newest = CaseEvent.objects.filter(case__ref=ref).order_by("-no").first()
        is_quiet = newest is None or newest.recorded_at <= now - QUIET or taken > 0
        is_next = newest is None or newest.occurred_at <= (_changed(one).occurred_at or now)
        if not (is_quiet and is_next):
            break
        if take_in(one, by=""):
            break
        taken += 1
    return taken


def take_in(one: Unmatched, *, by: str) -> str:
    """The kept change happens now, once. Returns nothing, or why not: ``no_case``, ``not_a_change``, ``over``, ``refused``."""
    if not one.change:
        return "not_a_change"
    case = Case.objects.filter(ref=one.ref).first()
    if case is None:
        return "no_case"
    change = _changed(one)
    try:
        with transaction.atomic():
            if not _end([one.pk], Unmatched.End.TAKEN_IN, by=by):
                return ""
            if not (change.key and CaseEvent.objects.filter(case=case, key=change.key).exists()):
                case.move_to(change, source=one.source, actor=one.sender)
    except Reduced:
        return "over"
    except (IntegrityError, DataError, KeyError):
        return "refused"
    return ""


def dismiss(pks: Iterable[int], *, by: str, because: str) -> int:
    return _end(pks, Unmatched.End.DISMISSED, by=by, because=because[:200])


def _end(pks: Iterable[int], how: Unmatched.End, *, by: str, because: str = "") -> int:
    """What came is emptied: it is a change now, or not wanted."""
    return (
        still_open()
        .filter(pk__in=list(pks))
        .update(ended_at=timezone.now(), ended_as=how, ended_by=by, ended_because=because, said="", change="")
    )


# ── A change as it is kept ───────────────────────────────────────────────────────────────────────────────────────────


def _as_json(change: Change) -> str:
    return orjson.dumps(asdict(change)).decode()


def _changed(one: Unmatched) -> Change:
    fields = orjson.loads(one.change)
    due_on, occurred_at = fields["due_on"], fields["occurred_at"]
    return Change(
        **{
            **fields,
            "due_on": date.fromisoformat(due_on) if due_on else None,
            "occurred_at": datetime.fromisoformat(occurred_at) if occurred_at else None,
        }
    )
