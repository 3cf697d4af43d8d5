"""Who may open a staff screen. Every one of them says by ``@may`` which permission of the table it takes; nothing else asks.

Where the permission is for one's own cases, the screen says how its address leads to the case, and the check is made here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import resolve
from django.utils.cache import add_never_cache_headers

from telal.cases.models import Case
from telal.counter import sessions, unsent_forms
from telal.counter.noting import concerns, note
from telal.staff.colleagues import colleague, may_with
from telal.staff.permissions import OWN, PERMISSIONS, Colleague
from telal.staff.signing_in import came_by_single_sign_on, has_second_factor, must_have_second_factor

# One's own password, second factor and sessions.
OWN_ACCOUNT = "account.own"

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Rule:
    """``of`` is the model that ``pk`` in the address names, ``case`` the way from there to its case (nothing: it is the case).

    ``each``: the screen deals with many cases, and asks for each of them (``cases_for``, ``may_with``). ``quiet``: it neither
    changes nor shows anything kept, and leaves no line in the audit log. ``by_itself``: it changes nothing, and a page asks for it
    while somebody types or waits (see ``note``).
    """

    permission: str
    of: type[Model] | None = None
    case: str = ""
    each: bool = False
    quiet: bool = False
    by_itself: bool = False

    def __post_init__(self) -> None:
        if OWN in PERMISSIONS[self.permission] and not (self.of or self.each):
            raise TypeError(f"{self.permission} is for one's own cases: say of=… or each=True")

    def allows(self, request: HttpRequest, parts: dict[str, Any]) -> bool:
        """Raises Http404 when there is no such case."""
        who = whoever_asks(request)
        if not who.may(self.permission):
            return False
        if self.of is None or self.each:
            return True
        way = f"{self.case}__" if self.case else ""
        rows = self.of._default_manager.values_list(f"{way}pk", f"{way}department", f"{way}officer")
        case, department, officer = get_object_or_404(rows, pk=parts["pk"])
        concerns(request, f"cases/{case}")
        return who.may_with(self.permission, department=department, officer=officer)


class Guarded(Protocol):
    """A screen with its rule, for whoever lists the screens."""

    rule: Rule

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def may(
    permission: str,
    *,
    of: type[Model] | None = None,
    case: str = "",
    each: bool = False,
    quiet: bool = False,
    by_itself: bool = False,
) -> Callable[[View], Guarded]:
    """A screen for those who have this permission: see ``Rule``."""
    rule = Rule(permission, of, case, each, quiet, by_itself)

    def guard(view: View) -> Guarded:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            who = request.user.pk
            if not who or not sessions.goes_on(request):
                is_kept = who and permission != OWN_ACCOUNT and unsent_forms.keep(request, who)
                return redirect_to_login(resolve_url("counter:unsent")) if is_kept else to_sign_in(request)
            _forget_nul(request)
            if request.method == "POST":
                unsent_forms.drop(request)
            if rule.permission != OWN_ACCOUNT and (first := _must_first(request)):
                return redirect(first)
            try:
                response = _answer(rule, view, request, *args, **kwargs)
            except Exception:
                # What it had done by then may stay.
                note(request, HttpResponse(status=500))
                raise
            if not rule.quiet:
                note(request, response, by_itself=rule.by_itself)
            # Other people's data must not be found by pressing Back after signing out.
            add_never_cache_headers(response)
            return response

        guarded.rule = rule  # type: ignore[attr-defined]
        return cast(Guarded, guarded)

    return guard


def _forget_nul(request: HttpRequest) -> None:
    """Nobody types it, and PostgreSQL can neither keep nor look for it."""
    for sent in ("GET", "POST"):
        values = getattr(request, sent)
        if any("\0" in value for _, some in values.lists() for value in some):
            clean = QueryDict(mutable=True)
            for name, some in values.lists():
                clean.setlist(name, [value.replace("\0", "") for value in some])
            setattr(request, sent, clean)


def whoever_asks(request: HttpRequest) -> Colleague:
    """Asked once a request."""
    if not hasattr(request, "colleague"):
        request.colleague = colleague(request.user.pk) if request.user.pk else Colleague()  # type: ignore[attr-defined]
    who: Colleague = request.colleague  # type: ignore[attr-defined]
    return who


def rule_of(address: str) -> Rule:
    """By which rule the screen at this address is open."""
    rule: Rule = resolve(address).func.rule  # type: ignore[attr-defined]
    return rule


def has(request: HttpRequest, permission: str, case: Case | None = None) -> bool:
    """May whoever asks do this, with this case? For what a screen offers."""
    who = whoever_asks(request)
    return may_with(who, permission, case) if case else who.may(permission)


def _answer(rule: Rule, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    try:
        if not rule.allows(request, kwargs):
            raise PermissionDenied
        return view(request, *args, **kwargs)
    except PermissionDenied:
        return render(request, "counter/403.html", status=403)
    except Http404:
        return render(request, "counter/404.html", status=404)


def _must_first(request: HttpRequest) -> str:
    """Where somebody has to go before they may go anywhere else, if they have to."""
    who = whoever_asks(request)
    if who.must_change_password and not came_by_single_sign_on(request):
        return "account_change_password"
    if must_have_second_factor(who) and not has_second_factor(request):
        return "mfa_index"
    return ""


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """A part of a page that asks on its own sends the whole page to sign in."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": resolve_url("counter:sign_in")})
    wanted = request.get_full_path() if request.method == "GET" else ""
    # Whoever only comes in goes on to where their own work is.
    comes_in = ("", resolve_url("counter:home"), resolve_url("counter:start"))
    return redirect("counter:sign_in") if wanted in comes_in else redirect_to_login(wanted)
