"""Whoever calls the API with a trace of their own (W3C ``traceparent``) finds our steps under its id."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from telal import tracing


class FollowCaller:
    """Lets everything that a request records belong to the caller's trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        caller = tracing.from_traceparent(request.headers.get("traceparent", ""))
        with tracing.following(caller if request.path.startswith("/api/") else None):
            return self._get_response(request)
