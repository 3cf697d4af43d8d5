"""Registering a case, with consent, on one screen."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from telal.cases.models import Applicant, Case, Department, Officer, Service
from telal.cases.phones import is_mobile, normalise_phone
from telal.counter.access import may
from telal.counter.fields import show_first_error
from telal.counter.forms import RegistrationForm
from telal.counter.page import page
from telal.counter.slip import show_slip
from telal.counter.statement import Signatory, show_statement
from telal.notices.consents import Slip, invite, record_consent


@require_http_methods(["GET", "HEAD", "POST"])
@may("cases.register")
def register(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(
            request, RegistrationForm(initial={"key": uuid.uuid4(), "received_on": timezone.localdate()})
        )
    form = RegistrationForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    if same := form.same_number():
        return _show(request, form, same=same, same_key=same[0].number_key)
    ref = f"counter:{form.cleaned_data['key']}"
    try:
        case, slip = _save(form.cleaned_data, ref, request.user.get_username())
    except IntegrityError:
        # The same form has arrived twice: what it asked for is done.
        return redirect("counter:case", Case.objects.get(ref=ref).pk)
    return show_slip(request, slip) if slip else redirect("counter:case", case.pk)


def _save(data: dict[str, Any], ref: str, clerk: str) -> tuple[Case, Slip | None]:
    with transaction.atomic():
        case = Case.register(
            source="counter",
            actor=clerk,
            ref=ref,
            applicant=Applicant.called(data["applicant_name"], data["phone"]),
            department=Department.called(data["department"]),
            officer=Officer.called(data["officer"]),
            **{
                field: data[field]
                for field in (
                    *("number", "barcode", "kind", "service", "subject", "sensitive"),
                    *("received_on", "due_on"),
                )
            },
        )
        if not data["consent"]:
            return case, None
        consent = record_consent(case, recorded_by=clerk, medium="paper", language=data["language"])
        return case, invite(consent)


def _show(request: HttpRequest, form: RegistrationForm, **more: Any) -> HttpResponse:
    show_first_error(form)
    lists = {
        "departments": Department.objects.offered(),
        "officers": Officer.objects.offered(),
        "services": Service.objects.filter(active=True),
    }
    return page(request, "register.html", {"form": form, **lists, **more})


@require_POST
@may("cases.register", quiet=True)
def phone_hint(request: HttpRequest) -> HttpResponse:
    """The number said back while the clerk types on. Posted, for a number does not belong into an address."""
    typed = request.POST.get("phone", "").strip()
    try:
        phone = normalise_phone(typed) if typed else ""
    except ValueError:
        return render(request, "counter/phone_hint.html", {"wrong": True})
    return render(
        request, "counter/phone_hint.html", {"phone": phone, "is_mobile": bool(phone) and is_mobile(phone)}
    )


@require_POST
@may("cases.register", quiet=True)
def statement_before(request: HttpRequest) -> HttpResponse:
    """The statement to sign before anything is saved, filled in with what the form holds so far."""
    form = RegistrationForm(request.POST)
    form.is_valid()
    data = {**request.POST.dict(), **form.cleaned_data}
    signatory = Signatory(
        name=data.get("applicant_name", ""),
        phone=data.get("phone", ""),
        number=data.get("number", ""),
        language=data.get("language", "bs"),
    )
    return show_statement(request, signatory, request.POST.get("script", ""))
