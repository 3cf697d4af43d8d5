"""The slip that a citizen takes home, and the moment their phone is connected."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import segno
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.counter import code128, papers
from telal.counter.access import may
from telal.counter.noting import concerns
from telal.counter.page import page
from telal.counter.statement import office
from telal.counter.templatetags.counter import day
from telal.counter.words import LANGUAGES
from telal.notices import doubts
from telal.notices.consents import Slip, find_invitation, invite, live_consents, with_pin
from telal.notices.models import Consent, GivenAs, Invitation, ProvenPhone, Subscription
from telal.notices.pins import judge, remaining

# So long after it was made a slip may be printed: token and PIN are in the clerk's page, signed, and nowhere else.
PRINTABLE_FOR = timedelta(minutes=30)
# So long the citizen is thought to stand at the counter.
_AT_THE_COUNTER = timedelta(minutes=10)
_SALT = "telal.counter.slip"


def show_slip(request: HttpRequest, slip: Slip) -> HttpResponse:
    """The only time that token and PIN are shown: only hashes of them are kept, so this answers the POST that made them."""
    consent = slip.consent
    context = {
        "slip": slip,
        "case": slip.case,
        "consent": consent,
        "expires_on": timezone.localdate(slip.expires_at),
        "qr": _qr(slip.url),
        "signed": signing.dumps({"token": slip.token, "pin": slip.pin}, salt=_SALT),
        **papers.choice(request),
        "languages": LANGUAGES,
        **_binding(consent),
    }
    return page(request, "slip.html", context)


@require_POST
@may("consents.record", of=Consent, case="case")
def new_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Another slip, since the first one cannot be shown again. It ends here."""
    consent = get_object_or_404(Consent.objects.select_related("case__applicant", "withdrawal"), pk=pk)
    standing = live_consents(consent.case).filter(pk=pk).exists()
    return show_slip(request, invite(consent)) if standing else redirect("counter:case", consent.case_id)


# ── On paper ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@may("cases.register", of=Case)
def slip_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip of this case as PDF, from what the page that showed it has kept."""
    try:
        kept = signing.loads(request.POST.get("slip", ""), salt=_SALT, max_age=PRINTABLE_FOR)
    except signing.BadSignature:
        return _gone(request)
    invitation = find_invitation(kept["token"])
    if invitation is None or invitation.ended_at or invitation.consent.case_id != pk:
        return _gone(request)
    concerns(request, f"cases/{invitation.consent.case_id}", f"consents/{invitation.consent_id}")
    language = request.POST.get("language", "")
    slip = Slip(invitation.consent, kept["token"], kept["pin"], invitation.expires_at)
    values = _values(slip, language if language in LANGUAGES else slip.consent.language)
    return papers.shown(papers.pdf("slip", papers.chosen(request), values), "potvrda")


def _gone(request: HttpRequest) -> HttpResponse:
    return page(request, "slip_gone.html", status=410)


def _values(slip: Slip, language: str) -> dict[str, Any]:
    case, consent = slip.case, slip.consent
    represented = case.applicant.name if consent.given_as != GivenAs.APPLICANT else ""
    return {
        "words": language,
        "language": language,
        **office(in_cyrillic=language == "sr"),
        "number": case.number,
        "received": day(case.received_on),
        "represented": represented,
        "pin": slip.pin,
        "expires": day(timezone.localdate(slip.expires_at)),
        "qr": _drawn_qr(slip.url),
        "barcode": _barcode(case.barcode or case.number),
    }


# A receipt printer has 8 dots a millimetre: bars of whole dots are sharp. The narrowest that readers like, and what fits on a roll.
_MODULES_MM = (0.375, 0.25)
_ROLL_MM = 72


def _barcode(text: str) -> dict[str, Any] | None:
    """What a reader at the counter finds the case by; None for a number that no barcode on a roll can hold."""
    try:
        drawn = code128.bars(text)
    except code128.Unprintable:
        return None
    modules = code128.width(drawn)
    module = next((mm for mm in _MODULES_MM if mm * modules <= _ROLL_MM), None)
    if module is None:
        return None
    path = "".join(f"M{start} 0h{width}v40h-{width}z" for start, width in drawn)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{modules}" height="40" viewBox="0 0 {modules} 40">'
        f'<path d="{path}"/></svg>'
    )
    return {"svg": svg, "width": modules * module, "text": text}


def _drawn_qr(url: str) -> str:
    return segno.make(url, error="m", micro=False).svg_inline(border=2, scale=4)


def _qr(url: str) -> SafeString:
    code = segno.make(url, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None))  # noqa: S308


# ── The phone ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Step:
    """How far the citizen has come: what to say, how it looks, and after how many seconds to look again (0: not any more)."""

    title: str | Promise
    detail: str | Promise
    tone: str
    icon: str
    again: int = 1


_STEPS = {
    "bound": _Step(_("Viber je povezan"), _("Prva poruka je na putu."), "good", "check", 0),
    "asked": _Step(
        _("Viber je povezan, ali još ništa ne šaljemo"),
        _("U razgovoru smo pitali je li to i dalje ista osoba. Neka odgovori Da."),
        "wait",
        "question",
    ),
    "ended": _Step(_("Ova potvrda više ne važi"), "", "calm", "minus", 0),
    "opened": _Step(_("Razgovor je otvoren"), _("Još treba pritisnuti Počni."), "wait", "clock"),
    "known": _Step(
        _("Broj je već potvrđen u Viberu"), _("Predmet se povezuje sam: kod ne treba skenirati."), "wait", "clock"
    ),
    "waiting": _Step(
        _("Čeka se telefon"), _("Ovaj ekran pozeleni čim se Viber poveže."), "wait", "clock"
    ),
    "later": _Step(
        _("Telefon se još nije povezao"), _("Stranka to može uraditi i kod kuće."), "wait", "clock", 5
    ),
}  # fmt: skip


@require_safe
@may("cases.see", of=Consent, case="case", by_itself=True)
def binding(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the citizen who holds the slip has come; asked again and again while the slip is on the screen.

    Nothing (204) while it is as the page has it, so that what is read aloud is only what is new.
    """
    consent = get_object_or_404(Consent, pk=pk)
    present = _binding(consent)
    if request.GET.get("have") == present["step"]:
        return HttpResponse(status=204)
    return render(request, "counter/binding.html", {"consent": consent, **present})


def _binding(consent: Consent) -> dict[str, Any]:
    step = _step(consent, timezone.now())
    return {"step": step, "said": _STEPS[step]}


def _step(consent: Consent, now: datetime) -> str:
    slip = Invitation.objects.filter(consent=consent).order_by("-pk").first()
    live = Subscription.objects.filter(consent=consent, ended_at=None)
    chats = live.filter(created_at__gte=slip.created_at) if slip and not slip.used_at else live
    chat_ids = set(chats.values_list("contact", flat=True))
    if chat_ids or (slip and slip.used_at):
        return "asked" if chat_ids and chat_ids <= doubts.among(chat_ids) else "bound"
    if slip is None or slip.ended_at:
        return "ended"
    if slip.opened_at:
        return "opened"
    if consent.phone_hash and _holders(consent.phone_hash):
        return "known"
    return "waiting" if now - slip.created_at < _AT_THE_COUNTER else "later"


def _holders(phone_hash: str) -> bool:
    return ProvenPhone.objects.filter(phone_hash=phone_hash, contact__reachable=True).exists()


@require_POST
@may("pins.check", of=Case)
@transaction.atomic
def check_pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Does somebody who asks about the case, here or by telephone, hold one of its slips? Who is wrong too often has to wait."""
    case = get_object_or_404(Case.objects.select_for_update(no_key=True), pk=pk)  # one try after the other
    slips = Invitation.objects.filter(consent__in=live_consents(case), ended_at=None).select_related(
        "consent"
    )
    _newest, right = with_pin(slips, request.POST.get("pin", "").strip())
    now = timezone.now()
    answer = judge(
        right, place="counter", guesser=f"user {request.user.pk}", target=f"case {case.pk}", now=now
    )
    wait = answer.held_until and remaining(answer.held_until, now)
    return render(request, "counter/pin_answer.html", {"answer": answer, "wait": wait})
