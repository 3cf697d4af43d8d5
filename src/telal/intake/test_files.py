"""Files as DMSes leave them: read whatever can be read, say in words what cannot."""

import gzip

import pytest

from telal.intake import files
from telal.intake.files import FileTrouble, read_table
from telal.intake.reasons import Reason

COLUMNS = ["Oznaka", "Služba"]
TEXT = "Oznaka;Služba\r\nA-1;Čišćenje, đaci i žaluzine\r\nA-2;Škola\r\n"


@pytest.fixture
def read(tmp_path):
    def read(content, **options):
        path = tmp_path / "export.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, COLUMNS, **options)

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250", "cp852"])
def test_every_encoding_of_the_last_thirty_years_is_recognised(read, encoding):
    table = read(TEXT.encode(encoding))
    assert [row.cells for row in table.rows] == [
        {"Oznaka": "A-1", "Služba": "Čišćenje, đaci i žaluzine"},
        {"Oznaka": "A-2", "Služba": "Škola"},
    ]
    assert table.encoding == encoding.removesuffix("-sig")


def test_brackets_in_the_middle_of_words_are_yuscii(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(b"Oznaka;Ulica\nA-1;Skup{tina Slu`bene |ur|evi} ku}a\n")
    table = read_table(path, ["Ulica"])
    assert (table.encoding, table.rows[0].cells["Ulica"]) == ("yuscii", "Skupština Službene đurđević kuća")


def test_a_named_encoding_is_taken_at_its_word(read):
    with pytest.raises(FileTrouble, match="Line 1 is not utf-8"):
        read(TEXT.encode("cp1250"), encoding="utf-8")


def test_letters_of_no_known_encoding_are_not_guessed(read):
    with pytest.raises(FileTrouble, match="From line 2 on"):
        read("Oznaka;Služba\nA-1;".encode() + bytes(range(0xA0, 0xC0)))


def test_a_file_without_a_header_does_not_have_its_first_row_read_aloud(read):
    with pytest.raises(FileTrouble, match="names none of the columns") as trouble:
        read("A-1;Amra Hodžić;061 123 456\nA-2;Edin Kovač;062 555 666\n")
    assert "Amra" not in str(trouble.value)
    assert "061" not in str(trouble.value)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found(read, separator):
    table = read(f"sep={separator}\nSlužba{separator}Oznaka\n" + f'"a;b,c|d"{separator}A-1\n')
    assert table.separator == separator
    assert [(row.line, row.cells) for row in table.rows] == [(3, {"Služba": "a;b,c|d", "Oznaka": "A-1"})]


def test_a_packed_file_is_unpacked_whatever_its_name(read):
    assert read(gzip.compress(TEXT.encode())) == read(TEXT)


def test_a_cell_may_hold_several_lines(read):
    table = read('Oznaka;Služba\nA-1;"prvi\ndrugi"\n\nA-2;Škola\n')
    assert [(row.line, row.cells["Služba"]) for row in table.rows] == [(2, "prvi\ndrugi"), (5, "Škola")]


def test_a_quotation_mark_that_is_never_closed_spoils_its_own_row_only(read):
    table = read('Oznaka;Služba\nA-1;"otvoren\nA-2;Škola\nA-3;"Dom" kulture\nA-4;Park\n')
    assert [row.cells.get("Oznaka") for row in table.rows] == [None, "A-2", None, "A-4"]
    assert table.rows[0].trouble == Reason.of("quotation")


def test_a_half_written_last_row_is_called_so(read):
    table = read("Oznaka;Služba\nA-1;Škola\nA-2")
    assert [row.trouble for row in table.rows] == [None, Reason.of("cut_off")]
    whole = read("Oznaka;Služba\nA-1;Škola\nA-2\n")
    assert [row.trouble for row in whole.rows] == [None, Reason.of("cells", cells=1, expected=2)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (TEXT.encode().replace(b"Oznaka", b"Broj"), "no column 'Oznaka'. Its columns are: Broj, Služba"),
        (b"Oznaka;Slu\xc5\xbeba;Oznaka\nA;B;C\n", "two columns called 'Oznaka'"),
        (TEXT.encode()[:-4] + b"\xc5", "in the middle of a letter"),
        (b"Oznaka\0", "zero bytes"),
        (b"PK\x03\x04", "Excel"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-12], "ends too early"),
        (b"\x1f\x8bxxxxxxxxxxxx", "damaged"),
        (TEXT.encode() + b"one\n" * 1001, "More than 1000 rows"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(read, content, said):
    with pytest.raises(FileTrouble, match=said):
        read(content)


def test_a_file_that_is_too_large_is_refused_even_when_it_is_packed(read, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_FILE", 1024)
    with pytest.raises(FileTrouble, match="more than 0 MB"):
        read(gzip.compress(b"x" * 5000))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileTrouble, match="No such file"):
        read_table(tmp_path / "none.csv", COLUMNS)
