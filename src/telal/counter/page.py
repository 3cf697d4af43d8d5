"""What every staff screen shows around its own content."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from telal.conversation.models import Question
from telal.counter.desk import late_of
from telal.counter.reach import how_many, how_many_unreached
from telal.counter.undo import held_of
from telal.counter.words import why_stopped
from telal.messaging.models import Stop
from telal.notices.pins import guessed_lately


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A whole screen, with the alarms (nothing can be sent; PINs are guessed), how many messages did not get through, and how many
    ask.
    """
    return render(request, f"counter/{template}", {**around(request), **(context or {})}, status=status)


def around(request: HttpRequest) -> dict[str, Any]:
    return {
        "alarm": _alarm(),
        "guessed": guessed_lately(),
        "unreached": how_many_unreached(),
        "late": late_of(request.user),
        "held": held_of(request.user),
        "asking": how_many(Question.objects.filter(answered_at=None)),
    }


def _alarm() -> tuple[datetime, str] | None:
    """Since when sending waits for somebody to act, and why."""
    stop = Stop.objects.filter(ended_at=None, needs_human=True).order_by("scope").first()
    return (stop.began_at, why_stopped(stop.because)) if stop else None
