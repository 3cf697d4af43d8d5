"""The citizens' pages: what the service is, and the page behind the QR code on a slip.

Nothing here asks who is looking, sets a cookie or changes anything: links are also opened by whoever previews them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from telal.messaging.account import chat_link
from telal.notices.compose import CaseFacts, notice
from telal.notices.consents import find_invitation, trouble_with
from telal.notices.models import Invitation, Withdrawal
from telal.notices.words import written_date
from telal.public.words import WORDS, say_so, speech_for


@dataclass(frozen=True, slots=True)
class _SlipPage:
    """How the slip's page answers: its HTTP status, and the link it offers (``token``, ``plain`` or none)."""

    status: int
    link: str = ""


_SLIP_PAGES = {
    "open": _SlipPage(200, "token"),
    "used": _SlipPage(200, "plain"),
    "expired": _SlipPage(410),
    "ended": _SlipPage(410),
    "unknown": _SlipPage(404),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the service is, how to use and to leave it, and the way into the chat."""
    language = speech_for(request).language
    context = {
        "chat_link": chat_link(),
        "qr": _qr(_address(reverse("public:home"))),
        "example": _example(timezone.localdate(), language),
        "invitation_days": WORDS.counted(language, "days", settings.TELAL_INVITATION_DAYS),
    }
    return _page(request, "public/home.html", context)


@require_safe
def slip(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the QR code. It says nothing about the case: whoever finds the paper must not learn more from it."""
    invitation = find_invitation(token)
    state = _state(invitation, timezone.now())
    page = _SLIP_PAGES[state]
    context = {
        "state": state,
        "chat_link": chat_link(token if page.link == "token" else "") if page.link else "",
        "qr": _qr(_address(request.path)),
        "expires_on": _expires_on(invitation, speech_for(request).language) if invitation else "",
    }
    response = _page(request, "public/slip.html", context, page.status)
    # The address is a key: it goes into no cache, no referrer and no search engine.
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _expires_on(invitation: Invitation, language: str) -> str:
    return written_date(language, timezone.localdate(invitation.expires_at))


def _state(invitation: Invitation | None, now: datetime) -> str:
    """One of ``_SLIP_PAGES``."""
    if invitation is None:
        return "unknown"
    if invitation.ended_at or Withdrawal.objects.filter(consent=invitation.consent_id).exists():
        return "ended"
    # We cannot tell who is looking, so whoever opened the chat first gets the benefit: the chat turns others away.
    return trouble_with(invitation, contact_id=invitation.opened_by_id, now=now) or "open"


def _page(
    request: HttpRequest, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    return say_so(render(request, template, context, status=status), speech_for(request))


def _address(path: str) -> str:
    return f"{settings.TELAL_PUBLIC_URL}{path}"


def _qr(address: str) -> str:
    """An SVG as a ``data:`` address, black on white with its quiet zone."""
    return str(segno.make_qr(address, error="m").svg_data_uri(scale=4, border=4, light="#fff"))


def _example(today: date, language: str) -> str:
    """What a message looks like: an invented case in the very words that real ones are told in."""
    facts = CaseFacts(
        number=f"06-23-1847/{today:%y}",
        kind="administrative",
        subject="Urbanistička saglasnost za dogradnju kuće",
        status="awaiting_other_body",
        outcome="",
        department="Služba za urbanizam",
        officer="Amra Hadžić",
        officer_phone="",
        officer_room="14",
        waiting_for="KJKP Vodovod i kanalizacija",
        waiting_since=today - timedelta(days=2),
        received_on=today - timedelta(days=9),
        due_on=today + timedelta(days=51),
        occurred_on=today - timedelta(days=2),
        sensitive=False,
    )
    return notice(facts, language)
