"""The words of the citizens' pages in each language, and in which of these to speak to whoever is looking."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation.trans_real import parse_accept_lang_header

from telal.cases.statuses import LANGUAGES
from telal.notices.words import Words, labels_in

_DIRECTORY = Path(__file__).parent / "texts"
_LONGEST_PARAGRAPH = 1000
WORDS = Words(
    _DIRECTORY,
    texts={},
    labels=labels_in(_DIRECTORY / LANGUAGES[0] / "labels.txt"),
    longest_label=_LONGEST_PARAGRAPH,
)
# How a language is asked for in an address, and how it is called in itself.
ASKED = "jezik"
NAMES = {"bs": "Bosanski", "hr": "Hrvatski", "sr": "Српски", "en": "English"}
# Our Serbian is Cyrillic: whoever reads it in Latin letters reads Bosnian with less trouble.
TAGS = {"bs": "bs", "hr": "hr", "sr": "sr-Cyrl", "en": "en"}
_LATIN = dict.fromkeys(("sr-latn", "sh", "cnr"), "bs")


@dataclass(frozen=True, slots=True)
class Speech:
    """In which language to speak. ``keep`` goes behind an address, so that who has chosen need not choose again."""

    language: str
    keep: str = ""

    def say(self, name: str, **values: str) -> str:
        return WORDS.label(self.language, name, **values)

    @property
    def tag(self) -> str:
        """As HTML and HTTP name it (BCP 47)."""
        return TAGS[self.language]


def speech_for(request: HttpRequest) -> Speech:
    """What the address asks for; else what the browser likes best of ours; else Bosnian."""
    asked = request.GET.get(ASKED, "")
    if asked in LANGUAGES:
        return Speech(asked, f"?{ASKED}={asked}")
    return Speech(_liked_best(request.headers.get("Accept-Language", "")))


@lru_cache(1024)
def _liked_best(header: str) -> str:
    liked = (_ours(tag) for tag, _ in parse_accept_lang_header(header))
    return next(filter(None, liked), LANGUAGES[0])


def _ours(tag: str) -> str:
    """The language of ours that a tag such as ``sr-latn-ba`` means; empty when none."""
    known = dict(zip(LANGUAGES, LANGUAGES, strict=True)) | _LATIN
    parts = tag.split("-")
    prefixes = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[prefix] for prefix in prefixes if prefix in known), "")


def say_so(response: HttpResponse, speech: Speech) -> HttpResponse:
    """Tell browsers and caches in which language the page is, and what that depended on."""
    response.headers["Content-Language"] = speech.tag
    patch_vary_headers(response, ("Accept-Language",))
    return response


def marked(text: str) -> SafeString:
    """As HTML: what is between asterisks stands out."""
    parts = str(conditional_escape(text)).split("*")
    strong = (f"<strong>{part}</strong>" if place % 2 else part for place, part in enumerate(parts))
    return mark_safe("".join(strong))  # noqa: S308  (escaped above)
