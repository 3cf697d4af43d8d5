"""A barcode that readers read."""

import pytest

from telal.counter.code128 import QUIET, Unprintable, bars, symbols, width

START_B, START_C, TO_C, TO_B, STOP = 104, 105, 99, 100, 106


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "PJJ123C",
            [START_B, 48, 42, 42, 17, 18, 19, 35, 55, STOP],
        ),
        ("111929", [START_C, 11, 19, 29, 35, STOP]),
        ("06-23-1847/26", [START_B, 16, 22, 13, 18, 19, 13, TO_C, 18, 47, TO_B, 15, 18, 22, 79, STOP]),
        ("12345", [START_B, 17, TO_C, 23, 45, 53, STOP]),
    ],
)
def test_digits_go_in_pairs_and_the_check_symbol_follows(text: str, expected: list[int]):
    assert symbols(text) == expected


def test_every_symbol_is_eleven_modules_and_the_stop_thirteen():
    drawn = bars("06-23-1847/26")
    assert width(drawn) == 2 * QUIET + 11 * (len(symbols("06-23-1847/26")) - 1) + 13
    assert drawn[0] == (QUIET, 2)
    assert drawn[-1][1] == 2


@pytest.mark.parametrize("text", ["", "06-23-ž/26", "a\nb"])
def test_what_has_no_symbol_is_refused(text: str):
    with pytest.raises(Unprintable):
        bars(text)
