"""What every staff screen shows around its own content."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from telal.counter.access import may_change
from telal.counter.waiting import LISTS, counts, total
from telal.counter.words import why_stopped
from telal.messaging.models import Stop
from telal.notices.pins import guessed_lately


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A whole screen, with the alarms (nothing can be sent; PINs are guessed), and how much waits on each list of work."""
    waiting = counts()
    around = {
        "may_change": may_change(request.user),
        "alarm": _alarm(),
        "guessed": guessed_lately(),
        "work_lists": [(one, waiting[one.url]) for one in LISTS],
        "work_total": total(waiting),
    }
    return render(request, f"counter/{template}", {**around, **(context or {})}, status=status)


def _alarm() -> tuple[datetime, str] | None:
    """Since when sending waits for somebody to act, and why."""
    stop = Stop.objects.filter(ended_at=None, needs_human=True).order_by("scope").first()
    return (stop.began_at, why_stopped(stop.because)) if stop else None
