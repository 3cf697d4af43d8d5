"""What clerks fill in: the case, a consent, answers and hours."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telal.cases.models import Case, Kind, Service, number_key
from telal.cases.numbers import redact_personal_numbers
from telal.cases.rules import in_force
from telal.counter.fields import TOO_LONG, Choice, Day, Phone, Text, WorkingHours
from telal.counter.words import LANGUAGES
from telal.notices.consents import Signatory
from telal.notices.models import GivenAs

_REPRESENTING = [(role.value, role.label) for role in GivenAs if role != GivenAs.APPLICANT]
_PHONE_NEEDED = _("Za saglasnost je potreban broj telefona.")


class RegistrationForm(forms.Form):
    """``key`` is new with every empty form: a form that arrives twice registers once."""

    number = Text(_("Broj predmeta"), 100)
    barcode = Text(_("Bar-kod"), 20, required=False)
    kind = Choice(_("Vrsta"), Kind.choices, initial=Kind.ADMINISTRATIVE)
    service = Text(_("Usluga"), 200, suggestions="services", required=False)
    subject = Text(_("Predmet zahtjeva"), 500)
    received_on = Day(_("Primljeno"))
    due_on = Day(_("Rok za rješavanje"), required=False)
    department = Text(_("Služba"), 200, suggestions="departments", required=False)
    officer = Text(_("Službenik"), 200, suggestions="officers", required=False)
    phone = Phone(label=_("Telefon"), required=False)
    applicant_name = Text(_("Ime i prezime"), 200)
    signatory = Text(_("Ime i prezime zastupnika"), 200, required=False)
    given_as = Choice(_("Svojstvo"), _REPRESENTING, initial=GivenAs.ATTORNEY, required=False)
    consent = forms.BooleanField(label=_("Saglasnost je potpisana"), required=False)
    language = Choice(_("Jezik poruka"), list(LANGUAGES.items()), initial="bs", widget=forms.RadioSelect)
    sensitive = forms.BooleanField(label=_("Osjetljiv predmet"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs["autofocus"] = True
        self.fields["barcode"].widget.attrs["data-scan"] = True

    def clean_barcode(self) -> str:
        """Readers read whatever is held in front of them, identity cards too."""
        barcode: str = self.cleaned_data["barcode"]
        if redact_personal_numbers(barcode) != barcode:
            raise forms.ValidationError(_("Ovo je JMBG, a ne bar-kod predmeta."))
        return barcode

    def clean_service(self) -> Service | None:
        said: str = self.cleaned_data["service"]
        service = in_force().service_called(said)
        if said and (service is None or not service.active):
            raise forms.ValidationError(
                gettext("Nema takve usluge. Izaberite je s popisa ili ostavite prazno.")
            )
        return service

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        if redact_personal_numbers(subject) != subject:
            raise forms.ValidationError(_("Izostavite JMBG: ovaj tekst ide građaninu u poruci."))
        return subject

    def clean_received_on(self) -> date:
        received_on: date = self.cleaned_data["received_on"]
        if received_on > timezone.localdate():
            raise forms.ValidationError(_("Datum prijema ne može biti u budućnosti."))
        return received_on

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if service := data.get("service"):
            data["kind"], data["sensitive"] = service.kind, data.get("sensitive") or service.sensitive
        received_on, due_on = data.get("received_on"), data.get("due_on")
        if received_on and due_on and due_on < received_on:
            self.add_error("due_on", _("Rok ne može biti prije prijema."))
        if data.get("consent") and data.get("phone") == "":
            self.add_error("phone", _PHONE_NEEDED)
        if data.get("signatory") and not data.get("consent"):
            self.add_error("signatory", _("Zastupnik se upisuje uz saglasnost koju je potpisao."))
        return data

    def signed_by(self) -> Signatory:
        """Who signs, and whose the phone is: the applicant, unless somebody represents them."""
        data = self.cleaned_data
        if data["signatory"]:
            return Signatory(data["signatory"], data["phone"], data["given_as"] or GivenAs.ATTORNEY)
        return Signatory(data["applicant_name"], data["phone"])

    def same_number(self) -> list[Case]:
        """Cases already registered under this number, unless the clerk has confirmed that this is another one."""
        key = number_key(self.cleaned_data["number"], self.cleaned_data["received_on"].year)
        if self.cleaned_data["confirmed"] == key:
            return []
        return list(Case.objects.filter(number_key=key).select_related("applicant").order_by("-id")[:5])


class ConsentForm(forms.Form):
    """A consent for a case that is registered already: the applicant's, or that of somebody who represents them."""

    given_as = Choice(_("Ko potpisuje"), GivenAs.choices, widget=forms.RadioSelect)
    name = Text(_("Ime i prezime zastupnika"), 200, required=False)
    phone = Phone(label=_("Telefon"), error_messages={"required": _PHONE_NEEDED})
    language = Choice(_("Jezik poruka"), list(LANGUAGES.items()), initial="bs", widget=forms.RadioSelect)
    signed = forms.BooleanField(
        label=_("Izjava o saglasnosti je potpisana"),
        error_messages={"required": _("Bez potpisa nema poruka.")},
    )

    use_required_attribute = False

    def __init__(self, *args: Any, may_be_applicant: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given_as = self.fields["given_as"]
        assert isinstance(given_as, forms.ChoiceField)
        given_as.choices = list(GivenAs.choices if may_be_applicant else _REPRESENTING)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("given_as", GivenAs.APPLICANT) != GivenAs.APPLICANT and not data.get("name"):
            self.add_error("name", _("Upišite ko zastupa stranku."))
        return data

    def signed_by(self, applicant: str) -> Signatory:
        data = self.cleaned_data
        is_own = data["given_as"] == GivenAs.APPLICANT
        return Signatory(applicant if is_own else data["name"], data["phone"], data["given_as"])


class NumberForm(forms.Form):
    """Another number on a consent, and why."""

    CHANGED, CORRECTED = "changed", "corrected"

    why = Choice(
        _("Zašto"),
        [
            (CHANGED, _("Stranka ima novi broj telefona")),
            (CORRECTED, _("Broj je bio pogrešno upisan")),
        ],
        widget=forms.RadioSelect,
    )
    phone = Phone(label=_("Novi broj telefona"), error_messages={"required": _PHONE_NEEDED})
    everywhere = forms.BooleanField(required=False)
    signed = forms.BooleanField(required=False, label=_("Izjava s novim brojem je potpisana"))

    use_required_attribute = False

    def __init__(self, present: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._present = present
        self.fields["phone"].widget.attrs["autofocus"] = True

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone == self._present:
            raise forms.ValidationError(_("Ovo je broj koji već stoji."))
        return phone

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("why") == self.CHANGED and not data.get("signed"):
            self.add_error("signed", _("Novi broj traži novu potpisanu izjavu: ona kaže čiji je broj."))
        return data


class AnswerForm(forms.Form):
    """An answer to a question of a citizen's; empty when there is nothing to send."""

    answer = forms.CharField(
        label=_("Odgovor"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )
    settled = forms.BooleanField(required=False)

    use_required_attribute = False

    def clean_answer(self) -> str:
        answer: str = self.cleaned_data["answer"].strip()
        if redact_personal_numbers(answer) != answer:
            raise forms.ValidationError(_("Izostavite JMBG: ovo ide građaninu u poruci."))
        return answer

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not data.get("settled") and data.get("answer") == "":
            self.add_error(
                "answer", _("Upišite odgovor, ili pritisnite Riješeno ako ste javili na drugi način.")
            )
        return data


class WeekForm(forms.Form):
    """The hours of each day of the week, as clerks write them."""

    monday = WorkingHours(_("Ponedjeljak"))
    tuesday = WorkingHours(_("Utorak"))
    wednesday = WorkingHours(_("Srijeda"))
    thursday = WorkingHours(_("Četvrtak"))
    friday = WorkingHours(_("Petak"))
    saturday = WorkingHours(_("Subota"))
    sunday = WorkingHours(_("Nedjelja"))

    @classmethod
    def of(cls, week: Mapping[int, str]) -> "WeekForm":
        """The form as a page first shows it; ``week`` by weekday, 0 being Monday."""
        return cls(initial={name: week.get(place, "") for place, name in enumerate(cls.base_fields)})

    def week(self) -> list[str]:
        """Hours from Monday to Sunday, in one spelling."""
        return [self.cleaned_data[name] for name in self.fields]


class ExceptionalForm(forms.Form):
    """Other hours for a day or for some time, or none."""

    first_day = Day(_("Od dana"))
    last_day = Day(_("Do dana"), required=False)
    hours = WorkingHours(_("Radno vrijeme"))
    reason = Text(_("Razlog"), 100, required=False)

    use_required_attribute = False

    def clean_last_day(self) -> date | None:
        """The same day, unless another one is given."""
        return self.cleaned_data["last_day"] or self.cleaned_data.get("first_day")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", gettext("Posljednji dan ne može biti prije prvog."))
        elif last and last < timezone.localdate():
            self.add_error("last_day" if first != last else "first_day", gettext("To je već prošlo."))
        return data
