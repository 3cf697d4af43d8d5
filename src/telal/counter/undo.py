"""*Poništi*: for some seconds a change made at the counter is held, and whoever made it can take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import CaseEvent, Untold
from telal.counter.access import may
from telal.counter.noting import concerns
from telal.notices.taking_back import take_back

# More than so many of one person's changes are not looked at.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Held:
    """What one click has changed and one click takes back: a case, or many with the same key."""

    key: str
    events: Sequence[CaseEvent]
    until: datetime

    @property
    def seconds(self) -> int:
        """How many are left, at least one."""
        return max(1, round((self.until - timezone.now()).total_seconds()))


def hold() -> timedelta:
    """How long a change made at the counter can be taken back."""
    return timedelta(seconds=settings.TELAL_UNDO_SECONDS)


def held_of(user: User | AnonymousUser) -> list[Held]:
    """What this user has changed and may still take back, the newest first."""
    now = timezone.now()
    untold = Untold.objects.filter(not_before__gt=now, event__actor=user.get_username())
    rows = untold.select_related("event__case").defer("event__case__subject").order_by("-event_id")[:_MOST]
    found: dict[str, list[Untold]] = {}
    for row in rows:
        found.setdefault(row.event.key or "", []).append(row)
    return [
        Held(key, [row.event for row in of_key], min(row.not_before for row in of_key if row.not_before))
        for key, of_key in found.items()
    ]


@require_safe
@may("cases.move", each=True, by_itself=True)
def undo_bar(request: HttpRequest) -> HttpResponse:
    """What the page shows of it, asked for again when a hold has ended."""
    return render(request, "counter/undo.html", {"held": held_of(request.user)})


@require_POST
@may("cases.move", each=True)
def undo(request: HttpRequest) -> HttpResponse:
    """Take back all that was changed with this key and is still held; what is too late stays, and that is said."""
    mine = CaseEvent.objects.filter(
        untold__not_before__isnull=False, key=request.POST.get("key", ""), actor=request.user.get_username()
    )
    events = list(mine.order_by("-id"))
    concerns(request, *(f"cases/{event.case_id}" for event in events))
    undone = [event for event in events if take_back(event, actor=request.user.get_username())]
    _say(request, len(undone), len(events) - len(undone))
    if len(events) == 1:
        return redirect("counter:case", events[0].case_id)
    return redirect("counter:mine")


def _say(request: HttpRequest, undone: int, too_late: int) -> None:
    if undone:
        said = ngettext(
            "Poništeno. Građaninu nije otišlo ništa.",
            "Poništeno predmeta: %(count)s. Građanima nije otišlo ništa.",
            undone,
        )
        messages.success(request, said % {"count": undone})
    if too_late or not undone:
        messages.warning(
            request,
            _("Za poništavanje je prekasno: obavijest je otišla ili je predmet u međuvremenu promijenjen."),
        )
