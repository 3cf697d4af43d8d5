"""Consent after the registration: giving it later, and taking it back."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from telal.cases.models import Applicant, Case
from telal.counter.access import may
from telal.counter.case import show_case
from telal.counter.forms import ConsentForm
from telal.counter.slip import show_slip
from telal.notices.consents import invite, live_consents, record_consent, withdraw
from telal.notices.models import Consent


@require_POST
@may("consents.record", of=Case)
def give_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Consent for a case that has none. Twice leads to the case: the first answer holds the slip."""
    case = get_object_or_404(Case.objects.select_related("applicant"), pk=pk)
    form = ConsentForm(request.POST, auto_id="consent_%s")
    if not form.is_valid():
        return show_case(request, case, consent_form=form)
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=pk)
        if live_consents(case).exists():
            return redirect("counter:case", pk)
        case.applicant = Applicant.called(case.applicant.name, form.cleaned_data["phone"])
        case.save(update_fields=["applicant"])
        consent = record_consent(
            case,
            recorded_by=request.user.get_username(),
            medium="paper",
            language=form.cleaned_data["language"],
        )
        slip = invite(consent)
    return show_slip(request, slip)


@require_POST
@may("consents.record", of=Consent, case="case")
def withdraw_consent(request: HttpRequest, pk: int) -> HttpResponse:
    consent = get_object_or_404(Consent, pk=pk)
    withdraw(consent, recorded_by=request.user.get_username(), medium="paper")
    return redirect("counter:case", consent.case_id)
