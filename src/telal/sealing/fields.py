"""Fields of a model that are kept sealed, and the keyed hash that one of them is looked up by."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, IsNull, Lookup

from telal.sealing.known_keys import keyed_hash
from telal.sealing.seals import seal, unseal


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """Open in Python, sealed in the database. It can be asked for emptiness only.

    Bound to its table and column: to rename either means to seal the values anew.
    """

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text, self.place) if text else text

    def from_db_value(self, value: str | None, _expression: object, _connection: BaseDatabaseWrapper) -> Any:
        return unseal(value, self.place) if value else value

    def get_lookup(self, lookup_name: str) -> type[Lookup[Any]] | None:
        return _ANSWERABLE.get(lookup_name)


def as_kept(name: str) -> Cast:
    """A sealed field in a query, still sealed: to be opened one by one, so that a damaged value spoils no other."""
    return Cast(name, models.TextField())


class _IsEmpty(Exact):
    """Equal texts are sealed differently each time: only the empty one can be compared."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise TypeError(f"{self.lhs.output_field} is sealed: look it up by its keyed hash")
        return self.rhs


_ANSWERABLE: dict[str, type[Lookup[Any]]] = {"exact": _IsEmpty, "isnull": IsNull}


class KeyedHashField(models.CharField):  # type: ignore[type-arg]
    """The keyed hash of the field ``of`` beside it; written whenever a row is saved."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**{"max_length": 32, "blank": True, "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002
        value = keyed_hash(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value
