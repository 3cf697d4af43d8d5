"""Days of the year, as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.conversation.dates import dates_in, next_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("radite li 25. novembra", [(11, 25, None)]),
        ("radite li 25 novembra 2026", [(11, 25, 2026)]),
        ("jel radi 25.11.?", [(11, 25, None)]),
        ("1. 3. 2027.", [(3, 1, 2027)]),
        ("prvog maja i drugi maj", [(5, 1, None), (5, 2, None)]),
        ("Радите ли 1. јануара", [(1, 1, None)]),
        ("open on 25th November", [(11, 25, None)]),
        ("9. siječnja ili 9. januara", [(1, 9, None)]),
        ("31. aprila", []),
        ("29. februara", [(2, 29, None)]),
        ("predmet 06-23-1847/24", []),
        ("telefon 033 282 300", []),
        ("od 8 do 16 sati", []),
        ("8:00-12.30", []),
        ("verzija 1.2.3.4", []),
        ("25 majica", []),
    ],
)
def test_dates_in_questions(text: str, found: list[tuple[int, int, int | None]]) -> None:
    assert list(dates_in(text)) == found


def test_the_next_of_its_kind() -> None:
    today = date(2026, 11, 25)
    assert next_of(today, (11, 25, None)) == today
    assert next_of(today, (11, 24, None)) == date(2027, 11, 24)
    assert next_of(today, (2, 29, None)) == date(2027, 2, 28)
    assert next_of(today, (11, 24, 2026)) == date(2026, 11, 24)


@given(st.text(alphabet=" .0123456789-/aejmnrtuv", max_size=40), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_nothing_that_is_written_is_trouble(text: str, today: date) -> None:
    for named in dates_in(text):
        assert next_of(today, named)
