"""Departments, officers and institutions: one list and one form for all three, and a row for what each has of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.folding import fold
from telal.cases.merging import Busy, Clash, Gone, Taken, awaited_of_both, merge, owner_of, rename
from telal.cases.names import Department, Institution, Named, Officer
from telal.counter.access import may
from telal.counter.fields import show_first_error
from telal.counter.likeness import alike
from telal.counter.name_forms import DepartmentForm, InstitutionForm, ListForm, NameForm, OfficerForm
from telal.counter.page import page
from telal.counter.paging import ON_A_PAGE, a_page
from telal.counter.search import every_word_in
from telal.counter.waiting import id_in

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# So many names are compared for likeness; more would take too long to wait for.
_MOST_COMPARED = 3000
# So many cases that stand in the way are named.
_MOST_CASES = 10


@dataclass(frozen=True, slots=True)
class Screen:
    """``columns`` are the facts in the list: heading and attribute. ``to_paste`` says what a line of a pasted list holds."""

    model: type[Named]
    form: type[NameForm]
    title: "StrOrPromise"
    purpose: "StrOrPromise"
    to_paste: "StrOrPromise"
    columns: tuple[tuple["StrOrPromise", str], ...] = ()
    related: tuple[str, ...] = ()


SCREENS = {
    "departments": Screen(
        Department,
        DepartmentForm,
        _("Službe"),
        _("Kome se predmet dodjeljuje. Naziv vidi građanin u poruci."),
        _("Jedan naziv u redu."),
    ),
    "officers": Screen(
        Officer,
        OfficerForm,
        _("Službenici"),
        _("Ko vodi predmet. Ime, telefon i sobu vidi građanin u poruci."),
        _("U svakom redu: ime; telefon; soba; služba. Može i zalijepljeno iz Excela."),
        ((_("Telefon"), "phone"), (_("Soba"), "room"), (_("Služba"), "department")),
        ("department",),
    ),
    "institutions": Screen(
        Institution,
        InstitutionForm,
        _("Institucije"),
        _("Čije se mišljenje ili saglasnost čeka. Naziv vidi građanin u poruci."),
        _("U svakom redu: naziv; rok za mišljenje u danima; kontakt. Može i zalijepljeno iz Excela."),
        ((_("Rok za mišljenje (dana)"), "opinion_days"), (_("Kontakt"), "contact")),
    ),
}

# Which of them: what stands in the address, the words, the condition.
_SHOWN: dict[str, tuple["StrOrPromise", Q]] = {
    "": (_("Sve"), Q()),
    "unchecked": (_("Za provjeru"), Q(checked=False)),
    "inactive": (_("Ne nude se"), Q(active=False)),
}

_NOT_MERGED: dict[type[Exception], "StrOrPromise"] = {
    Gone: _("Nije spojeno: neko ih je u međuvremenu već spojio ili preimenovao."),
    Busy: _("Nije spojeno: predmeti se upravo mijenjaju. Pokušajte ponovo za minutu."),
    Clash: _(
        "Nije spojeno: oba imaju nešto čega može biti samo jedno, na primjer svog korisnika. Uklonite to kod onog koji nestaje."
    ),
}
_BOTH_AWAITED = _(
    "Nije spojeno: na istom predmetu čeka se mišljenje od obje. Neka službenik za jedno upiše odgovor, pa ih spojite."
)


def addresses() -> list[URLPattern]:
    """For each of the three: the list, and one of them; to look, to add, to change, to merge."""
    return [
        path(f"settings/{kind}{rest}", view, {"kind": kind}, name=f"{kind}{name}")
        for kind in SCREENS
        for rest, view, name in (
            ("", names, ""),
            ("/add", add, "_add"),
            ("/checked", check, "_checked"),
            ("/<int:pk>", one_name, "_one"),
            ("/<int:pk>/change", change, "_change"),
            ("/<int:pk>/merge", merge_names, "_merge"),
        )
    ]


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@may("office.see")
def names(request: HttpRequest, kind: str) -> HttpResponse:
    return _show_list(request, kind, ListForm(SCREENS[kind].form))


@require_POST
@may("office.settings")
def add(request: HttpRequest, kind: str) -> HttpResponse:
    screen = SCREENS[kind]
    form = ListForm(screen.form, request.POST)
    if not form.is_valid():
        return _show_list(request, kind, form)
    with transaction.atomic():
        added = sum(_add(screen.model, line) for line in form.lines)
    known = len(form.lines) - added
    said = gettext("Dodano: %(added)d.") % {"added": added}
    if known:
        said += " " + gettext("Već je bilo na popisu: %(known)d.") % {"known": known}
    messages.success(request, said)
    return redirect(f"counter:{kind}")


def _add(model: type[Named], form: NameForm) -> bool:
    """Is it new? One that has come in by itself has now been looked at, and keeps what is known of it."""
    name = form.cleaned_data["name"]
    owner = owner_of(model, name)
    if owner is None:
        model._default_manager.create(name=name, checked=True, **form.facts())
        return True
    if owner.name == name and not owner.checked:
        model._default_manager.filter(pk=owner.pk).update(checked=True)
    return False


@require_POST
@may("office.settings")
def check(request: HttpRequest, kind: str) -> HttpResponse:
    """Those that were on the page have been looked at; whatever has come in since has not."""
    seen = [int(pk) for pk in request.POST.getlist("seen")[:ON_A_PAGE] if pk.isdecimal() and len(pk) < 19]
    SCREENS[kind].model._default_manager.filter(pk__in=seen).update(checked=True)
    return redirect(f"{reverse(f'counter:{kind}')}?show=unchecked")


def _show_list(request: HttpRequest, kind: str, form: ListForm) -> HttpResponse:
    screen = SCREENS[kind]
    show = request.GET.get("show", "")
    text = request.GET.get("q", "").strip()
    _words, shown = _SHOWN.get(show, _SHOWN[""])
    rows, further = _some(screen, shown & every_word_in("name", text), request.GET.get("after", ""))
    context = {
        "kind": kind,
        "screen": screen,
        "rows": [(one, [(heading, getattr(one, fact)) for heading, fact in screen.columns]) for one in rows],
        "further": further,
        "q": text,
        "show": show,
        "shown": [(code, words) for code, (words, _condition) in _SHOWN.items()],
        "unchecked": _how_many_unchecked(screen.model),
        "seen": [one.pk for one in rows if not one.checked],
        "form": form,
        "urls": {name: f"counter:{kind}_{name}" for name in ("add", "checked", "one")},
        "list_url": f"counter:{kind}",
    }
    return page(request, "names.html", context)


def _some(screen: Screen, wanted: Q, after: str) -> tuple[Sequence[Named], str]:
    """A page in the order of names, and the key of the next one: an id, for the names of people stand in no address."""
    every: QuerySet[Any] = screen.model._default_manager.order_by("name")
    last = every.filter(pk=id_in(after)).values_list("name", flat=True).first()
    some, further = a_page(every.filter(wanted).select_related(*screen.related), last or "")
    return some, str(some[-1].pk) if further else ""


def _how_many_unchecked(model: type[Named]) -> int:
    return model._default_manager.filter(checked=False).count()


# ── One of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@may("office.see")
def one_name(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    one = get_object_or_404(SCREENS[kind].model, pk=pk)
    return _show_one(request, kind, one, SCREENS[kind].form.of(one))


@require_POST
@may("office.settings")
def change(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    screen = SCREENS[kind]
    one = get_object_or_404(screen.model, pk=pk)
    form = screen.form(request.POST, one=one)
    if not form.is_valid():
        return _show_one(request, kind, one, form)
    try:
        with transaction.atomic():
            rename(one, form.cleaned_data["name"])
            facts = {**form.facts(), "active": form.cleaned_data["active"], "checked": True}
            screen.model._default_manager.filter(pk=pk).update(**facts)
    except Taken:
        form.say_taken()
        return _show_one(request, kind, get_object_or_404(screen.model, pk=pk), form)
    messages.success(request, gettext("Sačuvano: %(name)s.") % {"name": one.name})
    return redirect(f"counter:{kind}")


@require_POST
@may("office.settings")
def merge_names(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """First what would happen, then, when that has been read, it happens."""
    model = SCREENS[kind].model
    one = get_object_or_404(model, pk=pk)
    form = SCREENS[kind].form.of(one)
    into = owner_of(model, " ".join(request.POST.get("into", "").split()))
    if into is None or into == one:
        why = gettext("Upišite drugi naziv s popisa, onaj koji ostaje.")
        return _show_one(request, kind, one, form, into=request.POST.get("into", ""), not_merged=why)
    if kind == "institutions" and (both := awaited_of_both(one, into)[:_MOST_CASES]):
        return _show_one(
            request, kind, one, form, into=into.name, not_merged=_BOTH_AWAITED, both_awaited=both
        )
    if request.POST.get("confirmed") != str(into.pk):
        cases = one.cases.count()  # type: ignore[attr-defined]
        return _show_one(request, kind, one, form, into=into.name, merging=into, merging_cases=cases)
    try:
        moved = merge(one, into)
    except (Gone, Busy, Clash) as error:
        return _show_one(request, kind, one, form, into=into.name, not_merged=_NOT_MERGED[type(error)])
    said = gettext("Spojeno: %(old)s → %(into)s. Predmeta koji su prešli: %(moved)d.")
    messages.success(request, said % {"old": one.name, "into": into.name, "moved": moved})
    return redirect(f"counter:{kind}_one", into.pk)


def _show_one(
    request: HttpRequest,
    kind: str,
    one: Named,
    form: NameForm,
    *,
    not_merged: str | Promise = "",
    **more: Any,
) -> HttpResponse:
    show_first_error(form)
    screen = SCREENS[kind]
    others = list(
        screen.model._default_manager.exclude(pk=one.pk).values_list("name", flat=True)[:_MOST_COMPARED]
    )
    likely = alike(fold(one.name), {name: fold(name) for name in others})
    context = {
        "kind": kind,
        "screen": screen,
        "one": one,
        "form": form,
        "others": others,
        "alike": likely,
        "into": likely[0] if likely else "",
        "spellings": one.spellings.order_by("name"),  # type: ignore[attr-defined]
        "departments": Department.objects.offered() if kind == "officers" else (),
        "not_merged": not_merged,
        "urls": {name: f"counter:{kind}_{name}" for name in ("change", "merge", "one")},
        "list_url": f"counter:{kind}",
        **more,
    }
    return page(request, "name.html", context)
