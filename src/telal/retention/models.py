"""How long data is to be kept, how far the end of life has got, and the proofs of erasures."""

import hashlib
import json
import uuid
from datetime import UTC

from django.db import models


class Choice(models.Model):
    """For how many days an administrator has chosen to keep a class of data (see ``keeping``)."""

    code = models.CharField(max_length=20, primary_key=True)
    days = models.PositiveIntegerField()
    chosen_by = models.CharField(max_length=150)
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.code} {self.days}"


class Progress(models.Model):
    """How far a sweep has got. ``through`` is the id of the last row it has looked at; ``dropped`` counts rows since ever."""

    sweep = models.CharField(max_length=20, primary_key=True)
    through = models.BigIntegerField(default=0)
    dropped = models.BigIntegerField(default=0)
    dropped_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.sweep


class Asker(models.TextChoices):
    """Who may ask for an erasure."""

    PERSON = "person", "osoba na koju se podaci odnose"
    REPRESENTATIVE = "representative", "zastupnik te osobe"
    OFFICER = "officer", "službenik za zaštitu podataka"
    AUTHORITY = "authority", "Agencija za zaštitu ličnih podataka ili sud"


class Erasure(models.Model):
    """The proof that a person's data was erased. It says nothing of the person, and is kept for ever.

    ``request`` is the number under which the request is filed, ``found_by`` how the person was found; ``erased`` and ``kept`` are
    rows by class. ``digest`` is the SHA-256 of the statement.
    """

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_by = models.CharField(max_length=20, choices=Asker.choices)
    request = models.CharField(max_length=100, blank=True)
    found_by = models.CharField(max_length=10)
    done_by = models.CharField(max_length=150)
    done_at = models.DateTimeField()
    erased = models.JSONField()
    kept = models.JSONField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.reference)

    def statement(self) -> str:
        """All of it in one canonical form: JSON, names in order, no blanks, times in UTC."""
        said = {
            "reference": str(self.reference),
            "asked_by": self.asked_by,
            "request": self.request,
            "found_by": self.found_by,
            "done_by": self.done_by,
            "done_at": self.done_at.astimezone(UTC).isoformat(),
            "erased": self.erased,
            "kept": self.kept,
        }
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def seal(self) -> None:
        self.digest = self._digest()

    def is_unchanged(self) -> bool:
        return self.digest == self._digest()

    def _digest(self) -> str:
        return hashlib.sha256(self.statement().encode()).hexdigest()
