"""Lists page by page, each from behind the last row of the one before: deep in a million rows as quick as at the start, and nothing
is left out or shown twice because something came or went meanwhile.

That place is a key: what the row has in the columns by which the list is in order, as it stands in an address
(``2026-11-29_1847``). The last of the columns is unique.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

ON_A_PAGE = 25
# With a filter so many rows are looked through at a time: a rare kind costs no more than a frequent one.
LOOKED_THROUGH = 2_000

_Row = TypeVar("_Row", bound=Model)


def a_page(rows: QuerySet[_Row], after: str, only: Q | None = None) -> tuple[Sequence[_Row], str]:
    """The rows behind the key ``after`` (the first ones where it is none), and the key of the next page (empty on the last).

    With a filter, ``only``, a page may be short and yet not the last: see LOOKED_THROUGH.
    """
    rows, end = behind(rows, after), ""
    if only is not None:
        rows, end = _filtered(rows, only)
    some = list(rows[: ON_A_PAGE + 1])
    if len(some) <= ON_A_PAGE:
        return some, end
    shown = some[:ON_A_PAGE]
    return shown, key_of(getattr(shown[-1], name) for name in _names(rows))


def behind(rows: QuerySet[_Row], key: str) -> QuerySet[_Row]:
    """Those that come after this key in their order; all of them where it is not one of theirs."""
    values = _values(rows, key)
    return rows.filter(_beyond(_order(rows), values)) if values else rows


def key_of(values: Iterable[object]) -> str:
    return "_".join(map(str, values))


def _filtered(rows: QuerySet[_Row], only: Q) -> tuple[QuerySet[_Row], str]:
    """As many as are looked through at a time, and the key behind which there are more (empty where there are none)."""
    edge = rows.values_list(*_names(rows))[LOOKED_THROUGH - 1 : LOOKED_THROUGH + 1]
    match list(edge):
        case [last, too_far]:
            backwards = [(name, not descends) for name, descends in _order(rows)]
            return rows.filter(only, _beyond(backwards, too_far)), key_of(last)
    return rows.filter(only), ""


def _values(rows: QuerySet[Any], key: str) -> list[Any]:
    """What stands in the key, in the order of the columns; nothing in a broken one."""
    fields = [_field(rows, name) for name in _names(rows)]
    parts = key.split("_", len(fields) - 1)
    try:
        values = [field.clean(part, None) for field, part in zip(fields, parts, strict=True)]
    except (ValidationError, ValueError):
        return []
    without_zone = any(isinstance(value, datetime) and timezone.is_naive(value) for value in values)
    return [] if without_zone else values


def _field(rows: QuerySet[Any], name: str) -> Any:
    if computed := rows.query.annotations.get(name):
        return computed.output_field
    field: Any = rows.model._meta.get_field(name)
    return field.target_field if field.is_relation else field


def _order(rows: QuerySet[Any]) -> list[tuple[str, bool]]:
    """The columns by which they are in order, and whether each descends."""
    columns = map(str, rows.query.order_by)
    return [(column.removeprefix("-"), column.startswith("-")) for column in columns]


def _names(rows: QuerySet[Any]) -> list[str]:
    return [name for name, _descends in _order(rows)]


def _beyond(order: Sequence[tuple[str, bool]], values: Sequence[Any]) -> Q:
    """Only rows that come after these values in this order. By the first column alone an index leads there."""
    ((name, descends), *others), (value, *rest) = order, values
    than = "lt" if descends else "gt"
    beyond = Q(**{f"{name}__{than}": value})
    return Q(**{f"{name}__{than}e": value}) & (beyond | _beyond(others, rest)) if others else beyond
