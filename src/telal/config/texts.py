"""The municipality's own words: files in ``TELAL_HOME/texts`` that stand in for those of the package.

``<app>/<language>/<name>.txt``. Read at start; what is wrong with them stops it, as a wrong setting does.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from telal.cases.statuses import LANGUAGES, SERBIAN_IN_LATIN
from telal.conversation.words import WORDS as ANSWERS
from telal.notices.compose import WORDS as NOTICES
from telal.notices.words import MissingWords, Words

_APPS: Mapping[str, Words] = {"notices": NOTICES, "conversation": ANSWERS}

# A tapped button comes back as its words: what they must then be understood as.
_BUTTONS = {
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
_SAMPLE = {"number": "06-23-1847/24"}


def override(directory: Path) -> list[str]:
    """Takes over what is there; says what is wrong with it."""
    problems = [
        f"{path}: belongs to neither {' nor '.join(_APPS)}; put it into texts/notices or texts/conversation"
        for path in sorted(directory.glob("*"))
        if path.name not in _APPS and not path.name.startswith(".")
    ]
    for app, words in _APPS.items():
        try:
            words.override(directory / app)
        except MissingWords as error:
            problems += error.problems
        else:
            problems += _unheard(directory / app, words, _BUTTONS[app])
    return problems


def overridden() -> list[str]:
    """The files in use, below ``TELAL_HOME/texts``."""
    return sorted(f"{app}/{path}" for app, words in _APPS.items() for path in words.overridden)


def _unheard(directory: Path, words: Words, buttons: Mapping[str, str]) -> Iterator[str]:
    """Buttons with words of the municipality's own that we would not understand when they are tapped."""
    own = [
        (language, name)
        for language in (*LANGUAGES, SERBIAN_IN_LATIN)
        for name in buttons
        if words.overrides_label(language, name)
    ]
    if not own:
        return
    # Reading the phrases takes a while, and few need it.
    from telal.conversation.understand import understand

    for language, name in own:
        values = {value: _SAMPLE[value] for value in words.labels[name]}
        said = words.label(language, name, **values)
        if understand(said, year=2024).intents != (buttons[name],):
            path = directory / language.partition("-")[0] / "labels.txt"
            yield f"{path}, {name}: this is a button, and tapped it would not be understood; use words close to Telal's own"
