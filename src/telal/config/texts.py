"""The municipality's own words were files once, in ``TELAL_HOME/texts``: taken over into the database, where the staff edit them.

``<app>/<language>/<name>.txt``. A text that the database knows already is left as it is there.
"""

from pathlib import Path

from telal.conversation import wording
from telal.conversation.sayable import APPS, flaws
from telal.notices.words import MissingWords, Version

BY = "TELAL_HOME/texts"


def take_over(directory: Path) -> tuple[int, list[str]]:
    """How many texts were taken over, and what is wrong with the others: then none is."""
    problems = [
        f"{path}: belongs to neither {' nor '.join(APPS)}; put it into texts/notices or texts/conversation"
        for path in sorted(directory.glob("*"))
        if path.name not in APPS and not path.name.startswith(".")
    ]
    found: list[tuple[str, Version]] = []
    for app, words in APPS.items():
        try:
            found += [(app, version) for version in words.found_in(directory / app)]
        except MissingWords as error:
            problems += error.problems
    problems += [
        f"{directory / app / version.language}, {version.name}: this is a button, and tapped it would not be understood; "
        "use words close to Telal's own"
        for app, version in found
        if flaws(app, version)
    ]
    if problems:
        return 0, problems
    new = [(app, version) for app, version in found if not wording.versions_of(app, version).exists()]
    return sum(wording.save(app, version, by=BY, seen=0) for app, version in new), []
