"""Who may open a staff screen: everybody with a role may look, all but the auditor may change."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers

CHANGING = frozenset({"counter", "officer", "head", "secretary", "administrator"})
LOOKING = CHANGING | {"auditor"}

View = Callable[..., HttpResponse]


def looks(view: View) -> View:
    """A screen for everybody with a role."""
    return _guarded(view, LOOKING)


def changes(view: View) -> View:
    """A screen that changes something: not for the auditor."""
    return _guarded(view, CHANGING)


def may_change(user: User | AnonymousUser) -> bool:
    return _has_role(user, CHANGING)


def _guarded(view: View, roles: frozenset[str]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        response = _answer(view, roles, request, *args, **kwargs)
        # Other people's data must not be found by pressing Back after signing out.
        add_never_cache_headers(response)
        return response

    return guarded


def _answer(
    view: View, roles: frozenset[str], request: HttpRequest, *args: object, **kwargs: object
) -> HttpResponse:
    try:
        if not _has_role(request.user, roles):
            raise PermissionDenied
        return view(request, *args, **kwargs)
    except PermissionDenied:
        return render(request, "counter/403.html", status=403)
    except Http404:
        return render(request, "counter/404.html", status=404)


def _has_role(user: User | AnonymousUser, roles: frozenset[str]) -> bool:
    return user.groups.filter(name__in=roles).exists()


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A part of a page that asks on its own sends the whole page to sign in."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": resolve_url("counter:sign_in")})
    return redirect_to_login(
        request.get_full_path() if request.method == "GET" else resolve_url("counter:home")
    )
