"""What a screen leaves in the audit log: who asked for what, from where, and which things the answer was about.

A screen hardly says anything of it. What is shown has an address of ours on the page (a case, a question), what is changed has one
in the request or in the answer that leads there: so the addresses tell. Where none does, ``concerns`` says it.
"""

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from telal.staff import audit
from telal.staff.audit import Draft
from telal.staff.models import Door, Mention
from telal.staff.signing_in import address_of

_THINGS = re.compile(rb"/counter/([a-z]+/[0-9]+)")
# What a page asks by itself for so long is a part of the look that began it.
_ONE_LOOK = timedelta(minutes=10)


def note(request: HttpRequest, response: HttpResponseBase, *, by_itself: bool = False) -> None:
    """A line for every change, every look at something of somebody, and every refusal.

    For what a page asks ``by_itself``, only where it shows what whoever asks has no line about from the last minutes.
    """
    about, who = _things(request, response), request.user.get_username()
    is_worth_it = not _is_noted(who, about) if by_itself else about or request.method == "POST"
    if is_worth_it or response.status_code == 403:
        match = request.resolver_match
        action = match.view_name if match else ""
        _record(request, who, action, response.status_code, about)


def concerns(request: HttpRequest, *things: str) -> None:
    """The request is about these (``cases/12``), whether or not an address says so."""
    request.concerns = (*_concerns(request), *things)  # type: ignore[attr-defined]


def _concerns(request: HttpRequest) -> tuple[str, ...]:
    things: tuple[str, ...] = getattr(request, "concerns", ())
    return things


def _things(request: HttpRequest, response: HttpResponseBase) -> tuple[str, ...]:
    """In the order in which they appear, each once. Nothing was shown by an answer without content."""
    if response.status_code == 204:
        return ()
    asked, leads_to = request.path.encode(), response.headers.get("Location", "").encode()
    shown = getattr(response, "content", b"")  # none where it streams
    found = _THINGS.findall(b"\n".join((asked, leads_to, shown)))
    return tuple(dict.fromkeys((*_concerns(request), *(thing.decode() for thing in found))))


def _is_noted(who: str, things: Collection[str]) -> bool:
    """Is there a line of theirs about each of these, from the last minutes?"""
    lately = Mention.objects.filter(entry__who=who, entry__at__gt=timezone.now() - _ONE_LOOK)
    return lately.filter(about__in=things).values("about").distinct().count() == len(things)


# ── Coming and going ─────────────────────────────────────────────────────────────────────────────────────────────────


def _came(sender: object, request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ARG001 (a signal's words)
    _record(request, user.get_username(), "sign_in", 200)


def _went(sender: object, request: HttpRequest, user: User | None, **_: Any) -> None:  # noqa: ARG001
    if user:
        _record(request, user.get_username(), "sign_out", 200)


def _failed(
    sender: object,  # noqa: ARG001
    credentials: dict[str, Any],
    request: HttpRequest | None = None,
    **_: Any,
) -> None:
    """A name that nobody has is not written down: it may be a password in the wrong field."""
    name = str(credentials.get("username", ""))
    if request:
        _record(request, name if User.objects.filter(username=name).exists() else "", "sign_in_failed", 401)


def _record(request: HttpRequest, who: str, action: str, result: int, about: tuple[str, ...] = ()) -> None:
    audit.record([Draft(Door.COUNTER, who, action, result, address_of(request), about)])


def listen() -> None:
    for signal, heard in ((user_logged_in, _came), (user_logged_out, _went), (user_login_failed, _failed)):
        signal.connect(heard)
