"""Form fields that take what clerks type and say back one spelling."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from telal.cases.office import read_hours, written_hours
from telal.cases.phones import normalise_phone
from telal.counter.templatetags.counter import day

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REQUIRED = _("Upišite ovaj podatak.")
TOO_LONG = _("Predugo: najviše %(limit_value)d znakova.")

# In any other, somebody has mistyped.
_YEARS = range(1900, 2200)
_DATES = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d%m%Y")
_MOMENTS = ("%d.%m.%Y.%H:%M", "%d.%m.%Y%H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d%H:%M")


class Text(forms.CharField):
    """One line of text. ``suggestions`` is the id of a datalist."""

    def __init__(
        self, label: "StrOrPromise", max_length: int, *, suggestions: str = "", **options: Any
    ) -> None:
        attrs = {"autocomplete": "off", **({"list": suggestions} if suggestions else {})}
        options.setdefault("widget", forms.TextInput(attrs=attrs))
        messages = {"required": REQUIRED, "max_length": TOO_LONG}
        super().__init__(label=label, max_length=max_length, error_messages=messages, **options)

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


class WorkingHours(Text):
    """``8-16`` or ``8:00–12:00, 12:30–16:00``, in one spelling; empty when nobody works."""

    def __init__(self, label: "StrOrPromise") -> None:
        attrs = {"autocomplete": "off", "placeholder": _("ne radi")}
        super().__init__(label, 100, required=False, widget=forms.TextInput(attrs=attrs))

    def to_python(self, value: Any) -> str:
        try:
            return written_hours(read_hours(super().to_python(value)))
        except ValueError:
            raise forms.ValidationError(
                _("Ovo nije radno vrijeme. Primjer: 8:00–12:00, 12:30–16:00")
            ) from None


class Choice(forms.ChoiceField):
    """One of a few."""

    def __init__(self, label: "StrOrPromise", choices: Any, **options: Any) -> None:
        messages = {"required": _("Izaberite."), "invalid_choice": _("Izaberite nešto s popisa.")}
        super().__init__(label=label, choices=choices, error_messages=messages, **options)


class Day(forms.Field):
    """A date in any of the usual spellings."""

    widget = forms.TextInput(
        attrs={"autocomplete": "off", "inputmode": "numeric", "placeholder": _("d. m. gggg.")}
    )

    def __init__(self, label: "StrOrPromise", **options: Any) -> None:
        super().__init__(label=label, error_messages={"required": REQUIRED}, **options)

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, date) or not value:
            return value or None
        found = _parsed("".join(value.split()).rstrip("."), _DATES)
        if found is None:
            raise forms.ValidationError(_("Ovo nije datum. Primjer: 22. 11. 2026."))
        return found.date()

    def prepare_value(self, value: Any) -> Any:
        return day(value) if isinstance(value, date) else value


class Moment(forms.Field):
    """A date with time; a date alone is its midnight. Empty stays None."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("sada")})

    def to_python(self, value: Any) -> datetime | None:
        text = "".join((value or "").split())
        if not text:
            return None
        found = _parsed(text, _MOMENTS) or _parsed(text.rstrip("."), _DATES)
        if found is None:
            raise forms.ValidationError(_("Ovo nije datum i vrijeme. Primjer: 22. 11. 2026. 14:30"))
        return timezone.make_aware(found)


class Phone(forms.CharField):
    """A telephone number in any spelling, as E.164."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"})

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        try:
            return normalise_phone(text) if text else ""
        except ValueError:
            raise forms.ValidationError(
                _("Ovo nije ispravan broj telefona. Primjer: 061 123 456, iz inostranstva +43 660 123 4567.")
            ) from None


def spelt(typed: str) -> str:
    """The number as E.164, or as it was typed where it is none yet."""
    try:
        return normalise_phone(typed)
    except ValueError:
        return typed.strip()


def _parsed(text: str, formats: Sequence[str]) -> datetime | None:
    for format_ in formats:
        with suppress(ValueError):
            found = datetime.strptime(text, format_)  # noqa: DTZ007  (local time of the clerk)
            if found.year in _YEARS:
                return found
    return None


def show_first_error(form: forms.BaseForm) -> None:
    """Put the cursor into the first field that is wrong, or into the first one."""
    first = next((name for name in form.fields if name in form.errors), "")
    for name, field in form.fields.items():
        if name == first:
            field.widget.attrs["autofocus"] = True
        elif first:
            field.widget.attrs.pop("autofocus", None)
