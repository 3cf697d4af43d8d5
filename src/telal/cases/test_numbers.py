"""However a case number is typed, it finds its case; and nothing else is taken for one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telal.cases.numbers import (
    Reference,
    canonical_key,
    choose,
    find_pin,
    find_references,
    redact_personal_numbers,
)

YEAR = 2026

# The forty of the domain reference: typed, canonical keys, class.
SPELLINGS = [
    ("17/14-100/06", ["17-14-100/2006"], "full"),
    ("14-100/6", ["14-100/2006"], "partial"),
    ("111929", ["#111929"], "barcode"),
    ("07-23-292/13", ["7-23-292/2013"], "full"),
    ("02-04-10371-2/25", ["2-4-10371-2/2025"], "full"),
    ("01-05-17921/18", ["1-5-17921/2018"], "full"),
    ("02-05-27140-1/16", ["2-5-27140-1/2016"], "full"),
    ("10-05-3318-1/2013", ["10-5-3318-1/2013"], "full"),
    ("02-01-1-175/18", ["2-1-1-175/2018"], "full"),
    ("03-34-2-446-5/23", ["3-34-2-446-5/2023"], "full"),
    ("01-02-662-02/13", ["1-2-662-2/2013"], "full"),
    ("02-49-118/24", ["2-49-118/2024"], "full"),
    ("06-23-1847/24", ["6-23-1847/2024"], "full"),
    ("06-23-1847-3/24", ["6-23-1847-3/2024"], "full"),
    ("UP-1 05-23-345-1/2023", ["UP1 5-23-345-1/2023"], "full"),
    ("UP1-05-23-345/23", ["UP1 5-23-345/2023"], "full"),
    ("UP-I/05-23-345/23", ["UP1 5-23-345/2023"], "full"),
    ("UP-2 04-31-77/25", ["UP2 4-31-77/2025"], "full"),
    ("UP-1-03-23-1-123/19", ["UP1 3-23-1-123/2019"], "full"),
    ("06/8-23-1234/24", ["6-8-23-1234/2024"], "full"),
    ("02/1-022-123/24", ["2-1-22-123/2024"], "full"),
    ("12-364-877/25", ["12-364-877/2025"], "full"),
    ("УП-1 05-23-345/23", ["UP1 5-23-345/2023"], "full"),
    ("up1 05 23 345 /23", ["UP1 5-23-345/2023"], "full"),
    ("br. 06-23-1847/24", ["6-23-1847/2024"], "full"),
    ("broj: 06 - 23 - 1847 / 24", ["6-23-1847/2024"], "full"),
    ("06-23-1847\\24", ["6-23-1847/2024"], "full"),
    ("06–23–1847/24", ["6-23-1847/2024"], "full"),
    ("06.23.1847/24", ["6-23-1847/2024"], "full"),
    ("06/23/1847/24", ["6-23-1847/2024"], "full"),
    ("06_23_1847/24", ["6-23-1847/2024"], "full"),
    ("06-23-1847-24", ["6-23-1847/2024", "6-23-1847-24/?"], "ambiguous"),
    ("06 23 1847 24", ["6-23-1847/2024", "6-23-1847-24/?"], "ambiguous"),
    ("6-23-1847/24", ["6-23-1847/2024"], "full"),
    ("O6-23-I847/24", ["6-23-1847/2024"], "full"),
    ("06-23-1847/2024.", ["6-23-1847/2024"], "full"),
    ("1847/24", ["1847/2024"], "partial"),
    ("06-23-1847", ["6-23-1847/?"], "no_year"),
    ("06-23-1847/24 od 12.3.2024.", ["6-23-1847/2024"], "full"),
    ("zahtjev br 06-23-1847/24 i 06-31-55/24", ["6-23-1847/2024", "6-31-55/2024"], "full"),
]

# Beyond the forty: what stands next to a number in real messages.
IN_COMPANY = [
    ("1. 06-23-1847/24 2. 06-31-55/24", ["6-23-1847/2024", "6-31-55/2024"]),
    ("06-23-1847/24. 06-31-55/24", ["6-23-1847/2024", "6-31-55/2024"]),
    ("06-23-1847/24 06-31-55/24", ["6-23-1847/2024", "6-31-55/2024"]),
    ("06-23-1847/24 061 123 456", ["6-23-1847/2024"]),
    ("061/123-456, 06-23-1847/24", ["6-23-1847/2024"]),
    ("dodaj 06-31-55/24 pin 482111", ["6-31-55/2024"]),
    ("predmet 06-23-1847/24, k.č. 1245/3, čl. 216, SN KS 24/17", ["6-23-1847/2024"]),
    ("111929 i 111930", ["#111929", "#111930"]),
    ("111929 111930", ["#111929", "#111930"]),
    ("06-23-1847/24 06-23-1847/2024", ["6-23-1847/2024"]),
    ("06. 23. 1847/24", ["6-23-1847/2024"]),
    ("06-12-1847/24 od 1.2.", ["6-12-1847/2024"]),
    ("06.12.2011/24", ["6-12-2011/2024"]),
    ("UP-1 broj: 05-23-345/23", ["UP1 5-23-345/2023"]),
    ("UР-1 05-23-345/23", ["UP1 5-23-345/2023"]),
    ("1847-24", ["1847/2024", "1847-24/?"]),
    ("06-23-1847/27", ["6-23-1847/2027"]),
    ("06-23-1847/28", ["6-23-1847-28/?"]),
    ("06-23-1847/94", ["6-23-1847/1994"]),
    ("06\u200b-23-1847/24", ["6-23-1847/2024"]),
    ("０６-２３-１８４７/２４", ["6-23-1847/2024"]),
]

NO_CASE_NUMBERS = [
    "061/123-456", "033 282 385", "+387 (0)61 123-456", "22.11.2026.", "3.5.", "od 12. 3. 2024",
    "22.11.26", "0101990170001", "71000", "71000 Sarajevo", "1.234,56 KM", "150000 KM", "100-200 KM",
    "k.č. 886, 887", "k.č. 1245/3", "k.č. 1245/24", "Zelenih beretki 4", "čl. 216", "SN KS 24/17",
    "Službene novine FBiH, broj 2/98, 48/99 i 61/22", "24/7", "od 08.00-16.00", "za 10-15 dana",
    "1610000012345678", "pin 482113", "", "🙂", "1 2", "0" * 5000,
]  # fmt: skip


def keys(text, **options):
    return [key for reference in find_references(text, year=YEAR, **options) for key in reference.keys]


@pytest.mark.parametrize(("typed", "expected", "kind"), SPELLINGS)
def test_each_spelling_has_its_key_and_class(typed, expected, kind):
    assert keys(typed) == expected
    assert {reference.kind for reference in find_references(typed, year=YEAR)} == {kind}


@pytest.mark.parametrize(("typed", "expected"), IN_COMPANY)
def test_a_number_is_found_among_others(typed, expected):
    assert keys(typed) == expected


@pytest.mark.parametrize("typed", NO_CASE_NUMBERS)
def test_other_numbers_are_no_case_numbers(typed):
    assert keys(typed) == []


@pytest.mark.parametrize(
    "typed", ["Klasa: 023-01/12-01/15", "023-01/12-01/15", "Urbroj: 2156/01-01-12-1", "II-464-78/2020"]
)
def test_numbers_of_the_neighbours_are_told_apart(typed):
    (reference,) = find_references(typed, year=YEAR)
    assert (reference.kind, reference.keys) == ("foreign", ())


def test_a_reference_keeps_what_was_typed():
    (reference,) = find_references("Њихов č. ﬁ УП-1 05–23 – 345/23, hvala", year=YEAR)
    assert reference.written == "УП-1 05–23 – 345/23"


def test_barcodes_have_the_lengths_of_the_municipality():
    assert keys("71000", barcode_lengths=frozenset({5})) == ["#71000"]
    assert keys("111929", barcode_lengths=frozenset()) == []


# ── Registers ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("typed", "expected", "_kind"), SPELLINGS[:38])
def test_a_register_may_write_as_it_likes(typed, expected, _kind):
    assert canonical_key(typed, YEAR) == expected[0]


@pytest.mark.parametrize(
    "number", ["01-A-123/24", "06-23-1847/24 i 06-31-55/24", "bez broja", "", "17", "R-12/24-x"]
)
def test_a_number_outside_the_grammar_has_no_key(number):
    assert canonical_key(number, YEAR) is None


# ── Properties ──────────────────────────────────────────────────────────────────────────────────────────────

groups = st.lists(st.integers(1, 999_999).map(str), min_size=3, max_size=5)
years = st.integers(2000, YEAR).map(str)
numbers = st.builds(
    lambda up, gs, year: f"{up}{'-'.join(gs)}/{year}", st.sampled_from(["", "UP1 ", "UP2 "]), groups, years
)


@given(st.text() | st.text("0123456789-/. \nOIlUPуп1", max_size=60))
def test_no_text_breaks_it(text):
    for reference in find_references(text, year=YEAR):
        assert reference.written in text
        assert all(canonical_key(key, YEAR) == key for key in reference.keys)
    canonical_key(text, YEAR)


@given(numbers)
def test_a_key_shown_and_typed_again_is_the_same_key(key):
    assert canonical_key(key, YEAR) == key


@given(st.lists(st.sampled_from("-/._–—\\ "), min_size=3, max_size=3), st.integers(1000, 9999))
def test_every_separator_is_equal(separators, serial):
    first, second, _ = separators
    assert keys(f"06{first}23{second}{serial}/24")[-1:] in ([f"6-23-{serial}/2024"], [f"{serial}/2024"])
    one = separators[2]
    assert keys(f"06{one}23{one}{serial}/24") == [f"6-23-{serial}/2024"]


@given(st.data())
def test_scripts_and_lookalikes_are_equal(data):
    typed = "UP-1 05-13-3101/20"
    twins = {"U": "UУuу", "P": "PПpпР", "0": "0OoОо", "1": "1Il"}
    mixed = typed[:4] + "".join(data.draw(st.sampled_from(twins.get(char, char))) for char in typed[4:])
    mixed = "".join(data.draw(st.sampled_from(twins[char])) for char in "UP") + mixed[2:]
    assert keys(mixed) == ["UP1 5-13-3101/2020"]


@pytest.mark.parametrize(
    "unit", ["1-", "1", "1 ", "1.2.3. ", "o", "l1-", "up1 ", "1,", " ", "1/", "12.3.", "k.c. 1, ", "061-"]
)
def test_long_nonsense_takes_time_in_proportion(unit):
    def seconds(length):
        text = unit * (length // len(unit))
        started = time.process_time()
        find_references(text, year=YEAR)
        return time.process_time() - started

    # Four times the text; sixteen times the time would be its square. The quickest of three, for machines are noisy.
    assert min(seconds(20_000) for _ in range(3)) < 10 * min(seconds(5_000) for _ in range(3)) + 0.1


# ── Looking up among the citizen's own ──────────────────────────────────────────────────────────────────────

OWN = (
    "6-23-1847/2024",
    "UP1 5-23-345/2023",
    "2-4-10371-2/2025",
    "6-31-55/2025",
    "6-31-55/2024",
    "#111929",
    "17",
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("06-23-1847/24", ["6-23-1847/2024"]),
        ("06-23-1847-24", ["6-23-1847/2024"]),
        ("05-23-345/23", ["UP1 5-23-345/2023"]),
        ("UP-1 06-23-1847/24", ["6-23-1847/2024"]),
        ("06-23-1847-3/24", ["6-23-1847/2024"]),
        ("02-04-10371/25", ["2-4-10371-2/2025"]),
        ("02-04-10371-5/25", ["2-4-10371-2/2025"]),
        ("23-1847/24", ["6-23-1847/2024"]),
        ("1847/24", ["6-23-1847/2024"]),
        ("10371/25", ["2-4-10371-2/2025"]),
        ("06-23-1847", ["6-23-1847/2024"]),
        ("06-31-55", ["6-31-55/2025", "6-31-55/2024"]),
        ("111929", ["#111929"]),
        ("06-23-1848/24", []),
        ("07-23-1847/24", []),
        ("06-23-1847/23", []),
        ("847/24", []),
        ("111930", []),
    ],
)
def test_a_reference_finds_the_citizens_own_case(typed, expected):
    (reference,) = find_references(typed, year=YEAR)
    assert list(choose(reference, OWN)) == expected


def test_an_exact_hit_leaves_the_looser_ones_out():
    reference = Reference("1847/24", ("1847/2024",), "partial")
    assert choose(reference, ("6-23-1847/2024", "1847/2024")) == ("1847/2024",)


def test_small_serials_are_not_taken_for_acts():
    (reference,) = find_references("06-23-7/24", year=YEAR)
    assert choose(reference, ("6-23-8/2024", "6-8-23-7/2023")) == ()


def test_another_years_case_is_not_the_meaning_of_a_doubtful_year():
    (reference,) = find_references("06-23-1847-24", year=YEAR)
    assert choose(reference, ("6-23-1847/2023",)) == ()


# ── Personal numbers ────────────────────────────────────────────────────────────────────────────────────────


def test_a_jmbg_is_not_kept():
    assert redact_personal_numbers("JMBG 0101990170001, hvala") == "JMBG [JMBG], hvala"
    assert redact_personal_numbers("ЈМБГ: 01 01 990 170001!") == "ЈМБГ: [JMBG]!"
    assert redact_personal_numbers("003876112345 i 4501990170001") == "003876112345 i 4501990170001"


def test_the_number_of_a_document_is_not_kept_where_it_is_named():
    assert redact_personal_numbers("Đorđe, lična karta br. 1A2B3C4D5") == "Đorđe, lična karta br. [ID]"
    assert redact_personal_numbers("pasoš B1234567") == "pasoš [ID]"
    assert redact_personal_numbers("lična karta, tel 061123456") == "lična karta, tel 061123456"
    assert redact_personal_numbers("1A2B3C4D5") == "1A2B3C4D5"


@pytest.mark.parametrize(("text", "pin"), [
    ("dodaj 06-31-55/24 pin 4821", "4821"), ("ПИН: 482113", "482113"), ("pristupni kod je 482113", "482113"),
    ("pin kod 482113", "482113"), ("kod 111929", None), ("pin", None),
])  # fmt: skip
def test_the_pin_is_what_the_text_calls_so(text, pin):
    assert find_pin(text) == pin
