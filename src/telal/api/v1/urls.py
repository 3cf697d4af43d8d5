"""Addresses of the API. Whatever happens at one of them, the answer is JSON; errors are problem documents."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import StringConverter
from django.views.decorators.csrf import csrf_exempt

from telal.api.models import ApiKey
from telal.api.v1 import page
from telal.api.v1.api import api
from telal.api.v1.bodies import accept_chunks
from telal.api.v1.problems import Problem
from telal.staff import audit
from telal.staff.audit import LONGEST_MENTION, Draft
from telal.staff.models import Door

View = Callable[..., HttpResponse]


class RefConverter(StringConverter):
    """Anything, slashes included; what a ref may be is for the schema to say."""

    regex = "(?s:.+)"


register_converter(RefConverter, "ref")


def _endpoint(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        accept_chunks(request)
        response = view(request, **parts)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = ", ".join(sorted(response.headers["Allow"].split(", ")))
            return Problem(405, f"Here you can use: {allowed}.", headers={"Allow": allowed}).response()
        _note(request, response, parts)
        # Answers hold phone numbers, and once a PIN.
        response.headers["Cache-Control"] = "no-store"
        return response

    return answer


def _note(request: HttpRequest, response: HttpResponse, parts: dict[str, Any]) -> None:
    """A line in the audit log for each call with a valid key, however many events it brings."""
    holder: ApiKey | None = getattr(request, "auth", None)
    match = request.resolver_match
    if holder and match:
        about = tuple(f"refs/{quote(ref, safe='')}"[:LONGEST_MENTION] for ref in parts.values())
        action = f"{request.method} {match.route.removeprefix('api/v1/')}"
        address = str(request.META.get("REMOTE_ADDR", ""))
        audit.later(Draft(Door.API, holder.name, action, response.status_code, address, about))


@csrf_exempt
def nothing_here(_: HttpRequest) -> HttpResponse:
    """Any other address under the API."""
    return Problem(404, "There is nothing at this address. The API is described at /api/v1/docs.").response()


def _endpoints() -> list[URLPattern]:
    own = [
        pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]
    for pattern in own:
        pattern.callback = _endpoint(pattern.callback)
    return own


app_name = "api"
urlpatterns = [
    path("openapi.json", _endpoint(csrf_exempt(page.openapi))),
    path("docs", _endpoint(csrf_exempt(page.docs)), name="docs"),
    *_endpoints(),
    re_path("", nothing_here),
]
