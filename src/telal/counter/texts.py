"""What citizens get to read: every text on a phone, with real values, and the file it stands in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from telal.cases.folding import fold
from telal.cases.statuses import OUTCOMES, STATUSES
from telal.conversation import words as conversation
from telal.conversation.house import office
from telal.counter import samples
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.samples import Kind, Sample, Scene
from telal.counter.words import SAMPLE_KINDS, TEXT_LANGUAGES, TEXTS_WHEN, UNASKED
from telal.notices import compose
from telal.notices.words import Words, written_in


@dataclass(frozen=True, slots=True)
class _App:
    """Where texts are kept, and how to bring each of them about."""

    name: str
    words: Words
    when_said: Mapping[str, Sequence[str]]
    sample: Callable[[Scene, str], Sample]


@dataclass(frozen=True, slots=True)
class _Card:
    """One text on a phone. ``file`` stands below TELAL_HOME/texts; ``own``: it is the municipality's."""

    name: str
    title: str
    sample: Sample
    file: str
    own: bool


@dataclass(frozen=True, slots=True)
class _Label:
    """A short word: of a button, or before a value."""

    name: str
    words: str
    own: bool


_APPS = (
    _App("notices", compose.WORDS, compose.WHEN_SAID, samples.notice),
    _App("conversation", conversation.WORDS, conversation.WHEN_SAID, samples.answer),
)


@require_safe
@may("texts.see")
def texts(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    language = asked.get("language", "")
    language = language if language in TEXT_LANGUAGES else "bs"
    kind: Kind = next((one for one in get_args(Kind) if one == asked.get("kind")), "ordinary")
    sought = asked.get("q", "").strip()
    scene = Scene(language, office(timezone.now(), with_hours=True), kind)
    groups = [
        (code, TEXTS_WHEN[code], cards) for code, cards in _groups(scene, fold(sought).split()) if cards
    ]
    labels = [(file, found) for file, found in _labels(language, fold(sought).split()) if found]
    context = {
        "language": language,
        "languages": TEXT_LANGUAGES,
        "kind": kind,
        "kinds": SAMPLE_KINDS,
        "q": sought,
        "groups": groups,
        "labels": labels,
        "count": sum(len(cards) for _, _, cards in groups),
    }
    return page(request, "texts.html", context)


def _groups(scene: Scene, sought: Sequence[str]) -> Iterator[tuple[str, list[_Card]]]:
    for app in _APPS:
        for code, names in app.when_said.items():
            cards = (_card(app, scene, name) for name in names)
            yield code, [card for card in cards if _has(card, sought)]


def _card(app: _App, scene: Scene, name: str) -> _Card:
    sample = app.sample(scene, name)
    return _Card(
        name=name,
        title=_title(name) or f"„{sample.asked}“",
        sample=sample,
        file=f"{app.name}/{written_in(scene.language)}/{name}.txt",
        own=app.words.overrides(scene.language, name),
    )


def _title(name: str) -> str:
    if name in STATUSES:
        return STATUSES[name].label("bs")
    outcome = OUTCOMES.get(name.removeprefix("outcome_"))
    return outcome.label("bs") if outcome else str(UNASKED.get(name, ""))


def _has(card: _Card, sought: Sequence[str]) -> bool:
    told = card.sample.told
    buttons = (button.text for button in told.buttons)
    text = fold(" ".join((card.title, card.file, card.sample.asked, told.text, *buttons)))
    return all(word in text for word in sought)


def _labels(language: str, sought: Sequence[str]) -> Iterator[tuple[str, list[_Label]]]:
    for app in _APPS:
        words = app.words
        labels = (
            _Label(name, words.template(language, name), words.overrides_label(language, name))
            for name in words.labels
        )
        found = [one for one in labels if all(word in fold(f"{one.name} {one.words}") for word in sought)]
        yield f"{app.name}/{written_in(language)}/labels.txt", found
