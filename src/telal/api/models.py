"""Who may use the API."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class ApiKey(models.Model):
    """A key of another system. Only its SHA-256 is kept; a revoked one stays, to say whose it was."""

    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], name="apikey_name_once", condition=Q(revoked_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name
