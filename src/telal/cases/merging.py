"""Putting names right: renaming one, and making one of two. Whatever referred to it goes on, and the old name leads to the new."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import ManyToManyRel, QuerySet

from telal import sql
from telal.cases.models import Case, Opinion
from telal.cases.names import Named, Names

_Done = TypeVar("_Done")

# We give way to whoever is changing cases, before the database has to end one of us (its own patience is a second).
_PATIENCE_MS = 500
_TRIES = 3


class Gone(Exception):
    """One of the two is no more: somebody else was faster."""


class Taken(Exception):
    """Another one has this name, or is known under it."""


class Busy(Exception):
    """Cases of the one that ends are being changed without a pause: try again later."""


class Clash(Exception):
    """Both have something of which one can have but one, such as a user."""


def rename(one: Named, name: str) -> None:
    """From now on it is called ``name``, and known under the old name as well. Raises Taken."""
    kind, old = type(one), one.name
    if name == old:
        return
    if owner_of(kind, name) not in (None, one):
        raise Taken
    try:
        with transaction.atomic():
            _spellings(one).filter(name=name).delete()
            kind._default_manager.filter(pk=one.pk).update(name=name)
            _spellings(one).create(name=old)
    except IntegrityError as error:
        raise Taken from error
    one.name = name


def owner_of(kind: type[Named], name: str) -> Named | None:
    """Who has this name, or is known under it."""
    rows: Names = kind._default_manager.all()
    found: Named | None = rows.filter(name=name).first() or rows.filter(spellings__name=name).first()
    return found


def awaited_of_both(old: Named, into: Named) -> QuerySet[Case]:
    """The cases in which both have been asked for an opinion and neither has given it: one body is not asked twice at a time."""
    awaited = Opinion.objects.filter(answered_on=None).values("case")
    both = Case.objects.filter(pk__in=awaited.filter(institution=old.pk))
    return both.filter(pk__in=awaited.filter(institution=into.pk)).order_by("pk")


def merge(old: Named, into: Named) -> int:
    """All that referred to ``old`` refers to ``into``, and its names lead there. Returns how many cases there were.

    Whoever mentions ``old`` at this moment either is waited for and their case goes over, too, or waits and finds ``into``.
    Raises Gone, Busy and Clash; then nothing has happened.
    """
    try:
        return _again_when_held_up(lambda: _merge(old, into))
    except IntegrityError as error:
        raise Clash from error


def _again_when_held_up(do: Callable[[], _Done]) -> _Done:
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return do()
        except OperationalError as error:
            held_up = error
    raise Busy from held_up


def _merge(old: Named, into: Named) -> int:
    kind = type(old)
    if sql.on_postgres():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
    # Against whoever has just looked it up: they hold it until their case is written.
    going = kind._default_manager.select_for_update().filter(pk=old.pk).first()
    staying = kind.held(into.name)
    if going is None or staying is None or going == staying:
        raise Gone
    moved = {relation.get_accessor_name(): _move(relation, going, staying) for relation in _relations(kind)}
    _spellings(staying).create(name=going.name)
    going.delete()
    return moved["cases"]


def _relations(kind: type[Named]) -> list[Any]:
    """All that refers to it, by whichever model: what is added later goes over as well."""
    return list(kind._meta.related_objects)


def _move(relation: Any, going: Named, staying: Named) -> int:
    if isinstance(relation, ManyToManyRel):
        return _move_members(relation, going, staying)
    rows = relation.related_model._base_manager.filter(**{relation.field.name: going})
    moved: int = rows.update(**{relation.field.name: staying})
    return moved


def _move_members(relation: ManyToManyRel, going: Named, staying: Named) -> int:
    """Who belongs to both already belongs to the one that stays."""
    here, there = relation.field.m2m_reverse_field_name(), relation.field.m2m_field_name()
    assert relation.through
    rows = relation.through._base_manager
    already = rows.filter(**{here: staying}).values(there)
    rows.filter(**{here: going, f"{there}__in": already}).delete()
    return rows.filter(**{here: going}).update(**{here: staying})


def _spellings(one: Named) -> Any:
    return one.spellings  # type: ignore[attr-defined]
