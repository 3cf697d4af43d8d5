"""What the municipality sets for its deadlines: services, rules, and on which days it works.

Every change of a case needs them, so they are read once in some seconds (``in_force``) and not for each.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from threading import local
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import connection, models
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _

from telal.cases import office
from telal.cases.days_off import calendar
from telal.cases.deadlines import DAYS, Rules, Terms, WorkingDays
from telal.cases.folding import fold

# So long another process may go by what was set before.
KEPT_SECONDS = 5.0
MOST_DAYS = 3650


class Kind(models.TextChoices):
    ADMINISTRATIVE = "administrative", _("Upravni postupak")
    NON_ADMINISTRATIVE = "non_administrative", _("Vanupravni predmet")
    CERTIFICATE = "certificate", _("Uvjerenje ili izvod")


class Procedure(models.TextChoices):
    """What sets the time for deciding, where a service does not set its own."""

    SHORTENED = "shortened", _("Skraćeni postupak")
    ORDINARY = "ordinary", _("Redovni postupak")
    SPECIAL = "special", _("Poseban ispitni postupak")
    FROM_RECORDS = "from_records", _("Uvjerenje iz službene evidencije")
    OF_FACTS = "of_facts", _("Uvjerenje o činjenicama izvan evidencije")
    INFORMATION = "information", _("Pristup informacijama")
    OTHER = "other", _("Ostalo, vanupravno")


def _days(**options: Any) -> Any:
    return models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_DAYS)], **options
    )


class Service(models.Model):
    """Usluga: what a citizen may ask for. ``days`` are for a complete request, and count before the procedure's.

    ``completeness_days`` is how long the check may take whether all is there. One that is not ``active`` is not offered.
    """

    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.ADMINISTRATIVE)
    procedure = models.CharField(max_length=20, choices=Procedure.choices, default=Procedure.ORDINARY)
    days = _days()
    completeness_days = _days()
    sensitive = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], name="service_code_once", condition=~Q(code=""))
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(cls, said: str, kind: str) -> "Service | None":
        """The service of this code or name, made on first mention; None for an empty text."""
        said = " ".join(said.split())
        if not said:
            return None
        if known := in_force().service_called(said):
            return known
        return cls.objects.get_or_create(
            name=said, defaults={"kind": kind, "procedure": USUAL_PROCEDURE[kind]}
        )[0]


USUAL_PROCEDURE = {
    Kind.ADMINISTRATIVE.value: Procedure.ORDINARY,
    Kind.NON_ADMINISTRATIVE.value: Procedure.OTHER,
    Kind.CERTIFICATE.value: Procedure.FROM_RECORDS,
}


class DeadlineRules(models.Model):
    """The one row of rules. Days are empty where nothing sets a time (see ``deadlines.Rules``)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    shortened = _days(default=DAYS["shortened"])
    ordinary = _days(default=DAYS["ordinary"])
    special = _days(default=DAYS["special"])
    from_records = _days(default=DAYS["from_records"])
    of_facts = _days(default=DAYS["of_facts"])
    information = _days(default=DAYS["information"])
    other = _days(default=DAYS["other"])
    remanded = _days(default=DAYS["remanded"])
    opinion = _days(default=DAYS["opinion"])
    appeal = _days(default=DAYS["appeal"])
    opinion_extends = models.BooleanField(default=True)
    complete_when_received = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="deadline_rules_once")]

    def __str__(self) -> str:
        return "rules"

    @classmethod
    def present(cls) -> "DeadlineRules":
        """As they are set; as the law has it while nobody has set any."""
        return cls.objects.first() or cls()

    def rules(self) -> Rules:
        return Rules(
            {name: getattr(self, name) for name in DAYS}, self.opinion_extends, self.complete_when_received
        )


# ── When the office works ────────────────────────────────────────────────────────────────────────────────────────────


class WeekDay(models.Model):
    """The usual hours of one day of the week, 0 being Monday: ``8:00–12:00, 12:30–16:00``; empty when nobody works."""

    weekday = models.PositiveSmallIntegerField(primary_key=True)
    hours = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.weekday} {self.hours}"


class Exceptional(models.Model):
    """Other hours from ``first_day`` to ``last_day``, or none; ``reason`` is told to the citizen."""

    first_day = models.DateField()
    last_day = models.DateField()
    hours = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="exceptional_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} {self.last_day}"


class HolidayChoice(models.Model):
    """The staff have said whether a holiday of the calendar is worked. Any other one is as the law has it."""

    day = models.DateField(primary_key=True)
    worked = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.day} {self.worked}"


def timetable(today: date) -> office.Timetable:
    """This year's and the next one's, as citizens are told."""
    kept = _working_days()
    coming = [one for one in kept.week.exceptional if one.last >= today]
    holidays = calendar((today.year, today.year + 1), kept.choices)
    return office.Timetable(kept.week.weekly, coming, holidays)


def _working_days() -> WorkingDays:
    weekly = {day.weekday: office.read_hours(day.hours) for day in WeekDay.objects.all()}
    exceptional = [
        office.Exceptional(one.first_day, one.last_day, office.read_hours(one.hours), one.reason)
        for one in Exceptional.objects.order_by("first_day", "id")
    ]
    choices = dict(HolidayChoice.objects.values_list("day", "worked"))
    return WorkingDays(office.Timetable(weekly, exceptional), choices)


# ── What is in force ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class InForce:
    """All of it, as values. ``services_named`` has them by folded code and by folded name."""

    rules: Rules
    working_days: WorkingDays
    services: Mapping[int, Service]
    services_named: Mapping[str, Service]

    def service_called(self, said: str) -> Service | None:
        """The one of this code or name, in any spelling."""
        return self.services_named.get(fold(" ".join(said.split())))

    def terms(self, service_id: int | None) -> Terms | None:
        if service_id is None:
            return None
        service = self.service(service_id)
        return Terms(service.procedure, service.days)

    def service(self, service_id: int) -> Service:
        """Another process may have made it a moment ago."""
        return self.services.get(service_id) or Service.objects.get(pk=service_id)


class _Here(local):
    """Until when what this thread has set, in a transaction, may yet come to nothing: others must not go by it."""

    unsettled_until = 0.0


_kept: tuple[float, InForce] | None = None
_here = _Here()


def in_force() -> InForce:
    """As set now in this process, and as set ``KEPT_SECONDS`` ago at the latest in another one."""
    global _kept
    now, kept = time.monotonic(), _kept
    if connection.in_atomic_block and now < _here.unsettled_until:
        return _read()
    if kept is None or now > kept[0]:
        _kept = kept = now + KEPT_SECONDS, _read()
    return kept[1]


def forget(**_: object) -> None:
    """Something else has been set."""
    global _kept
    _kept = None
    _here.unsettled_until = time.monotonic() + KEPT_SECONDS


def _read() -> InForce:
    services = list(Service.objects.all())
    return InForce(
        DeadlineRules.present().rules(),
        _working_days(),
        {service.pk: service for service in services},
        dict(_named(services)),
    )


def _named(services: Iterable[Service]) -> Iterable[tuple[str, Service]]:
    """A code is stronger than a name."""
    yield from ((fold(service.name), service) for service in services)
    yield from ((fold(service.code), service) for service in services if service.code)


for _model in (Service, DeadlineRules, WeekDay, Exceptional, HolidayChoice):
    post_save.connect(forget, sender=_model)
    post_delete.connect(forget, sender=_model)
