"""A municipality's mapping: which column is what, and which of its status texts means which of our statuses.

A TOML file, one for each source; ``sample/wabo.toml`` and ``sample/primjer.toml`` are two, with every part explained. What cannot
be understood is said at once, all of it, before any row is read.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from telal.cases.statuses import OUTCOMES, STATUSES
from telal.intake.made_up import MAKERS, MadeUp

_CASE = {
    **dict.fromkeys(("ref", "number", "kind", "subject", "applicant", "received_on"), True),
    **dict.fromkeys(("phone", "complete_since", "due_on", "service", "barcode", "sensitive"), False),
}
_EVENT = {
    **dict.fromkeys(("status", "time"), True),
    **dict.fromkeys(("department", "officer", "officer_phone", "officer_room", "waiting_for"), False),
    **dict.fromkeys(("outcome", "due_on", "note"), False),
}
_CONSENT = {"given": True, **dict.fromkeys(("given_at", "recorded_by", "text_version", "language"), False)}
_FILE = ("encoding", "separator", "time_zone", "time_format")
_OF_A_STATUS = ("outcome", "waiting_for", "note")
_MADE_OF = {
    "number": ("number",),
    "applicant": ("first_names", "last_names"),
    "subject": ("subjects",),
    "institution": ("institutions",),
}
_PARTS = ("file", "case", "event", "consent", "status", "ignore", "translate", "made_up")


class MappingTrouble(ValueError):
    """The mapping cannot be used; the message lists everything that is wrong with it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value comes from: a column (then ``otherwise`` where it is empty), a constant, or made up.

    ``translate`` holds the municipality's words and ours; others stay as they are.
    """

    column: str = ""
    value: str = ""
    otherwise: str = ""
    translate: Mapping[str, str] | None = None
    made_up: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status text of the source means: our status, and what else it says by itself."""

    status: str
    said: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class MunicipalityMapping:
    """``case``, ``event`` and ``consent`` hold a Source for each field that the source has.

    ``key`` are the columns that tell one event of a case from another; ``meanings`` and ``ignored`` are found by ``folded`` text.
    """

    case: Mapping[str, Source]
    event: Mapping[str, Source]
    consent: Mapping[str, Source]
    key: tuple[str, ...]
    meanings: Mapping[str, Meaning]
    ignored: frozenset[str]
    made_up: MadeUp
    zone: ZoneInfo
    time_format: str
    encoding: str
    separator: str

    def columns(self) -> list[str]:
        """Every column that the file must have."""
        sources = [*self.case.values(), *self.event.values(), *self.consent.values()]
        sources += [source for meaning in self.meanings.values() for source in meaning.said.values()]
        return list(dict.fromkeys([*filter(None, (source.column for source in sources)), *self.key]))


def folded(text: str) -> str:
    """Status texts are typed by hand: case and spaces do not matter."""
    return " ".join(text.casefold().split())


def load_mapping(path: Path) -> MunicipalityMapping:
    """Read a mapping file. Raises MappingTrouble."""
    try:
        with path.open("rb") as file:
            return _Reader(tomllib.load(file)).mapping()
    except OSError as error:
        raise MappingTrouble(f"The mapping cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise MappingTrouble("The mapping is not UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        raise MappingTrouble(f"The mapping is not TOML: {error}.") from error


class _Reader:
    """Builds the mapping and gathers what is wrong on the way."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._wrong: list[str] = []
        self._asked: set[str] = set()

    def mapping(self) -> MunicipalityMapping:
        self._no_others("the file", self._document, _PARTS)
        file = self._table("file")
        self._no_others("[file]", file, _FILE)
        event = self._table("event")
        mapping = MunicipalityMapping(
            case=self._sources("case", self._table("case"), _CASE),
            event=self._sources("event", {k: v for k, v in event.items() if k != "key"}, _EVENT),
            consent=self._sources("consent", self._table("consent"), _CONSENT)
            if "consent" in self._document
            else {},
            key=tuple(self._strings("[event] key", event.get("key"), required=True)),
            meanings=self._meanings(),
            ignored=self._ignored(),
            made_up=self._made_up(),
            zone=self._zone(file.get("time_zone", "Europe/Sarajevo")),
            time_format=str(file.get("time_format", "")),
            encoding=str(file.get("encoding", "")),
            separator=str(file.get("separator", "")),
        )
        if self._wrong:
            raise MappingTrouble("The mapping needs correction:\n  - " + "\n  - ".join(self._wrong))
        return mapping

    def _table(self, name: str) -> dict[str, Any]:
        table = self._document.get(name, {})
        if isinstance(table, dict):
            return table
        self._wrong.append(f"[{name}] must be a table")
        return {}

    def _no_others(self, where: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
        for name in table:
            if name not in known:
                self._wrong.append(f"{where}: {name!r} is not known; there are {', '.join(known)}")

    # ── Sources ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _sources(self, part: str, table: Mapping[str, Any], known: Mapping[str, bool]) -> dict[str, Source]:
        self._no_others(f"[{part}]", table, tuple(known))
        for name, required in known.items():
            if required and name not in table:
                self._wrong.append(f"[{part}]: {name} is missing")
        return {
            name: self._source(f"[{part}] {name}", given) for name, given in table.items() if name in known
        }

    def _source(self, where: str, given: Any) -> Source:
        if isinstance(given, str) and given:
            return Source(column=given)
        if not isinstance(given, dict) or len({"column", "value", "made_up"} & set(given)) != 1:
            self._wrong.append(
                f'{where}: write "column", {{ column = … }}, {{ value = … }} or {{ made_up = … }}'
            )
            return Source()
        self._no_others(where, given, [field.name for field in fields(Source)])
        if "made_up" in given:
            self._asked.add(str(given["made_up"]))
            if given["made_up"] not in MAKERS:
                self._wrong.append(f"{where}: only {', '.join(MAKERS)} can be made up")
        texts = {
            name: str(value)
            for name, value in given.items()
            if name in Source.__slots__ and name != "translate"
        }
        return Source(**texts, translate=self._translation(where, given.get("translate")))

    def _translation(self, where: str, name: Any) -> Mapping[str, str] | None:
        if name is None:
            return None
        table = self._table("translate").get(name)
        if isinstance(table, dict):
            return {folded(theirs): str(ours) for theirs, ours in table.items()}
        self._wrong.append(f"{where}: there is no [translate.{name}]")
        return None

    # ── Statuses ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _meanings(self) -> dict[str, Meaning]:
        table = self._table("status")
        if not table:
            self._wrong.append("[status] is missing: it says what the status texts mean")
        return {folded(text): self._meaning(f"[status] {text!r}", given) for text, given in table.items()}

    def _meaning(self, where: str, given: Any) -> Meaning:
        given = {"status": given} if isinstance(given, str) else given if isinstance(given, dict) else {}
        self._no_others(where, given, ("status", *_OF_A_STATUS))
        status = given.get("status", "")
        if status not in STATUSES:
            self._wrong.append(f"{where}: the status must be one of {', '.join(STATUSES)}")
        said = {
            name: self._source_of_a_status(f"{where} {name}", value)
            for name, value in given.items()
            if name in _OF_A_STATUS
        }
        outcome = said.get("outcome")
        if outcome and not outcome.column and outcome.value not in OUTCOMES:
            self._wrong.append(f"{where}: the outcome must be one of {', '.join(OUTCOMES)}")
        return Meaning(str(status), said)

    def _source_of_a_status(self, where: str, given: Any) -> Source:
        return Source(value=given) if isinstance(given, str) else self._source(where, given)

    def _ignored(self) -> frozenset[str]:
        ignored = frozenset(
            folded(text) for text in self._strings("ignore", self._document.get("ignore", []))
        )
        both = ignored.intersection(map(folded, self._table("status")))
        self._wrong.extend(f"{text!r} is in [status] and in ignore" for text in sorted(both))
        return ignored

    # ── The rest ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _strings(self, where: str, given: Any, *, required: bool = False) -> list[str]:
        if (
            isinstance(given, list)
            and all(isinstance(text, str) for text in given)
            and (given or not required)
        ):
            return given
        self._wrong.append(f"{where} must be a list of texts")
        return []

    def _made_up(self) -> MadeUp:
        table = self._table("made_up")
        self._no_others("[made_up]", table, [field.name for field in fields(MadeUp)])
        lists = {
            name: tuple(self._strings(f"[made_up] {name}", table[name], required=True))
            for name in ("first_names", "last_names", "subjects", "institutions")
            if name in table
        }
        made_up = MadeUp(self._number(table), consent_share=self._share(table), **lists)
        needed = {name for what in self._asked for name in _MADE_OF.get(what, ())}
        self._wrong.extend(
            f"[made_up] {name} is missing" for name in sorted(needed) if not getattr(made_up, name)
        )
        return made_up

    def _number(self, table: Mapping[str, Any]) -> str:
        template = str(table.get("number", ""))
        try:
            template.format(serial="1", year=2026)
        except (LookupError, ValueError):
            self._wrong.append("[made_up] number may have {serial} and {year} in it, and no other brackets")
        return template

    def _share(self, table: Mapping[str, Any]) -> float:
        share = table.get("consent_share", 0)
        if isinstance(share, int | float) and 0 <= share <= 1:
            return share
        self._wrong.append("[made_up] consent_share must be a number from 0 to 1")
        return 0

    def _zone(self, name: Any) -> ZoneInfo:
        try:
            return ZoneInfo(str(name))
        except (KeyError, ValueError):
            self._wrong.append(f"[file] time_zone: {name!r} is not known; write Europe/Sarajevo")
            return ZoneInfo("UTC")
