"""The first administrator, made in the browser with a code from the console of the server, while nobody has a user yet."""

from django.contrib.auth.models import Group, User
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from telal.staff.models import Milestone

# Seconds. Long enough to install at leisure; a new start of the server prints a new code.
GOOD_FOR = 24 * 3600

_MADE = "first_administrator"
_SALT = "telal.staff.first"


class TooLate(Exception):
    """Somebody has a user already: ask them for one."""


def is_wanted() -> bool:
    """Has nobody a user, nor has one been made in this way?"""
    return not User.objects.exists() and not Milestone.objects.filter(pk=_MADE).exists()


def code() -> str:
    """What proves that somebody sees the console. It is good for a day, for one administrator, and only while nobody has a user."""
    return signing.dumps("first", salt=_SALT)


def is_good(text: str) -> bool:
    try:
        said: bool = signing.loads("".join(text.split()), salt=_SALT, max_age=GOOD_FOR) == "first"
    except signing.BadSignature:
        return False
    return said


@transaction.atomic
def make_administrator(name: str, password: str) -> User:
    """The first user. Of several who try at the same moment, one succeeds; raises TooLate for the others."""
    try:
        with transaction.atomic():
            Milestone.objects.create(code=_MADE, settled_by=name, settled_at=timezone.now())
    except IntegrityError as error:
        raise TooLate from error
    if User.objects.exists():
        raise TooLate
    user = User.objects.create_user(name, password=password)
    user.groups.add(Group.objects.get_or_create(name="administrator")[0])
    return user
