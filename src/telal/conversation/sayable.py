"""Which words may be said in the place of ours: placeholders, length, and that a button is understood when it comes back. Pure."""

from collections.abc import Iterator, Mapping

from telal.cases.statuses import LANGUAGES, SERBIAN_IN_LATIN
from telal.conversation.understand import understand
from telal.conversation.words import WORDS as ANSWERS
from telal.notices.compose import WORDS as NOTICES
from telal.notices.words import Flaw, Version, Words

APPS: Mapping[str, Words] = {"notices": NOTICES, "conversation": ANSWERS}

# A tapped button comes back as its words: what they must then be understood as.
BUTTONS: Mapping[str, Mapping[str, str]] = {
    "notices": {"meaning": "outcome.meaning"},
    "conversation": {
        "my_cases": "status.mine",
        "help": "help.menu",
        "stop": "notify.unsubscribe",
        "stop_one": "notify.end_one",
        "end": "notify.unsubscribe",
        "case": "status.by_number",
        "history": "status.history",
        "human": "human.handover",
        "hours": "office.hours",
        "languages": "lang.switch",
        **dict.fromkeys(("in_bs", "in_hr", "in_sr", "in_sr_latn", "in_en"), "lang.switch"),
        "erase": "erase.confirm",
        "discreet": "discreet.on",
        "details": "discreet.off",
    },
}
# Two keys that are told apart by their very words.
_ANSWERS_TO_STILL_YOU = {"yes": "no", "no": "yes"}
_SAMPLE = {"number": "06-23-1847/24"}


def is_button(app: str, version: Version) -> bool:
    return version.part == "label" and (version.name in BUTTONS[app] or is_key(app, version))


def is_key(app: str, version: Version) -> bool:
    """One of the two keys under *Is it still you?*"""
    return app == "notices" and version.part == "label" and version.name in _ANSWERS_TO_STILL_YOU


def flaws(app: str, version: Version) -> list[Flaw]:
    """All that is wrong with these words, for whoever has just written them."""
    found = APPS[app].flaws(version.part, version.name, version.template)
    if not found and version.part == "label":
        found = list(_of_a_button(app, version))
    return found


def _of_a_button(app: str, version: Version) -> Iterator[Flaw]:
    words = APPS[app]
    with words.as_if(version):
        spoken = {
            language: words.label(
                language, version.name, **{name: _SAMPLE[name] for name in words.labels[version.name]}
            )
            for language in (
                (version.language, SERBIAN_IN_LATIN) if version.language == "sr" else (version.language,)
            )
            if is_button(app, version)
        }
    meant = BUTTONS[app].get(version.name)
    if meant and any(understand(said, year=2024).intents != (meant,) for said in spoken.values()):
        yield Flaw("unheard")
    if is_key(app, version):
        other = _ANSWERS_TO_STILL_YOU[version.name]
        taken = {
            each for language in (*LANGUAGES, SERBIAN_IN_LATIN) for each in words.spellings(language, other)
        }
        if taken & set(spoken.values()):
            yield Flaw("ambiguous")
