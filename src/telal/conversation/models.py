"""What a computer cannot answer by itself: questions that wait for the staff."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from telal.messaging.models import Contact
from telal.sealing.fields import SealedTextField

# Where the listener, which writes in sets and without the ORM, finds what is sealed.
QUESTION_TEXT = "conversation_question.text"


class Kind(models.TextChoices):
    """What somebody in the chat wants from a human."""

    QUESTION = "question", "pitanje"
    ERASURE = "erasure", "zahtjev za brisanje podataka"


class Question(models.Model):
    """Somebody in the chat waits for a human. ``due_on`` is the last day that the law allows, where it does.

    ``text`` is what they wrote, without personal numbers. Who has asked to be erased has asked once, however often they say it.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="questions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = SealedTextField(blank=True)
    asked_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contact"],
                name="erasure_asked_once",
                condition=Q(kind="erasure", answered_at__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="question_open", condition=Q(answered_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Wording(models.Model):
    """One version of a text or a label in the municipality's own words; empty: Telal's again. Written once; the newest counts.

    ``after`` is the id of the version that it stands in for (0: Telal's): of two people who change the same at once, one is told.
    """

    app = models.CharField(max_length=20)
    part = models.CharField(max_length=5)
    language = models.CharField(max_length=2)
    name = models.CharField(max_length=60)
    template = models.TextField(blank=True)
    after = models.PositiveBigIntegerField()
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=150)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["app", "part", "language", "name", "after"], name="wording_in_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.app} {self.part} {self.language} {self.name} {self.pk}"
