"""Where each address leads. The webhook, health and metrics never come here: see asgi.py."""

from django.urls import include, path

handler400 = "telal.public.errors.unreadable"
handler404 = "telal.public.errors.missing"
handler500 = "telal.public.errors.broken"
urlpatterns = [
    path("counter/account/", include("telal.counter.account")),
    path("look/", include("telal.config.look")),
    path("counter/", include("telal.counter.urls")),
    path("api/v1/", include("telal.api.v1.urls")),
    path("", include("telal.public.urls")),
]
