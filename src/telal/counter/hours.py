"""Office hours as citizens are told them: the week, exceptions, and which holidays are worked."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from telal.cases.office import Holiday
from telal.cases.rules import Exceptional, HolidayChoice, WeekDay, timetable
from telal.counter.access import may
from telal.counter.fields import show_first_error
from telal.counter.forms import ExceptionalForm, WeekForm
from telal.counter.page import page

_A_YEAR = timedelta(days=365)


@require_safe
@may("office.see")
def hours(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@may("office.settings")
def set_week(request: HttpRequest) -> HttpResponse:
    form = WeekForm(request.POST)
    if not form.is_valid():
        return _show(request, week_form=form)
    with transaction.atomic():
        for weekday, of_day in enumerate(form.week()):
            WeekDay.objects.update_or_create(pk=weekday, defaults={"hours": of_day})
    return redirect("counter:hours")


@require_POST
@may("office.settings")
def add_exceptional(request: HttpRequest) -> HttpResponse:
    form = ExceptionalForm(request.POST, auto_id="exceptional_%s")
    if not form.is_valid():
        return _show(request, exceptional_form=form)
    Exceptional.objects.create(**form.cleaned_data)
    return redirect("counter:hours")


@require_POST
@may("office.settings")
def drop_exceptional(_: HttpRequest, pk: int) -> HttpResponse:
    Exceptional.objects.filter(pk=pk).delete()
    return redirect("counter:hours")


@require_POST
@may("office.settings")
def choose_holiday(request: HttpRequest, day: str) -> HttpResponse:
    """Is this holiday worked? Saying it twice is as good as once."""
    on = _day(day)
    worked = request.POST.get("worked") == "yes"
    HolidayChoice.objects.update_or_create(pk=on, defaults={"worked": worked})
    return redirect("counter:hours")


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or day not in _coming_holidays():
        raise Http404
    return day


def _show(
    request: HttpRequest, week_form: WeekForm | None = None, exceptional_form: ExceptionalForm | None = None
) -> HttpResponse:
    for form in (week_form, exceptional_form):
        if form:
            show_first_error(form)
    kept = {day.weekday: day.hours for day in WeekDay.objects.all()}
    context: dict[str, Any] = {
        "week_form": week_form or WeekForm.of(kept),
        "is_set": any(kept.values()),
        "exceptional_form": exceptional_form or ExceptionalForm(auto_id="exceptional_%s"),
        "exceptional": Exceptional.objects.filter(last_day__gte=timezone.localdate()).order_by("first_day"),
        "holidays": [(one, one.names["bs"]) for one in _coming_holidays().values()],
    }
    return page(request, "hours.html", context)


def _coming_holidays() -> dict[date, Holiday]:
    """Those of the next twelve months."""
    today = timezone.localdate()
    holidays = timetable(today).holidays or {}
    return {day: one for day, one in sorted(holidays.items()) if today <= day < today + _A_YEAR}
