"""What the municipality says in its own words: every version in the database, taken up everywhere in seconds."""

import time
from collections import defaultdict
from threading import Lock

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from telal.conversation.models import Wording
from telal.conversation.sayable import APPS
from telal.notices.words import Version

# How often somebody looks whether there is a newer version: one small question.
LOOK_EVERY = 2.0

log = structlog.get_logger(__name__)


class _Seen:
    """Up to which version this process says what is in the database, and when it looked last."""

    through: int | None = None
    looked: float | None = None


_lock = Lock()


def keep_up() -> bool:
    """``refresh``, unless somebody in this process has just looked."""
    looked = _Seen.looked
    if looked is not None and time.monotonic() < looked + LOOK_EVERY:
        return False
    return refresh()


def refresh() -> bool:
    """Say from now on what was saved last; returns whether anything is new."""
    with _lock:
        _Seen.looked = time.monotonic()
        newest = Wording.objects.order_by("-id").values_list("id", flat=True).first() or 0
        if newest == _Seen.through:
            return False
        _adopt()
        _Seen.through = newest
        return True


def _adopt() -> None:
    versions: dict[str, list[Version]] = defaultdict(list)
    rows = Wording.objects.order_by("id").values_list("app", "part", "language", "name", "template")
    for app, part, language, name, template in rows:
        versions[app].append(Version("label" if part == "label" else "text", language, name, template))
    for app, words in APPS.items():
        for unfit in words.adopt(versions[app]):
            log.warning(
                "own_words_do_not_fit", app=app, part=unfit.part, language=unfit.language, name=unfit.name
            )


def versions_of(app: str, version: Version) -> QuerySet[Wording]:
    """All that was ever saved in the place of this text or label, the newest first."""
    part, language, name, _ = version
    return Wording.objects.filter(app=app, part=part, language=language, name=name).order_by("-id")


class Overtaken(Exception):
    """Somebody has saved another version meanwhile; nothing was saved."""


def save(app: str, version: Version, *, by: str, seen: int) -> bool:
    """Keep a version that has no flaws; ours is kept as empty, so that it follows the release.

    ``seen`` is the id of the version that was there when the writer began (0: none). Returns False when that says the same already.
    Raises Overtaken.
    """
    if version.template == APPS[app].ours(*version[:3]):
        version = version._replace(template="")
    newest = versions_of(app, version).first()
    if (newest.pk if newest else 0) != seen:
        raise Overtaken
    if version.template == (newest.template if newest else ""):
        return False
    try:
        with transaction.atomic():
            Wording.objects.create(
                app=app, **version._asdict(), after=seen, saved_at=timezone.now(), saved_by=by
            )
            transaction.on_commit(refresh)
    except IntegrityError:
        raise Overtaken from None
    return True
