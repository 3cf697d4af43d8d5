"""The ways between the screens, in the order in which they are shown: a line a screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext_lazy as _

from telal.counter.desk import late_of
from telal.counter.waiting import count

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# How many wait there for this user: empty, a number or ``99+``.
Count = Callable[[User | AnonymousUser], str]


def _nobody_counts(_: User | AnonymousUser) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Place:
    """A screen. ``name`` is that of its address; ``key`` leads there after ``g``, and by itself where it is ``alone``."""

    name: str
    label: "StrOrPromise"
    key: str
    count: Count = _nobody_counts
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
            Place("mine", _("Moji predmeti"), "m", lambda user: late_of(user) or "", alone=True),
        ),
    ),
    Group(
        _("Za rad"),
        (
            Place("work", _("Pregled"), "z"),
            Place("unreached", _("Nije stiglo"), "s", lambda _: count("unreached")),
            Place("questions", _("Pitanja građana"), "c", lambda _: count("questions")),
            Place("unbound", _("Nepovezane saglasnosti"), "n", lambda _: count("unbound")),
            Place("reviews", _("Promjene iz DMS-a za provjeru"), "d", lambda _: count("reviews")),
            Place("unmatched", _("Neraspoređeno"), "x", lambda _: count("unmatched")),
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
