"""What an officer is warned of before it leaves."""

import pytest

from telal.counter.cautions import Caution, cautions


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Saglasnost za Amru Hodžić, Hodžić Amra", "name"),
        ("saglasnost za AMRA HODZIC", "name"),
        ("Амра Хоџић, доградња", "name"),
        ("Zahtjev 0101990170001", "personal_number"),
        ("Broj 9999999999999", "personal_number"),
        ("Lična karta br. 1A2B3C4D5", "id_number"),
        ("Nazvati 061 123 456", "phone"),
        ("Dogradnja u ul. Safvet-bega Bašagića 12/a", "address"),
        ("Ulica Logavina br. 7", "address"),
        ("stanuje kod majke", "address"),
    ],
)
def test_what_had_better_not_lie_on_a_screen_is_seen(text, kind):
    assert Caution("subject", kind) in cautions({"subject": text}, "Amra Hodžić")


@pytest.mark.parametrize(
    "text",
    [
        "Urbanistička saglasnost za nadstrešnicu",
        "KJKP Vodovod i kanalizacija d.o.o. Sarajevo",
        "Hodžić gradnja d.o.o.",
        "Predmet 06-23-1847/26 od 12. 3. 2026.",
        "Put do prava na gradnju",
        "",
    ],
)
def test_ordinary_words_of_the_office_warn_nobody(text):
    assert cautions({"subject": text}, "Amra Hodžić") == ()
