"""The public page that shows how far we keep our word about speed, and the same in JSON for whoever counts with us."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from telal import sql
from telal.messaging import promise
from telal.messaging.models import Day
from telal.notices.words import written_date
from telal.public.words import Speech, say_so, speech_for

# Whoever asks more often gets the same answer. Seconds.
COUNTED_EVERY = 60
# The picture, in its own units: a bar for each day.
BAR, STEP, HEIGHT = 14, 20, 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in the picture: all messages, and from below those in time."""

    x: int
    late_height: int
    height: int
    words: str

    @property
    def top(self) -> int:
        return HEIGHT - self.height

    @property
    def late_top(self) -> int:
        return self.top - self.late_height


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """For people."""
    report, speech = _report(), speech_for(request)
    context = {"report": report, **_words(report, speech), **_picture(report, speech)}
    return say_so(render(request, "public/promise.html", context), speech)


@require_safe
def numbers(_: HttpRequest) -> HttpResponse:
    """For programs, from anywhere."""
    response = JsonResponse(_report(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _report() -> dict[str, Any]:
    return cast(dict[str, Any], caches["local"].get_or_set("promise", _count, COUNTED_EVERY))


def _count() -> dict[str, Any]:
    """Everything both pages tell. Shares are in per cent, or None where there was nothing to share."""
    now = sql.database_now()
    days = promise.recent(now)
    total = {name: sum(getattr(day, name) for day in days) for name in promise.TOTALS}
    return {
        "counted_at": _moment(now),
        "since": next((str(day.day) for day in days if day.notices or day.answers), None),
        "until": str(days[-1].day),
        "notices": _kept(total["notices"], total["notices_in_time"], promise.NOTICE_WITHIN),
        "answers": _kept(total["answers"], total["answers_in_time"], promise.ANSWER_WITHIN),
        "delivered": {
            "count": total["delivered"],
            "share": share(total["delivered"], total["notices"] + total["answers"]),
        },
        "failed": total["failed"],
        "taken_back": total["taken_back"],
        "stops": [_stop(began, ended) for began, ended in promise.stops(now)],
        "days": [_day(day) for day in days],
    }


def _kept(count: int, in_time: int, within: timedelta) -> dict[str, Any]:
    return {
        "count": count,
        "in_time": in_time,
        "within_seconds": within.seconds,
        "share": share(in_time, count),
    }


def _stop(began: datetime, ended: datetime | None) -> dict[str, str | None]:
    """When nothing could be sent to anybody."""
    return {"began_at": _moment(began), "ended_at": _moment(ended) if ended else None}


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def _day(day: Day) -> dict[str, Any]:
    return {"day": str(day.day), **{name: getattr(day, name) for name in promise.TOTALS}}


def share(part: int, whole: int) -> float | None:
    """In per cent, rounded down: a hundred is said only where it is all of them."""
    return math.floor(1000 * part / whole) / 10 if whole else None


# ── In words and in a picture ────────────────────────────────────────────────────────────────────────────────────────


def _words(report: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    language, since = speech.language, report["since"]
    return {
        "notices_share": percent(report["notices"]["share"], language),
        "answers_share": percent(report["answers"]["share"], language),
        "delivered_share": percent(report["delivered"]["share"], language),
        "messages": number(report["notices"]["count"] + report["answers"]["count"], language),
        "notices": number(report["notices"]["count"], language),
        "answers": number(report["answers"]["count"], language),
        "failed": number(report["failed"], language),
        "taken_back": number(report["taken_back"], language),
        "stops": _stops_in_words(report, speech),
        "since": _date(since, language) if since else "",
        "until": _date(report["until"], language),
        "rows": [_row(day, language) for day in reversed(report["days"]) if day["notices"] or day["answers"]],
    }


def _stops_in_words(report: Mapping[str, Any], speech: Speech) -> str:
    """How often nothing could be sent, and for how long together."""
    lasted = sum(
        (
            datetime.fromisoformat(stop["ended_at"] or report["counted_at"])
            - datetime.fromisoformat(stop["began_at"])
            for stop in report["stops"]
        ),
        timedelta(),
    )
    if not report["stops"]:
        return "0"
    minutes = math.ceil(lasted.total_seconds() / 60)
    return speech.say(
        "promise_stops_lasted",
        count=number(len(report["stops"]), speech.language),
        minutes=number(minutes, speech.language),
    )


def _row(day: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "day": _date(day["day"], language),
        "notices": number(day["notices"], language),
        "notices_share": percent(share(day["notices_in_time"], day["notices"]), language),
        "answers": number(day["answers"], language),
        "answers_share": percent(share(day["answers_in_time"], day["answers"]), language),
    }


def _picture(report: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    until = date.fromisoformat(report["until"])
    by_day = {day["day"]: day for day in report["days"]}
    days = [until - timedelta(days=age) for age in reversed(range(promise.SHOWN_FOR.days))]
    most = max(day["notices"] + day["answers"] for day in report["days"])
    bars = [_bar(no, by_day.get(str(day)), most, speech) for no, day in enumerate(days)]
    return {
        "bars": [bar for bar in bars if bar],
        "bar_width": BAR,
        "picture_width": STEP * len(days),
        "picture_height": HEIGHT,
    }


def _bar(no: int, totals: Mapping[str, Any] | None, most: int, speech: Speech) -> Bar | None:
    count = totals["notices"] + totals["answers"] if totals else 0
    if not totals or not count:
        return None
    in_time = totals["notices_in_time"] + totals["answers_in_time"]
    words = speech.say(
        "promise_bar",
        day=_date(totals["day"], speech.language),
        count=number(count, speech.language),
        share=percent(share(in_time, count), speech.language),
    )
    unit = HEIGHT / most
    # A day with few messages is a day all the same.
    return Bar(no * STEP, round((count - in_time) * unit), max(15, round(in_time * unit)), words)


def _date(day: str, language: str) -> str:
    return written_date(language, date.fromisoformat(day))


def percent(share: float | None, language: str) -> str:
    """As it is written: ``98,7 %``, in English ``98.7%``; a whole number without a decimal."""
    if share is None:
        return "–"
    return f"{share:g}%" if language == "en" else f"{share:g}\u00a0%".replace(".", ",")


def number(count: int, language: str) -> str:
    written = f"{count:,}"
    return written if language == "en" else written.replace(",", ".")
