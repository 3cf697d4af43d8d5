"""What visitors see when something is not there, cannot be read or is broken; each page says in which language it is."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from telal.public.words import TAGS, say_so, speech_for


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say_so(defaults.page_not_found(request, exception), speech_for(request))


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _in_all_languages(defaults.bad_request(request, exception))


def broken(request: HttpRequest) -> HttpResponse:
    return _in_all_languages(defaults.server_error(request))


def _in_all_languages(response: HttpResponse) -> HttpResponse:
    """The page may need nothing that could be broken, too: it chooses none and says it in each."""
    response.headers["Content-Language"] = ", ".join(TAGS.values())
    return response
