"""The words that a name is found by."""

import pytest

from telal.cases.models import Applicant, NameWord
from telal.cases.words import name_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Đuro Hodžić-Perić", ["duro", "hodzic", "peric"]),
        ("DJURO hodzic", ["duro", "hodzic"]),
        ("Ђуро Хоџић", ["duro", "hodzic"]),
        ("Neimar d.o.o. 2000", ["neimar", "d", "o"]),
        ("Amra  Amra", ["amra"]),
        ("", []),
        ("...", []),
    ],
)
def test_a_name_is_found_by_its_words(name: str, words: list[str]):
    assert name_words(name) == words


def test_the_words_come_and_go_with_the_applicant(db: None):
    amra = Applicant.called("Amra Hodžić", "+38761123456")
    assert Applicant.called("Amra Hodžić", "+38761123456") == amra
    assert sorted(NameWord.objects.values_list("word", flat=True)) == ["amra", "hodzic"]
    amra.delete()
    assert not NameWord.objects.exists()
