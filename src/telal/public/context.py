"""What every page may show."""

from django.conf import settings
from django.http import HttpRequest


def municipality(_: HttpRequest) -> dict[str, object]:
    """The municipality's name and contacts, for templates."""
    return {"municipality": settings.TELAL_MUNICIPALITY}
