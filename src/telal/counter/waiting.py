"""What waits for a human, list by list: the rows, and how many there are. Each has an index of its own, of what is open only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telal.cases.models import Review, Unmatched
from telal.cases.statuses import FINAL
from telal.cases.unmatched import still_open
from telal.conversation.models import Question
from telal.messaging.models import State
from telal.notices.models import Notice, Unbound

# So many days a citizen is given to scan the code at home, before somebody asks.
DAYS_TO_CONNECT = 3
# More than so many rows are not counted.
MOST_COUNTED = 99

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
    return Unbound.objects.filter(open_cases, dropped_at=None, since__lte=waited).order_by("id")


def questions() -> QuerySet[Question]:
    """Who has waited longest first."""
    return Question.objects.filter(answered_at=None).order_by("id")


def unmatched() -> QuerySet[Unmatched]:
    """The newest first."""
    return still_open().order_by("-id")


def reviews() -> QuerySet[Review]:
    """The newest first."""
    return Review.objects.filter(looked_at=None).order_by("-event_id")


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


def how_many(*lists: QuerySet[Any]) -> list[str]:
    """Of each of them: empty, a number, or ``99+``. Asked in one statement, for every screen shows them all."""
    if not lists:
        return []
    # In their order: without one the database may choose a way that is long where what waits is among the newest.
    some = [rows.values("pk")[: MOST_COUNTED + 1].query.sql_with_params() for rows in lists]
    counts = ", ".join(f"(SELECT count(*) FROM ({rows}) AS waiting)" for rows, _ in some)  # noqa: S608  (the ORM's)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for _, values in some for value in values])
        numbers = cursor.fetchone()
    return [f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number or "") for number in numbers]


def id_in(text: str) -> int | None:
    """The id in an address, if it is one."""
    return int(text[:18]) if text.isascii() and text.isdecimal() else None
