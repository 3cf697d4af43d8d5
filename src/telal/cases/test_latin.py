"""Who reads Serbian in Latin letters gets the same words."""

import pytest

from telal.cases.latin import to_latin


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Захтјев је одбачен.", "Zahtjev je odbačen."),
        ("Његов џеп, ЉУБАВ, Љ", "Njegov džep, LJUBAV, Lj"),
        ("Ђорђе Ћирић жури у Шћит", "Đorđe Ćirić žuri u Šćit"),
        ("Predmet УП-1 06-23-1/26 {number} – STOP", "Predmet UP-1 06-23-1/26 {number} – STOP"),
        ("", ""),
    ],
)
def test_each_letter_has_its_counterpart(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic) == latin
