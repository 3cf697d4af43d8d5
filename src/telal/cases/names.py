"""Who and what a case is assigned to, waits for and is handled by: known by a name, and made when it is first mentioned.

Names come from the municipality's own system as often as from a clerk, and in several spellings. So each is marked until somebody
has looked at it (``checked``), and one that was renamed or merged is still known under its old name (``Spelling``).
"""

from typing import Any, ClassVar, Self

from django.db import models

from telal import sql


def tidied(name: str) -> str:
    return " ".join(name.split())


class Names(models.QuerySet[Any]):
    def offered(self) -> Self:
        """Those to suggest where a name is typed."""
        return self.filter(active=True)


class Named(models.Model):
    """``active``: it is suggested; where it is used, it stays either way. ``checked``: somebody of the staff has looked at it."""

    name = models.CharField(max_length=200, unique=True)
    active = models.BooleanField(default=True)
    checked = models.BooleanField(default=False)

    objects = Names.as_manager()

    class Meta:
        abstract = True
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(cls, name: str, *, known: Self | None = None) -> Self | None:
        """The one of this name, made on first mention; None for an empty name. ``known`` saves the look-up where it is it."""
        name = tidied(name)
        if known and known.name == name:
            return known
        return cls._mentioned(name) if name else None

    @classmethod
    def _mentioned(cls, name: str, **first: str) -> Self:
        """The one of this name; ``first`` is what else is known of one that has to be made."""
        rows: Names = cls._default_manager.all()
        return cls.held(name) or cls._spelt(name) or rows.get_or_create(name=name, defaults=first)[0]

    @classmethod
    def held(cls, name: str) -> Self | None:
        """The one of just this name, which nobody can rename or merge before our transaction is over."""
        rows: Any = cls._default_manager.raw(
            f"SELECT * FROM {cls._meta.db_table} WHERE name = %s {sql.held()}",  # noqa: S608  (ours)
            [name],
        )
        return next(iter(rows), None)

    @classmethod
    def _spelt(cls, name: str) -> Self | None:
        """The one that is known under this name as well."""
        rows: Names = cls._default_manager.all()
        right = rows.filter(spellings__name=name).values_list("name", flat=True).first()
        return cls._mentioned(right) if right else None

    def is_known_as(self, name: str) -> bool:
        spellings: models.Manager[Spelling] = self.spellings  # type: ignore[attr-defined]
        return name == self.name or spellings.filter(name=name).exists()


class Department(Named):
    """Služba: who a case is assigned to."""


class Institution(Named):
    """Another body whose opinion or consent a case may await: how long it usually has, and whom to call there."""

    opinion_days = models.PositiveSmallIntegerField(null=True, blank=True)
    contact = models.CharField(max_length=200, blank=True)


class Officer(Named):
    """Službenik: who works on a case. ``phone`` and ``room`` are shown to citizens as written."""

    phone = models.CharField(max_length=60, blank=True)
    room = models.CharField(max_length=60, blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="officers"
    )

    @classmethod
    def called(
        cls, name: str, phone: str = "", room: str = "", *, known: "Officer | None" = None
    ) -> "Officer | None":
        """The officer of this name, made on first mention; a phone or room given now replaces the known one.

        ``known`` saves the look-up where it is they.
        """
        name = tidied(name)
        if not name:
            return None
        officer = known
        if officer is None or officer.name != name:
            officer = cls._mentioned(name, phone=phone, room=room)
        changed = {
            field: value
            for field, value in (("phone", phone), ("room", room))
            if value and getattr(officer, field) != value
        }
        if changed:
            for field, value in changed.items():
                setattr(officer, field, value)
            officer.save(update_fields=list(changed))
        return officer


class Spelling(models.Model):
    """A name under which one is known as well: it was called so once, or somebody writes it so."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class DepartmentSpelling(Spelling):
    of = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="spellings")


class InstitutionSpelling(Spelling):
    of = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="spellings")


class OfficerSpelling(Spelling):
    of = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="spellings")


# What a change of a case needs to know of them; all else is read when somebody asks.
DEPARTMENT = sql.Some(Department, ("name",))
INSTITUTION = sql.Some(Institution, ("name",))
OFFICER = sql.Some(Officer, ("name", "phone", "room"))
