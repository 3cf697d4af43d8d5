"""All that an administrator can set: a row an entry, with what it is for and how it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings as configured
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from telal.cases.names import Department, Institution, Named, Officer
from telal.cases.rules import WeekDay
from telal.counter import first_steps, viber_state
from telal.counter.access import has, may, rule_of
from telal.counter.page import page
from telal.retention import keeping

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class State:
    """How it stands, in a few words. ``ask`` is true when somebody should have a look."""

    words: str
    ask: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """``address`` is the name of the screen's address; an entry whose screen does not exist is not shown."""

    address: str
    title: "StrOrPromise"
    purpose: "StrOrPromise"
    state: Callable[[], State] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    entry: Entry
    url: str
    state: State | None


@require_safe
@may("office.see")
def settings(request: HttpRequest) -> HttpResponse:
    steps = first_steps.steps()
    context = {
        "groups": [(title, shown) for title, entries in GROUPS if (shown := _shown(request, entries))],
        "steps_done": sum(step.is_done for step in steps),
        "steps": len(steps),
        "dismissed": first_steps.are_dismissed(),
    }
    return page(request, "settings.html", context)


def _shown(request: HttpRequest, entries: tuple[Entry, ...]) -> list[Shown]:
    """Those whose screen exists and is open to whoever asks."""
    return [
        Shown(entry, url, entry.state() if entry.state else None)
        for entry in entries
        if (url := first_steps.url_of(entry.address)) and has(request, rule_of(url).permission)
    ]


# ── How things stand ─────────────────────────────────────────────────────────────────────────────────────────────────


def _names(model: type[Named]) -> Callable[[], State]:
    def state() -> State:
        count = model._default_manager.count()
        if not count:
            return State(gettext("popis je prazan"))
        unchecked = model._default_manager.filter(checked=False).count()
        if unchecked:
            words = gettext("na popisu: %(count)d, za provjeru: %(unchecked)d")
            return State(words % {"count": count, "unchecked": unchecked}, ask=True)
        return State(gettext("na popisu: %(count)d") % {"count": count})

    return state


def _municipality() -> State:
    return State(configured.TELAL_MUNICIPALITY["name"])


def _viber() -> State:
    return State(gettext("u redu")) if viber_state.is_in_order() else State(gettext("nije u redu"), ask=True)


def _hours() -> State:
    if WeekDay.objects.exclude(hours="").exists():
        return State(gettext("radno vrijeme je upisano"))
    return State(gettext("radno vrijeme nije upisano"), ask=True)


def _retention() -> State:
    days = keeping.days()
    words = gettext("poruke %(text)d dana, predmeti %(case)d dana nakon zatvaranja")
    return State(words % {"text": days["chat_text"], "case": days["case_data"]})


def _users() -> State:
    return State(gettext("s pristupom: %(count)d") % {"count": User.objects.filter(is_active=True).count()})


GROUPS: tuple[tuple["StrOrPromise", tuple[Entry, ...]], ...] = (
    (
        _("Općina i ljudi"),
        (
            Entry(
                "municipality",
                _("Podaci općine"),
                _("Naziv, adresa i kontakti na porukama, potvrdama i izjavama."),
                _municipality,
            ),
            Entry("viber", _("Veza s Viberom"), _("Prihvata li Viber naš nalog i javlja li nam događaje."), _viber),
            Entry("departments", _("Službe"), _("Kome se predmet dodjeljuje."), _names(Department)),
            Entry("officers", _("Službenici"), _("Ko vodi predmet, s telefonom i sobom."), _names(Officer)),
            Entry(
                "institutions",
                _("Institucije"),
                _("Čije se mišljenje čeka i koliko obično."),
                _names(Institution),
            ),
            Entry("users", _("Korisnici"), _("Ko se prijavljuje i šta smije."), _users),
        ),
    ),
    (
        _("Rad s predmetima"),
        (
            Entry("services", _("Usluge i rokovi"), _("Šta se može tražiti i u kojem roku se rješava.")),
            Entry("deadlines", _("Rokovi po postupku"), _("Rokovi po vrsti postupka i kada miruju.")),
            Entry("hours", _("Radno vrijeme"), _("Kada radite: za odgovore građanima i rokove."), _hours),
        ),
    ),
    (
        _("Poruke i izgled"),
        (
            Entry("texts", _("Poruke građanima"), _("Tekst svake poruke, onako kako je građanin vidi.")),
            Entry("wording", _("Izmjena poruka"), _("Vlastite riječi općine, s pregledom i povratkom na izvorne.")),
            Entry("look", _("Boje i grb"), _("Kako izgledaju ekrani i stranica za građane.")),
        ),
    ),
    (
        _("Podaci i nadzor"),
        (
            Entry("retention", _("Čuvanje podataka"), _("Koliko dugo se šta čuva i šta se briše."), _retention),
            Entry(
                "consent_wording",
                _("Izjava o saglasnosti"),
                _("Tekst koji građanin potpisuje."),
            ),
            Entry("audit", _("Evidencija pristupa"), _("Ko je šta gledao i mijenjao.")),
        ),
    ),
)  # fmt: skip
