"""The kinds of field that requests are made of: what is accepted, and the sentence for what is not."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.utils import timezone
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from telal.cases import statuses
from telal.cases.models import number_key
from telal.cases.phones import normalise_phone

FIRST_YEAR = 1990
YEARS_AHEAD = 20
CLOCKS_MAY_DIFFER = timedelta(hours=1)
LONGEST_REF = LONGEST_KEY = 200
_LONGEST_NUMBER_KEY = 100
_LAYOUT = "\t\n\r"


def wrong(sentence: str) -> PydanticCustomError:
    """The error of a field, in our own words."""
    # The text is a template to pydantic.
    return PydanticCustomError("telal", "{sentence}", {"sentence": sentence})


# ── Texts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _clean(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in _LAYOUT:
            raise wrong(f"The text contains a control character (U+{ord(character):04X}): remove it.")
    return text


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _given(text: str) -> str:
    if not text.strip():
        raise wrong("The text must not be empty.")
    return text


def _text(check: Callable[[str], str], longest: int) -> tuple[Any, ...]:
    return Field(max_length=longest), AfterValidator(check)


Subject = Annotated[str, *_text(_one_line, 500), AfterValidator(_given)]
Name = Annotated[str, *_text(_one_line, 200), AfterValidator(_given)]
NameOrNone = Annotated[str, *_text(_one_line, 200)]
Recorder = Annotated[str, *_text(_one_line, 150), AfterValidator(_given)]
Version = Annotated[str, *_text(_one_line, 40), AfterValidator(_given)]
Contact = Annotated[str, *_text(_one_line, 60)]
Barcode = Annotated[str, *_text(_one_line, 20)]
Note = Annotated[str, *_text(_clean, 2000)]


def _number(number: str) -> str:
    if len(number_key(number, timezone.localdate().year)) > _LONGEST_NUMBER_KEY:
        raise wrong("The number is too long.")
    return number


Number = Annotated[str, *_text(_one_line, 100), AfterValidator(_given), AfterValidator(_number)]


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise wrong("Give 1 to 200 printable characters.")
    return text


REF = "The id of the case in your own system: 1 to 200 printable characters, percent-encoded in an address."
KEY = "Your own id of this event: 1 to 200 printable characters. The same key again changes nothing and gets the first answer."

Ref = Annotated[str, Field(min_length=1, max_length=LONGEST_REF, description=REF), AfterValidator(_printable)]
Key = Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, description=KEY), AfterValidator(_printable)]


def _phone(text: str) -> str:
    try:
        return normalise_phone(text) if text.strip() else ""
    except ValueError as error:
        raise wrong(f"{error} Write it as +387 61 123 456 or 061 123 456.") from None


Phone = Annotated[str, *_text(_clean, 60), AfterValidator(_phone)]


def one_of(codes: Iterable[str], what: str) -> tuple[Any, ...]:
    """A text that must be one of ``codes``."""
    allowed = tuple(codes)

    def check(code: str) -> str:
        if code not in allowed:
            raise wrong(f"There is no such {what}. Use one of: {', '.join(allowed)}.")
        return code

    return AfterValidator(check), WithJsonSchema({"type": "string", "enum": list(allowed)})


Status = Annotated[str, *one_of(statuses.STATUSES, "status")]
Outcome = Annotated[str, *one_of(statuses.OUTCOMES, "outcome")]
Language = Annotated[str, *one_of(statuses.LANGUAGES, "language")]


# ── Days and moments ────────────────────────────────────────────────────────────────────────────────────────


def _sane(day: date) -> date:
    last = timezone.localdate().year + YEARS_AHEAD
    if not FIRST_YEAR <= day.year <= last:
        raise wrong(f"The year must be between {FIRST_YEAR} and {last}.")
    return day


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise wrong("Write a date as YYYY-MM-DD.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise wrong("There is no such day in the calendar.") from None
    return _sane(day)


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise wrong("Write a moment as YYYY-MM-DDThh:mm:ss+01:00; without an offset it is Sarajevo time.")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise wrong("There is no such moment.") from None
    _sane(moment)
    moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    if moment > timezone.now() + CLOCKS_MAY_DIFFER:
        raise wrong("The moment lies in the future. Check the clock of the sender and the offset.")
    return moment


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    rf"{_DAY.pattern}(?:[Tt ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,9}})?)?(?:[Zz]|[+-]\d{{2}}:?\d{{2}})?)?",
    re.ASCII,
)

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "Not in the future. Without an offset it is Sarajevo time; a date alone is the start of that day.",
        }
    ),
]
