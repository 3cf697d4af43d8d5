"""In which language the screens speak: Bosnian, until somebody chooses otherwise on their browser.

What the browser says of itself is not asked: offices get their computers in English.
"""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

# As BCP 47 names them. Our Serbian is Cyrillic.
TAGS: Mapping[str, str] = {"bs": "bs", "hr": "hr", "sr": "sr-Cyrl", "en": "en"}
NAMES: Mapping[str, str] = dict(settings.LANGUAGES)

_A_YEAR = 365 * 24 * 3600


class ChosenLanguage:
    """Speaks, while a request is answered, the language that was chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in NAMES else settings.LANGUAGE_CODE):
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", TAGS[translation.get_language() or "bs"])
        return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose, and come back to where one was."""
    chosen, back = request.POST.get("language", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = resolve_url("counter:home")
    response = redirect(back)
    if chosen in NAMES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
