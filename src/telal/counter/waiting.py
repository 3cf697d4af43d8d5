"""What waits for a human, list by list: the rows, and how many there are. Each has an index of its own, of what is open only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telal.cases.models import Review, Unmatched
from telal.cases.statuses import FINAL
from telal.cases.unmatched import still_open
from telal.conversation.models import Question
from telal.counter.reach import how_many
from telal.messaging.models import State
from telal.notices.models import Notice, Unbound

# So many days a citizen is given to scan the code at home, before somebody asks.
DAYS_TO_CONNECT = 3
# With a filter so many rows are looked through at a time: a rare kind costs no more than a frequent one.
LOOKED_THROUGH = 2_000

# What was taken back because of a STOP is as the citizen wished; what could not be delivered is not.
_LOST = Q(message__state__in=(State.FAILED, State.UNCERTAIN)) | Q(
    message__state=State.CANCELLED, message__error="unreachable"
)


def unreached() -> QuerySet[Notice]:
    """The notices that did not get through and that nobody has told in another way, the newest first."""
    ended = Q(message__ended_at__isnull=False, message__settled_at__isnull=True)
    return Notice.objects.filter(ended, _LOST).order_by("-message_id")


def unbound(days: int = DAYS_TO_CONNECT, now: datetime | None = None) -> QuerySet[Unbound]:
    """Consents that no chat hears by, since so many days; who waits longest first."""
    waited = (now or timezone.now()) - timedelta(days=days)
    open_cases = ~Q(consent__case__status__in=FINAL) & Q(consent__case__reduced_at=None)
    return Unbound.objects.filter(open_cases, dropped_at=None, since__lte=waited).order_by("pk")


def questions() -> QuerySet[Question]:
    """Who has waited longest first."""
    return Question.objects.filter(answered_at=None).order_by("pk")


def unmatched() -> QuerySet[Unmatched]:
    """The newest first."""
    return still_open().order_by("-pk")


def reviews() -> QuerySet[Review]:
    """The newest first."""
    return Review.objects.filter(looked_at=None).order_by("-pk")


@dataclass(frozen=True, slots=True)
class WorkList:
    """One list: its name in addresses, what it is called, and what it is for."""

    url: str
    title: str | Promise
    about: str | Promise
    rows: Callable[[], QuerySet[Any]]


LISTS = (
    WorkList(
        "unreached", _("Nije stiglo"), _("Promjene koje građani nisu dobili u Viberu. Nazovite ih ili im pišite."), unreached
    ),
    WorkList(
        "questions", _("Pitanja građana"), _("Građani su u Viberu tražili čovjeka. Odgovor im stiže u isti razgovor."), questions
    ),
    WorkList(
        "unbound", _("Nepovezane saglasnosti"), _("Potpisali su saglasnost, a još nisu otvorili razgovor: ne dobijaju ništa."),
        unbound,
    ),
    WorkList(
        "reviews", _("Promjene iz DMS-a za provjeru"), _("Neuobičajene promjene koje su stigle iz sistema općine."), reviews
    ),
    WorkList(
        "unmatched", _("Neraspoređeno"), _("Stiglo je iz sistema općine, a Telal to nije mogao primiti. Ništa nije izgubljeno."),
        unmatched,
    ),
)  # fmt: skip


_BY_URL = {one.url: one for one in LISTS}


def count(url: str) -> str:
    """How many wait on this list: empty, a number, or ``99+``."""
    # In no order: who only counts needs none.
    return how_many(_BY_URL[url].rows().order_by())


def a_page(rows: QuerySet[Any], key: str, size: int, only: Q | None = None) -> tuple[list[Any], str]:
    """A page of rows in the order of their ``key``, and where the next one begins (empty after the last).

    With a filter a page may be short and yet not the last: see LOOKED_THROUGH.
    """
    if only is None:
        some = list(rows[: size + 1])
        return some[:size], str(getattr(some[size - 1], key)) if len(some) > size else ""
    keys = list(rows.values_list(key, flat=True)[: LOOKED_THROUGH + 1])
    if not keys:
        return [], ""
    last = keys[:LOOKED_THROUGH][-1]
    bound = "lte" if keys[0] <= last else "gte"
    some = list(rows.filter(only, **{f"{key}__{bound}": last})[: size + 1])
    if len(some) > size:
        return some[:size], str(getattr(some[size - 1], key))
    return some, str(last) if len(keys) > LOOKED_THROUGH else ""


def key_in(text: str) -> int | None:
    """The key in an address, if it is one."""
    return int(text[:18]) if text.isascii() and text.isdecimal() else None
