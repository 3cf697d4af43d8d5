"""What every page may show."""

from django.conf import settings
from django.http import HttpRequest

from telal.public.words import ASKED, NAMES, TAGS, speech_for

LANGUAGES = [{"asked": f"{ASKED}={code}", "tag": TAGS[code], "name": name} for code, name in NAMES.items()]


def municipality(_: HttpRequest) -> dict[str, object]:
    """The municipality's name and contacts, and whether it has a colour of its own, for templates."""
    return {"municipality": settings.TELAL_MUNICIPALITY, "has_colour": bool(settings.TELAL_COLOUR)}


def speech(request: HttpRequest) -> dict[str, object]:
    """In which language to speak, and which others there are."""
    return {"speech": speech_for(request), "languages": LANGUAGES}
