"""Who works here, what they have settled for all, and the audit log: who has looked at what, and changed what."""

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _

from telal.cases.models import Department, Officer


class Member(models.Model):
    """One of the staff. ``officer`` is their name on cases, where they handle any; their role is the group they are in.

    ``must_change_password``: the one they have was given to them by somebody else.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="member")
    officer = models.OneToOneField(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="member"
    )
    departments = models.ManyToManyField(Department, blank=True, related_name="members")
    must_change_password = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.user.get_username()


class Milestone(models.Model):
    """Something that is settled once for the whole installation, and who has settled it.

    ``about`` is the digest of what they looked at, where it may change: then it is to be looked at again.
    """

    code = models.CharField(max_length=20, primary_key=True)
    about = models.CharField(max_length=64, blank=True)
    settled_by = models.CharField(max_length=150)
    settled_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class Cached(models.Model):
    """Where Django's database cache keeps how often somebody has guessed: all processes count together."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "staff_cache"

    def __str__(self) -> str:
        return self.cache_key


class Door(models.TextChoices):
    COUNTER = "counter", _("šalter")
    API = "api", "API"
    COMMAND = "command", _("naredba")


class Entry(models.Model):
    """A line of the audit log: written once. Of people it says nothing but our own numbers.

    ``no`` counts without gaps. ``who`` signed in, holds the key or gave the command; ``action`` is the screen, call or command;
    ``result`` the HTTP status, or what a command returned. ``about`` are the addresses of what was shown or changed, in their
    order: ``cases/12 questions/3``, and ``refs/A-1`` for a case by the id that the DMS has for it. ``digest`` chains the line to
    the one before.
    """

    no = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    door = models.CharField(max_length=10, choices=Door.choices)
    who = models.CharField(max_length=150)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=100)
    result = models.SmallIntegerField()
    about = models.TextField(blank=True)
    digest = models.CharField(max_length=32)

    class Meta:
        # With all that finding takes: without a look at the table, whoever left long ago is found as soon as who is here.
        indexes: ClassVar = [
            models.Index(fields=["who", "at", "no"], name="entry_by_who"),
            models.Index(fields=["action", "at", "no"], name="entry_by_action"),
        ]

    def __str__(self) -> str:
        return str(self.no)


class Mention(models.Model):
    """What an entry is about, to find it by. The entry itself says it, too."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    about = models.CharField(max_length=210)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["about", "-entry"], name="mention_by_thing")]

    def __str__(self) -> str:
        return self.about


class Tail(models.Model):
    """The end of the chain: one row. Whoever writes the next entry holds it."""

    no = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return str(self.no)


class Cut(models.Model):
    """The log up to here was kept long enough and has been dropped: where the chain begins now."""

    through = models.BigIntegerField(primary_key=True)
    digest = models.CharField(max_length=32)
    cut_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.through)
