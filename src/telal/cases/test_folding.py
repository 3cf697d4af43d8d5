"""Two scripts, with and without diacritics, are one spelling; and folding twice is folding once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.cases.folding import fold, origins


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Ђак", "djak"),
        ("ĐAK", "djak"),
        ("Rješenje", "rjesenje"),
        ("РЈЕШЕЊЕ", "rjesenje"),
        ("Šljivić", "sljivic"),
        ("џеп", "dzep"),
        ("pре\u200bдмет", "predmet"),
        ("Ѓорѓи", "gorgi"),
        ("ﬁ", "fi"),
    ],
)
def test_scripts_and_diacritics_fold_together(typed, folded):
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_every_folded_place_comes_from_somewhere(text):
    assert len(origins(text)) == len(fold(text))
