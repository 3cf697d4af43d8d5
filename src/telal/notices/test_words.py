"""A clerk says something in other words; what is wrong with them is said before anybody reads them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from telal.notices import consent_text
from telal.notices.words import Flaw, MissingWords, Part, Version, Words, plural, written_date

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


# The municipality's own words.


@pytest.fixture
def own(tmp_path: Path) -> Path:
    for language in ("bs", "en", "sr"):
        (tmp_path / "own" / language).mkdir(parents=True)
    return tmp_path / "own"


def test_a_municipality_says_one_text_its_own_way_and_the_rest_as_it_was(directory: Path, own: Path) -> None:
    write(own, "bs/hello.txt", "Selam, {name}!\r\n\r\n{number}\r\n")
    known = words(directory)
    known.adopt(known.found_in(own))
    assert known.paragraphs("bs", "hello", name="Alma", number="1/24") == ["Selam, Alma!", "1/24"]
    assert known.text("en", "hello", name="Alma", number="1/24").startswith("Hello")
    assert known.label("bs", "room", room="12") == "Soba 12"
    assert known.is_own("text", "bs", "hello")
    assert not known.is_own("text", "en", "hello")


def test_of_the_labels_only_those_named_are_changed(tmp_path: Path, own: Path) -> None:
    write(tmp_path, "bs/labels.txt", "room = Soba {room}\nphone = Telefon\n")
    known = Words(tmp_path, {}, {"room": ("room",), "phone": ()}, languages=("bs",))
    write(own, "bs/labels.txt", "# naše\n\nroom = Kancelarija {room}\n")
    known.adopt(known.found_in(own))
    assert (known.label("bs", "room", room="12"), known.label("bs", "phone")) == ("Kancelarija 12", "Telefon")
    assert known.is_own("label", "bs", "room")
    assert not known.is_own("label", "bs", "phone")


def test_serbian_in_latin_follows_the_overridden_cyrillic(tmp_path: Path, own: Path) -> None:
    write(tmp_path, "sr/hello.txt", "Добар дан.")
    known = Words(tmp_path, {"hello": ()}, languages=("sr",))
    write(own, "sr/hello.txt", "Помоз бог, Љубо.")
    known.adopt(known.found_in(own))
    assert known.text("sr-Latn", "hello") == "Pomoz bog, Ljubo."
    assert known.is_own("text", "sr-Latn", "hello")


@pytest.mark.parametrize(
    ("name", "text", "encoding", "complaint"),
    [
        ("bs/helo.txt", "x", "utf-8", "helo.txt: is no text of ours (perhaps hello.txt?)"),
        ("bs/hello.txt.bak", "x", "utf-8", "is no text of ours"),
        ("hello.txt", "x", "utf-8", "is in no folder of a language; put it into one of bs, en"),
        ("sr/hello.txt", "x", "utf-8", "is in no folder of a language"),
        ("bs/hello.txt", "\n{name} {number}\nTel. {phone}", "utf-8", "line 3: says {phone}"),
        ("bs/hello.txt", "Samo {name}.", "utf-8", "must say {number}"),
        ("bs/hello.txt", "{name}\n{number} }\n", "utf-8", "line 2: has a brace without its partner"),
        ("bs/hello.txt", "{name} {number}\nČekamo", "cp1250", "line 2: is not UTF-8"),
        ("bs/hello.txt", " \n", "utf-8", "is empty"),
        ("bs/labels.txt", "# x\nsoba = Soba {room}\n", "utf-8", "line 2: soba is no label of ours"),
        ("bs/labels.txt", "rom = Soba {room}\n", "utf-8", "(perhaps room?)"),
        ("bs/labels.txt", "Soba\n", "utf-8", "line 1: has no equals sign"),
        ("bs/labels.txt", "room =\n", "utf-8", "line 1: room must have words"),
        ("bs/labels.txt", f"room = {'x' * 101} {{room}}\n", "utf-8", "at most 100 letters"),
        ("bs/labels.txt", "room = a {room}\nroom = b {room}\n", "utf-8", "line 2: room stands here twice"),
        ("bs/labels.txt", "#\nroom = Soba {rom}\n", "utf-8", "line 2: says {rom}"),
        ("bs/labels.txt", "#\nroom = Soba\n", "utf-8", "line 2: must say {room}"),
    ],
)
def test_what_is_wrong_with_a_file_of_ones_own_is_said(
    directory: Path, own: Path, name: str, text: str, encoding: str, complaint: str
) -> None:
    write(own, "en/hello.txt", "Hi, {name} {number}")
    write(own, name, text, encoding)
    known = words(directory)
    with pytest.raises(MissingWords) as error:
        known.adopt(known.found_in(own))
    assert complaint in str(error.value)
    assert str(own / name) in str(error.value)


def test_no_directory_and_hidden_files_change_nothing(directory: Path, own: Path) -> None:
    known = words(directory)
    (own / "bs/.hello.txt.swp").write_bytes(b"\xff")
    assert known.found_in(own / "nowhere") == known.found_in(own) == []


def hello(template: str) -> Version:
    return Version("text", "bs", "hello", template)


def test_the_newest_version_is_said_and_an_empty_one_is_ours_again(directory: Path) -> None:
    known = words(directory)
    ours = known.template("text", "bs", "hello")
    known.adopt([hello("Prvo {name} {number}"), hello("Drugo {name} {number}")])
    assert known.text("bs", "hello", name="A", number="1") == "Drugo A 1"
    known.adopt([hello("Prvo {name} {number}"), hello("")])
    assert known.template("text", "bs", "hello") == ours
    assert not known.is_own("text", "bs", "hello")


def test_a_version_that_a_new_release_cannot_say_gives_way_to_ours(directory: Path) -> None:
    known = words(directory)
    unfit = hello("Bez podataka.")
    assert known.adopt([unfit, Version("text", "bs", "gone", "Tog teksta više nema.")]) == [unfit]
    assert known.template("text", "bs", "hello") == known.ours("text", "bs", "hello")


def test_what_is_tried_is_said_here_and_nowhere_else(directory: Path) -> None:
    known = words(directory)
    with known.as_if(hello("Samo da vidim, {name} {number}")):
        assert known.text("bs", "hello", name="A", number="1").startswith("Samo da vidim")
        with ThreadPoolExecutor(1) as another:
            elsewhere = another.submit(known.text, "bs", "hello", name="A", number="1").result()
        assert not elsewhere.startswith("Samo")
    assert not known.text("bs", "hello", name="A", number="1").startswith("Samo")


def test_what_is_made_of_words_is_remembered_until_they_change(directory: Path) -> None:
    known, made = words(directory), []

    @known.kept
    def greeting(language: str) -> str:
        made.append(language)
        return known.template("text", language, "hello")

    assert greeting("bs") == greeting("bs")
    assert made == ["bs"]
    known.adopt([hello("Novo {name} {number}")])
    assert greeting("bs") == "Novo {name} {number}"
    with known.as_if(hello("Proba {name} {number}")):
        assert greeting("bs").startswith("Proba")
    assert greeting("bs").startswith("Novo")


@pytest.mark.parametrize(
    ("part", "name", "template", "flaws"),
    [
        ("text", "hello", "Dobar dan, {name} {number}", []),
        ("text", "hello", "  ", [Flaw("empty")]),
        ("text", "hello", "{name} {number}" + "x" * 1500, [Flaw("too_long", "1500")]),
        ("text", "hello", "{name}", [Flaw("missing", "number")]),
        ("text", "hello", "{name} {number}\n{telefon}", [Flaw("unknown", "telefon", 2)]),
        ("text", "hello", "{name} {number}\n\n{", [Flaw("brace", line=3)]),
        ("label", "room", "Soba\n{room}", [Flaw("lines")]),
    ],
)
def test_what_is_wrong_with_words_is_said_before_anybody_reads_them(
    directory: Path, part: Part, name: str, template: str, flaws: list[Flaw]
) -> None:
    assert words(directory).flaws(part, name, template) == flaws


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
