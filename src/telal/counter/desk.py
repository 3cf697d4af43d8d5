"""Who somebody is at work: which cases are theirs, and whose else they may have in their list."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.utils import timezone

from telal.cases import standing
from telal.cases.models import Case, Officer
from telal.staff.models import Member
from telal.staff.permissions import OWN, Colleague


@dataclass(frozen=True, slots=True)
class Desk:
    """Who somebody is at work, and so whose cases they may have in their list."""

    officer: Officer | None
    departments: frozenset[int]

    @property
    def choices(self) -> list[str]:
        """The first is what they see unasked. Looking is not divided among departments."""
        known = {"own": self.officer, "departments": self.departments, "all": True}
        return [whose for whose, has in known.items() if has]


def desk_of(user: User | AnonymousUser) -> Desk:
    member = Member.objects.filter(user=user.pk).select_related("officer").first()
    departments = member.departments.values_list("pk", flat=True) if member else ()
    return Desk(member.officer if member else None, frozenset(departments))


def late_of(who: Colleague) -> QuerySet[Case] | None:
    """Their own cases that are late; None for who has none of their own.

    They are those that somebody handles, or else those of the departments beyond which they change none.
    """
    if who.officer:
        own = Case.objects.filter(officer=who.officer)
    elif who.reach("cases.move") == OWN:
        own = Case.objects.filter(department__in=sorted(who.departments))
    else:
        return None
    late: QuerySet[Case] = open_cases(own).filter(due__lt=timezone.localdate(), standing__in=standing.RUNNING)
    return late


def open_cases(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Those of them that somebody still has to do something about, by ``standing`` and ``due``."""
    found: QuerySet[Any] = cases.alias(standing=standing.standing(), due=standing.due())
    return found.filter(standing.is_open())
