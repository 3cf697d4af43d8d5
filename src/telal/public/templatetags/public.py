"""``{% say "home_title" %}``: the words of a page in the language of whoever is looking."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from telal.public.words import marked

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], name: str, **values: str) -> SafeString:
    return marked(context["speech"].say(name, **values))
