"""From a signed-in user to what the table of permissions needs to know of them."""

from django.contrib.auth.models import User
from django.db.models import Q

from telal.cases.models import Case
from telal.staff.permissions import ALL, NO, Colleague


def colleague(user_id: int) -> Colleague:
    """In one query. Somebody unknown, inactive or without a role may do nothing."""
    rows = User.objects.filter(pk=user_id, is_active=True).values_list(
        "groups__name", "member__officer", "member__departments", "member__must_change_password"
    )
    roles, officers, departments, must_change = map(set, zip(*rows, strict=True)) if rows else ((),) * 4
    return Colleague(
        roles=frozenset(filter(None, roles)),
        departments=frozenset(filter(None, departments)),
        officer=next(filter(None, officers), None),
        must_change_password=True in must_change,
    )


def cases_for(who: Colleague, permission: str) -> Q:
    """The condition under which they have this permission with a case: for lists, and for changes of many."""
    reach = who.reach(permission)
    if reach == ALL:
        return Q()
    if reach == NO:
        return Q(pk__in=())
    own = Q(department__in=who.departments) | Q(department=None, officer=None)
    return own | Q(officer=who.officer) if who.officer else own


def may_with(who: Colleague, permission: str, case: Case) -> bool:
    return who.may_with(permission, department=case.department_id, officer=case.officer_id)
