"""What citizens get to read: every text on a phone, with real values, and the way to say it in other words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from telal.cases.folding import fold
from telal.cases.statuses import OUTCOMES, STATUSES
from telal.conversation import words as conversation
from telal.conversation.house import office
from telal.conversation.sayable import is_button
from telal.counter import samples
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.samples import Kind, Sample, Scene
from telal.counter.templatetags.counter import outcome_label, status_label
from telal.counter.words import SAMPLE_KINDS, TEXT_LANGUAGES, TEXTS_WHEN, UNASKED
from telal.notices import compose
from telal.notices.words import Part, Version, Words, written_in


@dataclass(frozen=True, slots=True)
class App:
    """Where texts are kept, and how to bring each of them about."""

    name: str
    words: Words
    when_said: Mapping[str, Sequence[str]]
    sample: Callable[[Scene, str], Sample]


@dataclass(frozen=True, slots=True)
class _Card:
    """One text on a phone. ``own``: it is said in the municipality's words."""

    name: str
    title: str
    sample: Sample
    app: str
    written_in: str
    own: bool


@dataclass(frozen=True, slots=True)
class _Label:
    """A short word: of a button, or before a value."""

    name: str
    words: str
    app: str
    written_in: str
    own: bool


_NEWS = App("notices", compose.WORDS, compose.WHEN_SAID, samples.notice)
_TALK = App("conversation", conversation.WORDS, conversation.WHEN_SAID, samples.answer)
APPS = {app.name: app for app in (_NEWS, _TALK)}


@require_safe
@may("texts.see")
def texts(request: HttpRequest) -> HttpResponse:
    sought = request.GET.get("q", "").strip()
    scene = scene_of(request.GET)
    groups = [
        (code, TEXTS_WHEN[code], cards) for code, cards in _groups(scene, fold(sought).split()) if cards
    ]
    labels = list(_labels(scene.language, fold(sought).split()))
    context = {
        "language": scene.language,
        "languages": TEXT_LANGUAGES,
        "kind": scene.kind,
        "kinds": SAMPLE_KINDS,
        "q": sought,
        "groups": groups,
        "label_groups": [
            (title, found)
            for title, found in (
                (_("Dugmad"), [one for one, is_one in labels if is_one]),
                (_("Kratke riječi u porukama"), [one for one, is_one in labels if not is_one]),
            )
            if found
        ],
        "count": sum(len(cards) for _code, _name, cards in groups),
    }
    return page(request, "texts.html", context)


def scene_of(asked: QueryDict) -> Scene:
    """The language and the kind of case that the address asks for, in the office as it is now."""
    language = asked.get("language", "")
    language = language if language in TEXT_LANGUAGES else "bs"
    kind: Kind = next((one for one in get_args(Kind) if one == asked.get("kind")), "ordinary")
    return Scene(language, office(timezone.now(), with_hours=True), kind)


def title_of(name: str, asked: str) -> str:
    """What a text is about: the status it tells, the occasion, or what was asked."""
    if name in STATUSES:
        return status_label(name)
    outcome = name.removeprefix("outcome_")
    return outcome_label(outcome) if outcome in OUTCOMES else str(UNASKED.get(name, "")) or f"„{asked}“"


def _groups(scene: Scene, sought: Sequence[str]) -> Iterator[tuple[str, list[_Card]]]:
    for app in APPS.values():
        for code, names in app.when_said.items():
            cards = (_card(app, scene, name) for name in names)
            yield code, [card for card in cards if _has(card, sought)]


def _card(app: App, scene: Scene, name: str) -> _Card:
    sample = app.sample(scene, name)
    return _Card(
        name=name,
        title=title_of(name, sample.asked),
        sample=sample,
        app=app.name,
        written_in=written_in(scene.language),
        own=app.words.is_own("text", scene.language, name),
    )


def _has(card: _Card, sought: Sequence[str]) -> bool:
    told = card.sample.told
    buttons = (button.text for button in told.buttons)
    text = fold(" ".join((card.title, card.name, card.sample.asked, told.text, *buttons)))
    return all(word in text for word in sought)


def _labels(language: str, sought: Sequence[str]) -> Iterator[tuple[_Label, bool]]:
    """Each with whether it is a button."""
    part: Part = "label"
    for app in APPS.values():
        for name in app.words.labels:
            words = app.words.template(part, language, name)
            label = _Label(
                name, words, app.name, written_in(language), app.words.is_own(part, language, name)
            )
            if all(word in fold(f"{name} {words}") for word in sought):
                yield label, is_button(app.name, Version(part, language, name, words))
