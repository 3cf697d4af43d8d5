"""How far the end of life has got, and the proofs of erasures."""

from django.db import models


class Progress(models.Model):
    """How far a sweep has got. ``through`` is the id of the last row it has looked at; ``dropped`` counts rows since ever."""

    sweep = models.CharField(max_length=20, primary_key=True)
    through = models.BigIntegerField(default=0)
    dropped = models.BigIntegerField(default=0)
    dropped_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.sweep
