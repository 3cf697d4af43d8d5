"""The ways between the screens, in the order in which they are shown: a line a screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from telal.counter import waiting
from telal.counter.desk import late_of
from telal.staff.permissions import Colleague

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _nothing(_: Colleague) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """A screen. ``name`` is that of its address; ``key`` leads there after ``g``, and by itself where it is ``alone``.

    ``rows`` are what waits there for whoever looks, if anything can.
    """

    name: str
    label: "StrOrPromise"
    key: str
    rows: Callable[[Colleague], QuerySet[Any] | None] = _nothing
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Places under one word; without a word they stand in the row themselves."""

    label: "StrOrPromise"
    places: tuple[Place, ...]


MENU = (
    Group(
        "",
        (
            Place("home", _("Predmeti"), "p"),
            Place("mine", _("Moji predmeti"), "m", late_of, alone=True),
        ),
    ),
    Group(
        _("Za rad"),
        (
            Place("work", _("Pregled"), "z"),
            Place("unreached", _("Nije stiglo"), "s", lambda _: waiting.unreached()),
            Place("questions", _("Pitanja građana"), "c", lambda _: waiting.questions()),
            Place("unbound", _("Nepovezane saglasnosti"), "n", lambda _: waiting.unbound()),
            Place("reviews", _("Promjene iz DMS-a za provjeru"), "d", lambda _: waiting.reviews()),
            Place("unmatched", _("Neraspoređeno"), "x", lambda _: waiting.unmatched()),
            Place("opinions", _("Mišljenja"), "i"),
        ),
    ),
    Group(
        _("Podešavanja"),
        (
            Place("hours", _("Radno vrijeme"), "v"),
            Place("services", _("Usluge i rokovi"), "u"),
            Place("deadlines", _("Rokovi po postupku"), "r"),
            Place("texts", _("Poruke građanima"), "t"),
            Place("users", _("Korisnici"), "k"),
            Place("audit", _("Evidencija pristupa"), "e"),
            Place("settings", _("Sva podešavanja"), "o"),
        ),
    ),
)
