"""The office as it is now: the settings of the municipality, and the hours that the staff have written down."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from telal.conversation import models
from telal.conversation.days_off import calendar
from telal.conversation.office import Exceptional, Office, Timetable, read_hours


def office(now: datetime, *, with_hours: bool) -> Office:
    """``with_hours`` costs three queries; only few questions need it."""
    local = timezone.localtime(now)
    contacts = {name: settings.TELAL_MUNICIPALITY[name] for name in ("address", "phone", "email", "dpo")}
    hours = timetable(local) if with_hours else Timetable({})
    return Office(now=local.replace(tzinfo=None), timetable=hours, **contacts)


def timetable(local: datetime) -> Timetable:
    """This year's and the next one's."""
    weekly = {day.weekday: read_hours(day.hours) for day in models.WeekDay.objects.all()}
    exceptional = [
        Exceptional(one.first_day, one.last_day, read_hours(one.hours), one.reason)
        for one in models.Exceptional.objects.filter(last_day__gte=local.date()).order_by("first_day", "id")
    ]
    choices = dict(models.HolidayChoice.objects.values_list("day", "worked"))
    return Timetable(weekly, exceptional, calendar((local.year, local.year + 1), choices))
