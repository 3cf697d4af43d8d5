"""Registering a case, with consent, on one screen."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from telal.cases.models import Applicant, Case, Department, Officer, Service
from telal.counter import papers
from telal.counter.access import may
from telal.counter.fields import show_first_error
from telal.counter.forms import RegistrationForm
from telal.counter.page import page
from telal.counter.slip import show_slip
from telal.counter.statement import Filled, show_statement
from telal.notices.consents import Signatory, Slip, invite, record_consent, signed_before
from telal.notices.models import Consent, GivenAs


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
        case, slip = _save(form, ref, request.user.get_username())
    except IntegrityError:
        # The same form has arrived twice: what it asked for is done.
        return redirect("counter:case", Case.objects.get(ref=ref).pk)
    return show_slip(request, slip) if slip else redirect("counter:case", case.pk)


def _save(form: RegistrationForm, ref: str, clerk: str) -> tuple[Case, Slip | None]:
    data, signatory = form.cleaned_data, form.signed_by()
    is_own = signatory.given_as == GivenAs.APPLICANT
    with transaction.atomic():
        case = Case.register(
            source="counter",
            actor=clerk,
            ref=ref,
            applicant=Applicant.called(data["applicant_name"], data["phone"] if is_own else ""),
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
        return case, invite(consent_on_paper(case, signatory, data["language"], clerk))


def consent_on_paper(case: Case, signatory: Signatory, language: str, clerk: str) -> Consent:
    """The consent of who has signed, now or for an earlier case: the statement speaks of all of a person's cases."""
    is_own = signatory.given_as == GivenAs.APPLICANT
    earlier = signed_before(signatory.name, signatory.phone) if is_own else None
    return record_consent(
        case,
        recorded_by=clerk,
        medium="paper",
        given_at=earlier.given_at if earlier else None,
        language=language,
        signatory=signatory,
    )


def _show(request: HttpRequest, form: RegistrationForm, **more: Any) -> HttpResponse:
    show_first_error(form)
    lists = {
        "departments": Department.objects.offered(),
        "officers": Officer.objects.offered(),
        "services": Service.objects.filter(active=True),
    }
    return page(request, "register.html", {"form": form, **lists, **papers.choice(request), **more})


@require_POST
@may("cases.register", quiet=True)
def statement_before(request: HttpRequest) -> HttpResponse:
    """The statement to sign before anything is saved, filled in with what the form holds so far."""
    form = RegistrationForm(request.POST)
    form.is_valid()
    data = {**request.POST.dict(), **form.cleaned_data}
    represented = data.get("applicant_name", "") if data.get("signatory") else ""
    filled = Filled(
        name=data.get("signatory") or data.get("applicant_name", ""),
        phone=data.get("phone", ""),
        number=data.get("number", ""),
        language=data.get("language", "bs"),
        given_as=(form.cleaned_data.get("given_as") or GivenAs.ATTORNEY)
        if represented
        else GivenAs.APPLICANT,
        represents=represented,
    )
    return show_statement(request, filled, request.POST.get("script", ""))
