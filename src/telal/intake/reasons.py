"""Why a row cannot be used: in words for whoever imports, and as a code that screens put into the words of theirs."""

from dataclasses import dataclass

# A code, and what is said with it.
WORDS = {
    "missing": "there is no {field}",
    "status": "the mapping does not know this status",
    "unlisted": "the {field} must be, or be translated to, one of {these}",
    "no_date": "{field} is no date of the form that the mapping expects",
    "too_long": "{field} is longer than {longest} characters",
    "quotation": "a quotation mark is not closed, or stands inside a cell.",
    "cells": "{cells} cells where the header has {expected}.",
    "cut_off": "the file ends there without a line break: it may be half-written.",
    "made_up": "{why}",
    "meanwhile": "the same case or event has just come in another way; import the file again",
    "value": "the database does not take a value of this row",
}
# How a field is called where its name says too little.
_FIELDS = {"received_on": "date of receipt", "kind": "kind of case"}


@dataclass(frozen=True, slots=True)
class Reason:
    """``field`` is the one to blame, by its name in a mapping; empty where it is the whole row."""

    code: str
    words: str
    field: str = ""

    @classmethod
    def of(cls, code: str, field: str = "", **values: object) -> "Reason":
        return cls(code, WORDS[code].format(field=_FIELDS.get(field, field), **values), field)

    def __str__(self) -> str:
        return self.words

    @property
    def kept(self) -> str:
        """As it stands in the work list."""
        return ": ".join(filter(None, (f"row_{self.code}", self.field)))
