"""Who works here: which officer somebody who signs in is, in which departments; and what they have settled for all."""

from django.contrib.auth.models import User
from django.db import models

from telal.cases.models import Department, Officer


class Member(models.Model):
    """One of the staff. ``officer`` is their name on cases, where they handle any; their role is the group they are in."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="member")
    officer = models.OneToOneField(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="member"
    )
    departments = models.ManyToManyField(Department, blank=True, related_name="members")

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
