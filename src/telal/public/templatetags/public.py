"""``{% say "home_title" %}``: the words of a page in the language of whoever is looking."""

from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString

from telal.public.words import marked

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], name: str, **values: str) -> SafeString:
    return marked(context["speech"].say(name, **values))


@register.simple_tag
def coat() -> str:
    """Where the municipality's coat of arms is, or our own sign."""
    return reverse("coat") if settings.TELAL_COAT else static("public/telal.svg")
