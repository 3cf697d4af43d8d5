"""Which keys this database is sealed with."""

from django.db import models


class KnownKey(models.Model):
    """A key that something may be sealed with. ``look_up_key`` is the one secret of the keyed hashes, sealed with this very key.

    So a missing or wrong key is noticed at the start, and changing keys does not change what is looked up.
    """

    id = models.CharField(primary_key=True, max_length=8)
    look_up_key = models.TextField()

    def __str__(self) -> str:
        return self.id
