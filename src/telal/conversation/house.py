"""The office as it is now: the settings of the municipality, and the hours that the staff have written down."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from telal.cases.office import Office, Timetable
from telal.cases.rules import timetable


def office(now: datetime, *, with_hours: bool) -> Office:
    """``with_hours`` costs three queries; only few questions need it."""
    local = timezone.localtime(now)
    contacts = {name: settings.TELAL_MUNICIPALITY[name] for name in ("address", "phone", "email", "dpo")}
    hours = timetable(local.date()) if with_hours else Timetable({})
    return Office(now=local.replace(tzinfo=None), timetable=hours, **contacts)
