"""A clerk changes words in a text file; the server says at its start what is wrong with them."""

from datetime import date
from pathlib import Path

import pytest

from telal.notices import consent_text
from telal.notices.words import MissingWords, Words, plural, written_date

LANGUAGES = ("bs", "en")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write(tmp_path, "bs/hello.txt", "Dobar dan, {name}.\n\nPredmet: {number}\n")
    write(tmp_path, "en/hello.txt", "Hello, {name}.\n\nCase: {number}\n")
    write(tmp_path, "bs/labels.txt", "# kratke riječi\nroom = Soba {room}\n")
    write(tmp_path, "en/labels.txt", "room = Room {room}\n")
    return tmp_path


def write(directory: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    path = directory / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding)


def words(directory: Path) -> Words:
    return Words(directory, {"hello": ("name", "number")}, {"room": ("room",)}, languages=LANGUAGES)


def problems(directory: Path) -> str:
    with pytest.raises(MissingWords) as error:
        words(directory)
    return str(error.value)


def test_the_words_are_there_in_every_language(directory: Path) -> None:
    assert words(directory).text("en", "hello", name="Alma", number="1/24") == "Hello, Alma.\n\nCase: 1/24"
    assert words(directory).label("bs", "room", room="12") == "Soba 12"


def test_what_a_citizen_wrote_is_never_read_as_a_placeholder(directory: Path) -> None:
    said = words(directory).paragraphs("bs", "hello", name="{number}\n\n{x} {", number="1/24")
    assert said == ["Dobar dan, {number}\n\n{x} {.", "Predmet: 1/24"]


def test_all_that_is_missing_is_named_at_once(directory: Path) -> None:
    (directory / "bs/hello.txt").unlink()
    write(directory, "en/hello.txt", " \n\n ")
    write(directory, "en/labels.txt", "rom = Room {room}\n")
    said = problems(directory)
    assert all(name in said for name in ("bs/hello.txt", "en/hello.txt", "en/labels.txt, room"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Hello, {name}.", "{number}"),
        ("Hello, {name} {number} {phone}.", "{phone}"),
        ("Hello, {name} {number}} ", "brace"),
    ],
)
def test_placeholders_must_fit(directory: Path, text: str, complaint: str) -> None:
    write(directory, "en/hello.txt", text)
    said = problems(directory)
    assert complaint in said
    assert "bs" not in said.replace(str(directory), "")


def test_an_old_encoding_is_found_at_the_start_and_a_byte_order_mark_does_no_harm(directory: Path) -> None:
    write(directory, "bs/hello.txt", "Čekamo, {name} {number}", "utf-8-sig")
    assert words(directory).text("bs", "hello", name="A", number="1").startswith("Čekamo")
    write(directory, "bs/hello.txt", "Čekamo, {name} {number}", "cp1250")
    assert "not UTF-8" in problems(directory)


@pytest.mark.parametrize("language", ["bs", "hr", "sr"])
def test_numbers_agree_with_their_nouns(language: str) -> None:
    forms = {form: [n for n in range(115) if plural(language, n) == form] for form in ("one", "few", "other")}
    assert forms["one"] == [1, 21, 31, 41, 51, 61, 71, 81, 91, 101]
    assert forms["few"][:7] == [2, 3, 4, 22, 23, 24, 32]
    assert {0, 5, 11, 12, 13, 14, 20, 111, 112, 113, 114} <= set(forms["other"])


def test_english_has_one_and_other() -> None:
    assert [plural("en", n) for n in (0, 1, 2, 21)] == ["other", "one", "other", "other"]


def test_dates_are_written_as_people_write_them() -> None:
    assert written_date("bs", date(2026, 11, 2)) == "2. 11. 2026."
    assert written_date("en", date(2026, 11, 2)) == "2 November 2026"


# The statement of consent.

MUNICIPALITY = {
    "municipality": "Općina Stari Grad Sarajevo",
    "address": "Zelenih beretki 4",
    "contact": "info@starigrad.ba",
    "dpo_contact": "zastita@starigrad.ba",
}


@pytest.mark.parametrize("script", consent_text.SCRIPTS)
def test_the_statement_makes_all_ten_points_and_names_the_municipality(script: str) -> None:
    text = consent_text.consent_text(script, **MUNICIPALITY)
    assert [f"\n\n{point}. " in text for point in range(1, 11)] == [True] * 10
    assert all(value in text for value in MUNICIPALITY.values())
    assert consent_text.current_version() in text


def test_a_statement_that_was_signed_is_never_changed() -> None:
    # Has this failed? Then put the file back, and write the new wording into a new version.
    assert (
        consent_text.text_hash("2026-1") == "c0c9aeff642c3707614339f1b4b0c3db19dbdd890594e311dbb151020a36156f"
    )


def test_a_statement_that_is_not_ours_has_no_hash() -> None:
    assert consent_text.text_hash("../2026-1") == ""
