"""Users: made and changed by an administrator, and by ``telal user``. At least one of them always administers."""

import secrets
from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.db import transaction

from telal.cases.models import Department, Officer
from telal.staff.models import Member

ADMINISTRATOR = "administrator"


class LastAdministrator(Exception):
    """After this change nobody could manage users any more."""


def make_password() -> str:
    """To be said once and changed at the first sign-in; without letters that look like others."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def create(
    name: str, role: str, officer: Officer | None, departments: Iterable[Department]
) -> tuple[User, str]:
    """A new user and their first password. Raises IntegrityError when the name is taken."""
    with transaction.atomic():
        user = User.objects.create(username=name)
        change(user, role, officer, departments)
        return user, reset_password(user)


def change(user: User, role: str, officer: Officer | None, departments: Iterable[Department]) -> None:
    """Raises LastAdministrator, and IntegrityError when somebody else is this officer."""
    with transaction.atomic():
        _hold_administrators()
        user.groups.set([Group.objects.get_or_create(name=role)[0]])
        member, _ = Member.objects.update_or_create(user=user, defaults={"officer": officer})
        member.departments.set(departments)
        _make_sure_somebody_administers()


def reset_password(user: User) -> str:
    """A new password, to be changed at the next sign-in. Whoever is signed in with the old one is signed out."""
    password = make_password()
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        Member.objects.update_or_create(user=user, defaults={"must_change_password": True})
    return password


def remove_second_factor(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()


def let_in(user: User, *, active: bool) -> None:
    """Deactivated, somebody is signed out at once; what they did stays theirs. Raises LastAdministrator."""
    with transaction.atomic():
        _hold_administrators()
        User.objects.filter(pk=user.pk).update(is_active=active)
        _make_sure_somebody_administers()


def _hold_administrators() -> None:
    """Two administrators who take the role from each other do it one after the other."""
    list(Group.objects.select_for_update().filter(name=ADMINISTRATOR))


def _make_sure_somebody_administers() -> None:
    if not User.objects.filter(is_active=True, groups__name=ADMINISTRATOR).exists():
        raise LastAdministrator
