"""From a file as a DMS leaves it to rows: compressed or not, in whichever encoding, with whichever separator.

What cannot be read is said in words for whoever made the file. Words and numbers from the rows never appear in them.
"""

import csv
import io
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from telal.intake.reasons import Reason

LARGEST_FILE = 300 * 1024 * 1024
_MOST_UNREADABLE_ROWS = 1000
_SEPARATORS = (";", ",", "\t", "|")


class FileTrouble(ValueError):
    """The whole file cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (from 1), and its cells by column, trimmed. ``trouble`` says why there are none."""

    line: int
    cells: dict[str, str]
    trouble: Reason | None = None


@dataclass(frozen=True, slots=True)
class Table:
    encoding: str
    separator: str
    rows: list[Row]


def read_table(path: Path, columns: Collection[str], *, encoding: str = "", separator: str = "") -> Table:
    """All rows of a CSV file, or of one packed by gzip, that has at least these ``columns``.

    Encoding and separator are recognised where they are not given. Raises FileTrouble.
    """
    text, encoding = _decoded(_unpacked(_bytes_of(path)), encoding)
    lines = list(io.StringIO(text.replace("\ufeff", ""), newline=""))
    skipped = 1 if lines and re.fullmatch(r"sep=.\s*", lines[0]) else 0
    if not "".join(lines[skipped:]).strip():
        raise FileTrouble("The file is empty. Was it still being written?")
    separator = separator or _separator(lines[skipped], columns)
    _, header = next(_records(lines, skipped, separator))
    names = [name.strip() for name in header or ()]
    _check_header(names, columns)
    return Table(encoding, separator, list(_rows(lines, skipped, separator, names)))


# ── Bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _within_bounds(file.read(LARGEST_FILE + 1))
    except OSError as error:
        raise FileTrouble(f"The file cannot be opened: {error.strerror}.") from error


def _unpacked(data: bytes) -> bytes:
    if data.startswith(b"PK\x03\x04"):
        raise FileTrouble('This is an Excel workbook or a ZIP. Save it as "CSV UTF-8" first.')
    if not data.startswith(b"\x1f\x8b"):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = _within_bounds(unpacker.decompress(data, LARGEST_FILE + 1))
    except zlib.error as error:
        raise FileTrouble("The compressed file is damaged. Nothing was read; fetch it again.") from error
    if not unpacker.eof:
        raise FileTrouble(
            "The compressed file ends too early. Nothing was read; wait until it is whole, or fetch it again."
        )
    return unpacked


def _within_bounds(data: bytes) -> bytes:
    if len(data) > LARGEST_FILE:
        raise FileTrouble(
            f"The file holds more than {LARGEST_FILE // 1024**2} MB. Export a shorter period, or split it."
        )
    return data


# ── Letters ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_OUR_LETTERS = frozenset("čćžšđČĆŽŠĐ")
_OTHER_SIGNS = frozenset("„“”’‘–—…€§°²³½×äöüÄÖÜßéáíóúôëń\xa0«»·•™®")

# The old Yugoslav seven-bit code: letters in the places of brackets.
_YUSCII = str.maketrans("~}|{`^]\\[@", "čćđšžČĆĐŠŽ")
_LIKELY = 0.45
_YUSCII_WITHIN_A_WORD = re.compile(r"(?i)(?<=[a-z])[~}{`](?=[a-z])")


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    text, encoding = _with(data, encoding.lower()) if encoding else _recognised(data)
    if "\0" in text:
        raise FileTrouble("This is not a text file: there are zero bytes in it.")
    return text, encoding


def _with(data: bytes, encoding: str) -> tuple[str, str]:
    try:
        if encoding == "yuscii":
            return data.decode("ascii").translate(_YUSCII), encoding
        return data.decode(encoding), encoding
    except LookupError as error:
        raise FileTrouble("The mapping names an encoding that is not known.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileTrouble(
            f"Line {line} is not {encoding}. Correct the encoding in the mapping, or leave it out."
        ) from error


def _recognised(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _with(data, "utf-16")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _of_an_old_system(data, error)
    if text.isascii() and len(_YUSCII_WITHIN_A_WORD.findall(text)) > 2:
        return text.translate(_YUSCII), "yuscii"
    return text, "utf-8"


def _of_an_old_system(data: bytes, not_utf8: UnicodeDecodeError) -> tuple[str, str]:
    likelihood, encoding, text = max(_reading(data, encoding) for encoding in ("cp1250", "cp852"))
    if likelihood > _LIKELY:
        return text, encoding
    if not_utf8.reason == "unexpected end of data":
        raise FileTrouble("The file ends in the middle of a letter. Was it still being written?")
    line = data.count(b"\n", 0, not_utf8.start) + 1
    raise FileTrouble(
        f"From line {line} on, the letters are neither UTF-8 nor cp1250 nor cp852. Name the encoding in the mapping."
    )


def _reading(data: bytes, encoding: str) -> tuple[float, str, str]:
    """The text in an encoding that takes almost any byte, after the share of its special letters that make sense."""
    text = data.decode(encoding, errors="replace")
    special = Counter(letter for letter in text if not letter.isascii())
    ours = sum(count for letter, count in special.items() if letter in _OUR_LETTERS)
    signs = sum(count for letter, count in special.items() if letter in _OTHER_SIGNS)
    return (ours + signs / 2) / special.total(), encoding, text


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _separator(header: str, columns: Collection[str]) -> str:
    """The one that brings most of the columns we need to light."""

    def found(separator: str) -> int:
        names = {name.strip(' "\r\n') for name in header.split(separator)}
        return len(names.intersection(columns)) * 1000 + len(names)

    return max(_SEPARATORS, key=found)


def _check_header(names: list[str], columns: Collection[str]) -> None:
    missing = [column for column in columns if column not in names]
    if len(missing) == len(columns):
        # Nothing says that it is a header, and not somebody's row.
        raise FileTrouble(
            "The first line names none of the columns of the mapping. Is it the right file, and was it exported with a header?"
        )
    if missing:
        raise FileTrouble(
            f"The file has no column {', '.join(map(repr, missing))}. Its columns are: {', '.join(names)[:500]}."
        )
    twice = [column for column in columns if names.count(column) > 1]
    if twice:
        raise FileTrouble(f"The file has two columns called {', '.join(map(repr, twice))}.")


def _rows(lines: list[str], skipped: int, separator: str, names: list[str]) -> Iterator[Row]:
    unreadable = 0
    whole = lines[-1].endswith(("\n", "\r"))
    for line, cells in _records(lines, skipped, separator):
        if line == skipped + 1 or cells == [""] * len(cells or ()):
            continue
        if cells is not None and len(cells) == len(names):
            yield Row(line, dict(zip(names, (cell.strip() for cell in cells), strict=True)))
            continue
        unreadable += 1
        if unreadable > _MOST_UNREADABLE_ROWS:
            raise FileTrouble(
                f"More than {_MOST_UNREADABLE_ROWS} rows cannot be read, the last in line {line}. Is this the right file?"
            )
        is_cut_off = line == len(lines) and not whole
        yield Row(line, {}, Reason.of("cut_off") if is_cut_off else _trouble(cells, len(names)))


def _trouble(cells: list[str] | None, expected: int) -> Reason:
    return (
        Reason.of("quotation") if cells is None else Reason.of("cells", cells=len(cells), expected=expected)
    )


def _records(lines: list[str], first: int, separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """(line, cells) of each record; None for one that cannot be read, after which reading goes on in the next line.

    A quotation mark that is never closed would swallow the rest of the file, and with it rows that are good.
    """
    width = 0
    while first < len(lines):
        reader = csv.reader(lines[first:], delimiter=separator, strict=True)
        begin = first
        try:
            for cells in reader:
                end = first + reader.line_num
                if width and end - begin > 1 and len(cells) != width:
                    raise csv.Error
                width = width or len(cells)
                yield begin + 1, cells
                begin = end
            return
        except csv.Error:
            yield begin + 1, None
            first = begin + 1
