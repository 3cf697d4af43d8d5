"""What is filled in about a department, an officer, an institution; and a whole list of them, pasted."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telal.cases.merging import owner_of
from telal.cases.names import Department, Institution, Named, Officer
from telal.counter.fields import REQUIRED, Text

_MOST_LINES = 500
_MOST_SHOWN = 5
_MOST_DAYS = 365


class NameForm(forms.Form):
    """``facts`` are the fields beside the name, in the order of a pasted line. ``one`` is who is being changed, if anybody."""

    model: ClassVar[type[Named]]
    order: ClassVar[tuple[str, ...]] = ()

    name = Text(_("Naziv"), 200)
    active = forms.BooleanField(label=_("Nudi se pri unosu"), required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, one: Named | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._one = one

    @classmethod
    def of(cls, one: Named) -> "NameForm":
        return cls(one=one, initial={field: getattr(one, field) for field in cls.base_fields})

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self._one and owner_of(self.model, name) not in (None, self._one):
            raise forms.ValidationError(self._taken())
        return name

    def say_taken(self) -> None:
        """Somebody was faster."""
        self.add_error("name", self._taken())

    def _taken(self) -> str:
        return gettext(
            "Ovaj naziv već postoji, ili se pod njim vodi nešto drugo. Ako je to isto, spojite ih."
        )

    def facts(self) -> dict[str, Any]:
        """What is kept beside the name."""
        return {field: self.cleaned_data[field] for field in self.order}


class DepartmentForm(NameForm):
    model = Department


class OfficerForm(NameForm):
    model = Officer
    order = ("phone", "room", "department")

    name = Text(_("Ime i prezime"), 200)
    phone = Text(_("Telefon"), 60, required=False)
    room = Text(_("Soba"), 60, required=False)
    department = Text(_("Služba"), 200, suggestions="departments", required=False)

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "department": Department.called(self.cleaned_data["department"])}


class InstitutionForm(NameForm):
    model = Institution
    order = ("opinion_days", "contact")

    opinion_days = forms.IntegerField(
        label=_("Rok za mišljenje (dana)"),
        required=False,
        min_value=1,
        max_value=_MOST_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            name: _("Upišite broj dana od 1 do 365, ili ostavite prazno.")
            for name in ("invalid", "min_value", "max_value")
        },
    )
    contact = Text(_("Kontakt"), 200, required=False)


class ListForm(forms.Form):
    """A name a line, with what is known of it behind semicolons or tabs. All lines are taken, or none: it says which is wrong."""

    names = forms.CharField(
        label=_("Popis"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        error_messages={"required": REQUIRED},
    )

    use_required_attribute = False

    def __init__(self, line_form: type[NameForm], *args: Any) -> None:
        super().__init__(*args)
        self._line_form = line_form
        self.lines: list[NameForm] = []

    def clean_names(self) -> str:
        text: str = self.cleaned_data["names"]
        forms_by_name: dict[str, NameForm] = {}
        wrong = []
        written = [(no, line) for no, line in enumerate(text.splitlines(), 1) if line.strip(" ;\t")]
        if len(written) > _MOST_LINES:
            raise forms.ValidationError(gettext("Najviše %(most)d redova odjednom.") % {"most": _MOST_LINES})
        for no, line in written:
            form = self._read(line)
            if form.is_valid():
                forms_by_name.setdefault(form.cleaned_data["name"], form)
            else:
                why = next(iter(form.errors.values()))[0]
                wrong.append(gettext("Red %(no)d: %(why)s") % {"no": no, "why": why})
        if wrong:
            raise forms.ValidationError(wrong[:_MOST_SHOWN])
        self.lines = list(forms_by_name.values())
        return text

    def _read(self, line: str) -> NameForm:
        parts = re.split(r"[;\t]", line)
        return self._line_form(dict(zip(("name", *self._line_form.order), parts, strict=False)))
