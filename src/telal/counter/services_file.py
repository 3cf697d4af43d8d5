"""The list of services as a table that Excel opens here: semicolons, one header, Bosnian words."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from telal.cases.folding import fold
from telal.cases.rules import MOST_DAYS, Kind, Procedure, Service
from telal.counter.spreadsheet import as_text, as_written

LARGEST_FILE = 1 << 20
_MOST_LINES = 5000
_MOST_COMPLAINTS = 20

_COLUMNS = {
    "sifra": "code",
    "naziv": "name",
    "vrsta": "kind",
    "postupak": "procedure",
    "rok dana": "days",
    "provjera dana": "completeness_days",
    "osjetljiva": "sensitive",
    "u ponudi": "active",
}
_LONGEST = {"code": 40, "name": 200}
_YES_NO = {"da": True, "ne": False, "yes": True, "no": False, "1": True, "0": False}


class Unusable(Exception):
    """Nothing of the file is taken; ``complaints`` say why, line by line."""

    def __init__(self, complaints: Sequence[str]) -> None:
        self.complaints = complaints
        super().__init__("unusable")


@dataclass(frozen=True, slots=True)
class _Line:
    no: int
    cells: Mapping[str, str]


def written_services(services: Iterable[Service]) -> bytes:
    """The list as a file that comes back through ``read_services`` unchanged."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for one in services:
        table.writerow(_cell(getattr(one, field)) for field in _COLUMNS.values())
    # Excel takes a file without this mark for another encoding.
    return out.getvalue().encode("utf-8-sig")


def read_services(content: bytes) -> tuple[int, int]:
    """Add what is new and change what is known by its code, else by its name. Returns how many of each. Raises Unusable."""
    lines = list(_lines(content))
    complaints: list[str] = []
    read = [_service(line, complaints) for line in lines]
    complaints += _twice(lines)
    if complaints:
        raise Unusable(complaints[:_MOST_COMPLAINTS])
    with transaction.atomic():
        return _keep(read)


def _keep(read: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """A code is never taken from one service by another."""
    every = list(Service.objects.all())
    by_code = {fold(one.code): one for one in every if one.code}
    by_name = {fold(one.name): one for one in every}
    added = 0
    for values in read:
        name, code = fold(values["name"]), fold(values.get("code", ""))
        one = by_code.get(code) or by_name.get(name)
        if by_name.get(name, one) is not one:
            raise Unusable([gettext("Naziv „%(name)s“ ima druga usluga.") % {"name": values["name"]}])
        added += one is None
        one = one or Service()
        for field, value in values.items():
            setattr(one, field, value)
        one.save()
        by_name[name] = one
        if code:
            by_code[code] = one
    return added, len(read) - added


def _lines(content: bytes) -> Iterator[_Line]:
    text = _text(content)
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise Unusable([gettext("Ovo nije CSV tabela. Sačuvajte je u Excelu kao CSV.")]) from None
    if len(rows) > _MOST_LINES:
        raise Unusable([gettext("Previše redova: najviše %(most)d.") % {"most": _MOST_LINES}])
    header = (
        [_COLUMNS.get(" ".join(fold(cell).replace("_", " ").split()), "") for cell in rows[0]] if rows else []
    )
    if "name" not in header:
        columns = ", ".join(_COLUMNS)
        raise Unusable(
            [gettext("U prvom redu nema kolone naziv. Kolone su: %(columns)s.") % {"columns": columns}]
        )
    for no, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            cells = {
                name: as_written(" ".join(cell.split()))
                for name, cell in zip(header, row, strict=False)
                if name
            }
            yield _Line(no, cells)


def _text(content: bytes) -> str:
    """Excel writes either of two encodings."""
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unusable([gettext("Ovo nije CSV tabela. Sačuvajte je u Excelu kao CSV.")])


def _service(line: _Line, complaints: list[str]) -> dict[str, Any]:
    """The fields that the line gives. An empty number of days is none; of other cells it leaves what there is."""
    values: dict[str, Any] = {}
    if not line.cells.get("name"):
        complaints.append(_of(line, gettext("nema naziva")))
    for field, cell in line.cells.items():
        try:
            values |= {field: _READ.get(field, _short)(field, cell)}
        except ValueError as error:
            complaints.append(_of(line, str(error)))
    return {field: value for field, value in values.items() if value != ""}


def _twice(lines: Iterable[_Line]) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for line in lines:
        for field in ("code", "name"):
            one = (field, fold(line.cells.get(field, "")))
            if one[1] and one in seen:
                yield _of(line, gettext("ista šifra ili naziv kao u ranijem redu"))
            seen.add(one)


def _of(line: _Line, complaint: str) -> str:
    return gettext("Red %(line)d: %(complaint)s.") % {"line": line.no, "complaint": complaint}


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "da" if value else "ne"
    return "" if value is None else as_text(str(value))


def _short(field: str, cell: str) -> str:
    if len(cell) > _LONGEST[field]:
        raise ValueError(gettext("predugo, najviše %(most)d znakova") % {"most": _LONGEST[field]})
    if any(not character.isprintable() for character in cell):
        raise ValueError(gettext("znak koji se ne može ispisati"))
    return cell


def _days(_: str, cell: str) -> int | None:
    if not cell:
        return None
    if not cell.isascii() or not cell.isdigit() or not 1 <= int(cell[:9]) <= MOST_DAYS:
        raise ValueError(gettext("rok mora biti broj dana od 1 do %(most)d") % {"most": MOST_DAYS})
    return int(cell)


def _yes_no(_: str, cell: str) -> bool | str:
    if not cell:
        return ""
    if fold(cell) not in _YES_NO:
        raise ValueError(gettext("osjetljiva i u ponudi mogu biti samo da ili ne"))
    return _YES_NO[fold(cell)]


def _one_of(field: str, cell: str) -> str:
    """By our code or by the words of the screen."""
    choices: Any = Kind if field == "kind" else Procedure
    known: dict[str, str] = {fold(str(word)): one.value for one in choices for word in (one.value, one.label)}
    if cell and fold(cell) not in known:
        allowed = ", ".join(one.value for one in choices)
        raise ValueError(
            gettext("nepoznata vrsta ili postupak; može biti: %(allowed)s") % {"allowed": allowed}
        )
    return known.get(fold(cell), "")


_READ = {
    "kind": _one_of,
    "procedure": _one_of,
    "days": _days,
    "completeness_days": _days,
    "sensitive": _yes_no,
    "active": _yes_no,
}
