"""Who works here: which officer somebody who signs in is, and in which departments."""

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
