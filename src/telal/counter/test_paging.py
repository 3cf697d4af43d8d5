"""A list goes page by page: nothing is left out, nothing is shown twice, and a key that is none shows the beginning."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from telal.cases.models import Case, Unmatched
from telal.counter import paging
from telal.counter.paging import a_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def some(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Unmatched]]:
    monkeypatch.setattr(paging, "ON_A_PAGE", 2)

    def make(*senders: str) -> list[Unmatched]:
        now = timezone.now()
        # Two of each moment.
        return Unmatched.objects.bulk_create(
            Unmatched(
                source="api", sender=sender, mark=str(n), first_at=now + timedelta(days=n // 2), last_at=now
            )
            for n, sender in enumerate(senders)
        )

    return make


@pytest.mark.parametrize(
    "order", [("id",), ("-id",), ("first_at", "id"), ("-first_at", "-id"), ("sender", "-first_at", "id")]
)
def test_in_every_order_each_row_is_shown_once(some: Callable[..., list[Unmatched]], order: tuple[str, ...]):
    some("b", "a", "a", "b", "b", "c", "a")
    rows = Unmatched.objects.order_by(*order)
    shown, key, more = [], "", True
    while more:
        page, key = a_page(rows, key)
        assert len(page) <= 2
        shown += page
        more = bool(key)
    assert shown == list(rows)


@pytest.mark.parametrize("order", [("id",), ("-first_at", "-id")])
def test_a_rare_kind_is_looked_for_so_many_rows_at_a_time(
    some: Callable[..., list[Unmatched]], order: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paging, "LOOKED_THROUGH", 3)
    some("a", "b", "b", "b", "b", "a", "a", "a", "b", "b")
    rows = Unmatched.objects.order_by(*order)
    lengths, shown, key, more = [], [], "", True
    while more:
        page, key = a_page(rows, key, Q(sender="a"))
        shown += page
        lengths.append(len(page))
        more = bool(key)
    assert shown == [one for one in rows if one.sender == "a"]
    assert len(lengths) in (4, 5)


@pytest.mark.parametrize(
    "key",
    ["x", "x_1", "2026-01-01_1", "2026-01-01T00:00:00Z_x", "2026-99-99T00:00:00Z_1", "1_²", "9" * 40, "\0"],
)
def test_a_key_of_something_else_shows_the_beginning(case: Case, key: str):
    assert a_page(Case.objects.order_by("-changed_at", "-id"), key) == ([case], "")
    assert a_page(Case.objects.order_by("id"), key) == ([case], "")


def test_a_row_that_comes_meanwhile_moves_no_other(some: Callable[..., list[Unmatched]]):
    first, second, third = some("a", "b", "c")
    rows = Unmatched.objects.order_by("-id")
    shown, key = a_page(rows, "")
    assert shown == [third, second]
    now = timezone.now()
    Unmatched.objects.create(source="api", sender="d", mark="new", first_at=now, last_at=now)
    assert a_page(rows, key) == ([first], "")
