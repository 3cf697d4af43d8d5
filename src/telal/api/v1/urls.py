"""Addresses of the API. Whatever happens at one of them, the answer is JSON; errors are problem documents."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import StringConverter
from django.views.decorators.csrf import csrf_exempt

from telal.api.v1 import page
from telal.api.v1.api import api
from telal.api.v1.bodies import accept_chunks
from telal.api.v1.problems import Problem

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
        # Answers hold phone numbers, and once a PIN.
        response.headers["Cache-Control"] = "no-store"
        return response

    return answer


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
