"""Consent after the registration: giving it later, who represents the applicant, another number, and taking it back."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from telal.cases.models import Applicant, Case
from telal.counter import papers
from telal.counter.access import may
from telal.counter.chats import chats_of
from telal.counter.fields import show_first_error, spelt
from telal.counter.forms import ConsentForm, NumberForm
from telal.counter.page import page
from telal.counter.register import consent_on_paper
from telal.counter.slip import show_slip
from telal.counter.statement import Filled, show_statement
from telal.notices.consents import Signatory, invite, live_consents, own_consents, withdraw
from telal.notices.models import Consent, GivenAs
from telal.notices.new_number import change, correct, others_of


def of_case(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What ``case_consents.html`` shows: each consent, the newest first, with the chats that hear of the case by it."""
    consents = list(case.consents.select_related("withdrawal").order_by("-id"))
    chats = chats_of(consents)
    standing = [consent for consent in consents if not hasattr(consent, "withdrawal")]
    return {
        "consents": [(consent, chats[consent.pk]) for consent in consents],
        "is_consented": bool(standing),
        "has_own_consent": any(consent.given_as == GivenAs.APPLICANT for consent in standing),
        **papers.choice(request),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@may("consents.record", of=Case)
def give_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """The applicant's consent, where they have given none that stands, or that of somebody who represents them.

    The same one twice leads to the case: the first answer holds the slip.
    """
    case = get_object_or_404(Case.objects.select_related("applicant"), pk=pk)
    may_be_applicant = not own_consents(case).exists()
    if request.method != "POST":
        asked = request.GET.get("as", "")
        given_as = asked if asked in GivenAs.values else GivenAs.APPLICANT
        initial = {
            "given_as": given_as if may_be_applicant or asked else GivenAs.ATTORNEY,
            "phone": case.applicant.phone if given_as == GivenAs.APPLICANT else "",
        }
        form = ConsentForm(initial=initial, may_be_applicant=may_be_applicant)
        first = "phone" if initial["given_as"] == GivenAs.APPLICANT else "name"
        form.fields[first].widget.attrs["autofocus"] = True
        return _show_consent(request, case, form)
    form = ConsentForm(request.POST, may_be_applicant=True)
    if not form.is_valid():
        return _show_consent(request, case, form)
    clerk = request.user.get_username()
    with transaction.atomic():
        case = Case.objects.select_for_update(no_key=True).get(pk=pk)
        signatory = form.signed_by(case.applicant.name)
        if _stands(case, signatory):
            return redirect("counter:case", pk)
        if signatory.given_as == GivenAs.APPLICANT:
            case.applicant = Applicant.called(case.applicant.name, signatory.phone)
            case.save(update_fields=["applicant"])
        slip = invite(consent_on_paper(case, signatory, form.cleaned_data["language"], clerk))
    return show_slip(request, slip)


def _stands(case: Case, signatory: Signatory) -> bool:
    """One consent of the applicant's, and one of each who represents them."""
    if signatory.given_as == GivenAs.APPLICANT:
        return own_consents(case).exists()
    return live_consents(case).filter(given_as=signatory.given_as, person=signatory.name).exists()


def _show_consent(request: HttpRequest, case: Case, form: ConsentForm) -> HttpResponse:
    show_first_error(form)
    return page(request, "consent.html", {"case": case, "form": form, **papers.choice(request)})


@require_POST
@may("consents.record", of=Case)
def consent_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement to sign before anything is saved, with what the form beside it holds so far."""
    case = get_object_or_404(Case.objects.select_related("applicant"), pk=pk)
    typed = request.POST
    is_own = typed.get("given_as", GivenAs.APPLICANT) not in (GivenAs.ATTORNEY, GivenAs.GUARDIAN)
    filled = Filled(
        name=case.applicant.name if is_own else typed.get("name", ""),
        phone=spelt(typed.get("phone", "")),
        number=case.number,
        language=typed.get("language", "bs"),
        given_as=GivenAs.APPLICANT if is_own else typed["given_as"],
        represents="" if is_own else case.applicant.name,
    )
    return show_statement(request, filled, typed.get("script", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@may("consents.record", of=Consent, case="case")
def new_number(request: HttpRequest, pk: int) -> HttpResponse:
    """Another number on a consent: it ends, and one with the new number takes its place, with a slip of its own."""
    consent = get_object_or_404(_standing(), pk=pk)
    others = others_of(consent)
    if request.method != "POST":
        initial = {"why": NumberForm.CHANGED, "everywhere": True}
        return _show_number(request, consent, NumberForm(consent.phone, initial=initial), others)
    form = NumberForm(consent.phone, request.POST)
    if not form.is_valid():
        return _show_number(request, consent, form, others)
    data = form.cleaned_data
    wanted = [pk, *(others.values_list("pk", flat=True) if data["everywhere"] else ())]
    act = change if data["why"] == NumberForm.CHANGED else correct
    with transaction.atomic():
        new = act(wanted, data["phone"], recorded_by=request.user.get_username())
        slip = invite(new[pk]) if pk in new else None
    return show_slip(request, slip) if slip else redirect("counter:case", consent.case_id)


def _show_number(
    request: HttpRequest, consent: Consent, form: NumberForm, others: QuerySet[Consent]
) -> HttpResponse:
    show_first_error(form)
    context = {
        "consent": consent,
        "case": consent.case,
        "form": form,
        "others": others.count(),
        **papers.choice(request),
    }
    return page(request, "new_number.html", context)


def _standing() -> QuerySet[Consent]:
    return Consent.objects.select_related("case").filter(withdrawal=None)


@require_POST
@may("consents.record", of=Consent, case="case")
def withdraw_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Taken back by who gave it; or it ends because they no longer represent the applicant."""
    consent = get_object_or_404(Consent, pk=pk)
    is_over = consent.given_as != GivenAs.APPLICANT and request.POST.get("why") == "mandate"
    withdraw(consent, recorded_by=request.user.get_username(), medium="mandate" if is_over else "paper")
    return redirect("counter:case", consent.case_id)
