"""Services and how long each may take: what the municipality offers, as its register of procedures has it."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from telal.cases.folding import fold
from telal.cases.rules import MOST_DAYS, Kind, Procedure, Service, in_force
from telal.counter.access import may
from telal.counter.fields import Choice, Text, show_first_error
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.counter.search import every_word_in
from telal.counter.services_file import LARGEST_FILE, Unusable, read_services, written_services


class Days(forms.IntegerField):
    """A number of days, or none."""

    def __init__(self, label: Any, **options: Any) -> None:
        messages = {
            "invalid": _("Upišite broj dana, na primjer 30."),
        }
        attrs = {"autocomplete": "off", "inputmode": "numeric", "maxlength": 6}
        super().__init__(
            label=label,
            required=False,
            widget=forms.TextInput(attrs=attrs),
            error_messages=messages,
            **options,
        )
        self.validators += [
            MinValueValidator(1, _("Najmanje jedan dan.")),
            MaxValueValidator(MOST_DAYS, _("Najviše deset godina.")),
        ]


class ServiceForm(forms.Form):
    """One service. Its name and its code are its alone."""

    name = Text(_("Naziv usluge"), 200)
    code = Text(_("Šifra"), 40, required=False)
    kind = Choice(_("Vrsta"), Kind.choices, initial=Kind.ADMINISTRATIVE)
    procedure = Choice(_("Postupak"), Procedure.choices, initial=Procedure.ORDINARY)
    days = Days(_("Rok u danima"))
    completeness_days = Days(_("Provjera potpunosti, dana"))
    sensitive = forms.BooleanField(label=_("Osjetljiva"), required=False)
    active = forms.BooleanField(label=_("U ponudi"), required=False, initial=True)

    use_required_attribute = False

    def __init__(self, service: Service, data: Any = None) -> None:
        kept = {name: getattr(service, name) for name in self.base_fields}
        super().__init__(data, initial=kept)
        self._service = service

    def clean_name(self) -> str:
        return self._alone("name", gettext("Usluga s ovim nazivom već postoji."))

    def clean_code(self) -> str:
        return self._alone("code", gettext("Ovu šifru već ima druga usluga."))

    def _alone(self, field: str, complaint: str) -> str:
        """Code and name are looked up alike, in any spelling."""
        text: str = self.cleaned_data[field]
        others = Service.objects.exclude(pk=self._service.pk).values_list("name", "code")
        if text and fold(text) in {fold(word) for words in others for word in words}:
            raise forms.ValidationError(complaint)
        return text

    def save(self) -> Service:
        for name, value in self.cleaned_data.items():
            setattr(self._service, name, value)
        self._service.save()
        return self._service


@require_safe
@may("office.see")
def services(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@may("office.settings")
def new_service(request: HttpRequest) -> HttpResponse:
    return _edit(request, Service())


@require_http_methods(["GET", "HEAD", "POST"])
@may("office.settings")
def service(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Service, pk=pk))


@require_safe
@may("office.see")
def export_services(_: HttpRequest) -> HttpResponse:
    return HttpResponse(
        written_services(Service.objects.all()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="usluge.csv"'},
    )


@require_POST
@may("office.settings")
def import_services(request: HttpRequest) -> HttpResponse:
    """All of the file, or nothing of it."""
    file = request.FILES.get("file")
    if file is None:
        return _list(request, wrong=[gettext("Izaberite datoteku.")])
    if (file.size or 0) > LARGEST_FILE:
        return _list(request, wrong=[gettext("Datoteka je prevelika: najviše 1 MB.")])
    try:
        added, changed = read_services(file.read())
    except Unusable as unusable:
        return _list(request, wrong=unusable.complaints)
    return _list(request, done={"added": added, "changed": changed})


def _list(request: HttpRequest, **more: Any) -> HttpResponse:
    """Those that are offered first; ``q`` is a part of the name, or the code."""
    text = request.GET.get("q", "").strip()
    wanted = every_word_in("name", text) | Q(code=text) if text else Q()
    found = Service.objects.filter(wanted).order_by("-active", "name")
    some, further = a_page(found, request.GET.get("after", ""))
    usual = in_force().rules.days
    context = {"rows": [(one, usual[one.procedure]) for one in some], "further": further, "q": text}
    return page(request, "services.html", context | more)


def _edit(request: HttpRequest, service: Service) -> HttpResponse:
    form = ServiceForm(service, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save()
        return redirect("counter:services")
    show_first_error(form)
    if not form.is_bound:
        form.fields["name"].widget.attrs["autofocus"] = True
    return page(request, "service.html", {"form": form, "service": service})
