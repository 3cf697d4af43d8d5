"""Every way of writing a telephone number leads to the same one."""

import pytest

from telal.cases.phones import find_phones, is_mobile, normalise_phone

SPELLINGS = [
    "061/123-456", "061 123 456", "061123456", "061.123.456", "061/12-34-56", "(061) 123 456",
    "+387 61 123 456", "00387 61 123 456", "+387 (0)61 123-456", "387061123456", "61123456",
    "+38761123456", "061–123–456", "061 / 123 456",
]  # fmt: skip


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_is_one_number(typed):
    assert find_phones(f"sad mi je broj {typed}, hvala") == ("+38761123456",)
    assert normalise_phone(typed) == "+38761123456"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("060 312 3456", "+387603123456"),
        ("064 412 3456", "+387644123456"),
        ("067 1 234 567", "+387671234567"),
        ("033 282 385", "+38733282385"),
        ("+43 (0) 664 1234567", "+436641234567"),
        ("0043 664 1234567", "+436641234567"),
        ("+49 1512 3456789", "+4915123456789"),
    ],
)
def test_longer_fixed_and_foreign_numbers(typed, expected):
    assert find_phones(typed) == (expected,)


@pytest.mark.parametrize(
    "typed",
    [
        "06 123 456",
        "06-23-184/24",
        "05-23-345/23",
        "02/1-033-123-456",
        "061-123-456/24",
        "01 - 01 - 3870/2000",
        "111929",
        "0101990170001",
        "061",
    ],
)
def test_other_numbers_are_no_phones(typed):
    assert find_phones(typed) == ()


def test_several_numbers_in_one_text():
    assert find_phones("062/987-654 ili 061 123 456 5 puta") == ("+38762987654", "+38761123456")


@pytest.mark.parametrize(
    ("typed", "reason"), [("nema", "not a telephone"), ("061 12", "digits"), ("040 123 456", "no such")]
)
def test_a_field_says_what_is_wrong(typed, reason):
    with pytest.raises(ValueError, match=reason):
        normalise_phone(typed)


def test_viber_needs_a_mobile():
    assert is_mobile("+38761123456")
    assert is_mobile("+436641234567")
    assert not is_mobile("+38733282385")
