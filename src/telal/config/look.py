"""What a municipality brings of its own look: its colour, as a stylesheet, and its coat of arms."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from telal.config import colours
from telal.config.coats import KINDS

_STYLE = """:root {{ --brand: {light.brand}; --on-brand: {light.on_brand}; }}
@media (prefers-color-scheme: dark) {{ :root {{ --brand: {dark.brand}; --on-brand: {dark.on_brand}; }} }}
"""


@require_safe
@cache_control(max_age=3600, public=True)
def stylesheet(_: HttpRequest) -> HttpResponse:
    colour = settings.TELAL_COLOUR
    if not colour:
        raise Http404
    style = _STYLE.format(light=colours.light(colour), dark=colours.dark(colour))
    return HttpResponse(style, "text/css; charset=utf-8")


@require_safe
@cache_control(max_age=3600, public=True)
def coat(_: HttpRequest) -> HttpResponseBase:
    if settings.TELAL_COAT is None:
        raise Http404
    return FileResponse(
        settings.TELAL_COAT.open("rb"),
        content_type=KINDS[settings.TELAL_COAT.suffix],
        # A picture can hold scripts: opened by itself it runs none.
        headers={"Content-Security-Policy": "default-src 'none'; sandbox"},
    )


urlpatterns = [path("colours.css", stylesheet, name="colours"), path("coat", coat, name="coat")]
