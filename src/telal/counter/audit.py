"""The audit log on the screen: found by person, case, action and day, taken away as a file, and verified."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.conversation.models import Question
from telal.counter.access import may
from telal.counter.fields import Choice, Day, Text
from telal.counter.names import SCREENS
from telal.counter.page import page
from telal.counter.paging import a_page, behind, key_of
from telal.counter.search import find_cases
from telal.counter.spreadsheet import as_text
from telal.notices.models import Consent, Subscription
from telal.staff import audit as log
from telal.staff.models import Entry, Mention

AT_ONCE = 2_000
MOST_SHOWN = 3
COLUMNS = ("no", "at", "door", "who", "address", "action", "result", "about", "digest")

# What people call the screens; the API's calls and commands go by their names.
ACTIONS: dict[str, str | Promise] = {
    "counter:home": _("lista predmeta"),
    "counter:search": _("traženje predmeta"),
    "counter:case": _("pogled na predmet"),
    "counter:case_timeline": _("pogled na tok predmeta"),
    "counter:register": _("upis predmeta"),
    "counter:move_screen": _("priprema promjene stanja"),
    "counter:move": _("promjena stanja"),
    "counter:mine": _("moji predmeti"),
    "counter:bulk": _("promjena više predmeta"),
    "counter:undo": _("poništavanje promjene"),
    "counter:hand_over": _("predaja predmeta"),
    "counter:opinions": _("lista mišljenja"),
    "counter:ask_opinion": _("zatraženo mišljenje"),
    "counter:answer_opinion": _("upis mišljenja"),
    "counter:add_note": _("bilješka"),
    "counter:statement": _("izjava za potpis"),
    "counter:consent_statement": _("izjava za potpis"),
    "counter:give_consent": _("upis saglasnosti"),
    "counter:new_number": _("drugi broj na saglasnosti"),
    "counter:withdraw_consent": _("povlačenje saglasnosti"),
    "counter:new_invitation": _("nova potvrda"),
    "counter:slip_paper": _("štampanje potvrde"),
    "counter:undo_bar": _("ponuda da se promjena vrati"),
    "counter:preview_answer": _("pregled poruke uz odgovor na mišljenje"),
    "counter:check_pin": _("provjera PIN-a"),
    "counter:take_off": _("uklanjanje razgovora"),
    "counter:unreached": _("lista: nije stiglo"),
    "counter:settle": _("javljeno na drugi način"),
    "counter:work": _("pregled onoga što čeka"),
    "counter:unbound": _("lista: nepovezane saglasnosti"),
    "counter:drop_unbound": _("nepovezana saglasnost skinuta s liste"),
    "counter:unmatched": _("lista: neraspoređeno"),
    "counter:dismiss_unmatched": _("odbačeno što je stiglo iz DMS-a"),
    "counter:try_again": _("raspoređeno što je stiglo iz DMS-a"),
    "counter:reviews": _("lista: promjene iz DMS-a za provjeru"),
    "counter:approve": _("provjerena promjena iz DMS-a"),
    "counter:questions": _("lista pitanja"),
    "counter:answer": _("odgovor na pitanje"),
    "counter:preview_move": _("pregled poruke o promjeni"),
    "counter:preview_hand_over": _("pregled poruke o predaji"),
    "counter:preview_opinion": _("pregled poruke o mišljenju"),
    "counter:phone_hint": _("ko je ostavio upisani broj telefona"),
    "counter:number_noticed": _("predmeti s upisanim brojem"),
    "counter:binding": _("je li telefon povezan"),
    "counter:users": _("lista korisnika"),
    "counter:user": _("izmjena korisnika"),
    "counter:new_user": _("novi korisnik"),
    "counter:reset_password": _("nova lozinka korisniku"),
    "counter:remove_second_factor": _("uklonjen drugi korak korisniku"),
    "counter:deactivate": _("ukinut pristup korisniku"),
    "counter:activate": _("vraćen pristup korisniku"),
    "counter:export_audit": _("izvoz evidencije pristupa"),
    "counter:verify_audit": _("provjera evidencije pristupa"),
    "account_change_password": _("nova vlastita lozinka"),
    "account_reauthenticate": _("potvrda lozinkom"),
    "mfa_activate_totp": _("uključena aplikacija s kodovima"),
    "mfa_deactivate_totp": _("isključena aplikacija s kodovima"),
    "mfa_add_webauthn": _("dodan pristupni ključ"),
    "mfa_remove_webauthn": _("uklonjen pristupni ključ"),
    "mfa_generate_recovery_codes": _("novi rezervni kodovi"),
    "mfa_reauthenticate": _("potvrda kodom"),
    "mfa_reauthenticate_webauthn": _("potvrda ključem"),
    "usersessions_list": _("odjava na drugim mjestima"),
    "counter:audit": _("pogled na evidenciju pristupa"),
    "counter:hours": _("pogled na radno vrijeme"),
    "counter:set_week": _("radno vrijeme: sedmica"),
    "counter:add_exceptional": _("radno vrijeme: dodan izuzetak"),
    "counter:drop_exceptional": _("radno vrijeme: uklonjen izuzetak"),
    "counter:choose_holiday": _("radno vrijeme: praznik"),
    "counter:services": _("pogled na usluge"),
    "counter:service": _("izmjena usluge"),
    "counter:new_service": _("nova usluga"),
    "counter:export_services": _("preuzeta tabela usluga"),
    "counter:import_services": _("uvezena tabela usluga"),
    "counter:deadlines": _("pogled na pravila za rokove"),
    "counter:set_deadlines": _("izmjena pravila za rokove"),
    "counter:recount": _("provjera rokova"),
    "counter:count_anew": _("primijenjeni novi rokovi"),
    "counter:texts": _("pogled na poruke građanima"),
    "counter:wording": _("pogled na tekst poruke"),
    "counter:save_wording": _("izmjena teksta poruke"),
    "counter:settings": _("pogled na podešavanja"),
    **{
        f"counter:{kind}{rest}": format_lazy("{title}: {act}", title=screen.title, act=act)
        for kind, screen in SCREENS.items()
        for rest, act in (
            ("", _("pogled na popis")),
            ("_add", _("dodano")),
            ("_checked", _("označeno kao provjereno")),
            ("_one", _("pogled na naziv")),
            ("_change", _("izmjena")),
            ("_merge", _("spajanje")),
        )
    },
    "counter:municipality": _("pogled na podatke općine"),
    "counter:facts_are_right": _("potvrđeni podaci općine"),
    "counter:consent_wording": _("pogled na izjavu o saglasnosti"),
    "counter:wording_is_right": _("potvrđena izjava o saglasnosti"),
    "counter:viber": _("pogled na vezu s Viberom"),
    "counter:check_viber": _("provjera veze s Viberom"),
    "counter:retention": _("pogled na čuvanje podataka"),
    "counter:keep": _("izmjena čuvanja podataka"),
    "counter:first_steps": _("prvi koraci"),
    "counter:dismiss": _("prvi koraci sklonjeni"),
    "counter:nothing_here": _("adresa koje nema"),
    "mfa_index": _("vlastiti račun"),
    "mfa_view_recovery_codes": _("pogled na rezervne kodove"),
    "mfa_list_webauthn": _("pogled na pristupne ključeve"),
    "sign_in": _("prijava"),
    "sign_in_failed": _("neuspjela prijava"),
    "sign_out": _("odjava"),
}


# What people call the things without a name of their own; each is followed by our number of it.
THINGS = {
    "consents": _("saglasnost %(no)s"),
    "chats": _("razgovor %(no)s"),
    "questions": _("pitanje %(no)s"),
    "opinions": _("mišljenje %(no)s"),
    "unreached": _("obavijest %(no)s"),
    "services": _("usluga %(no)s"),
}


def _actions() -> list[tuple[str, str | Promise]]:
    """All of them, in the order of the alphabet."""
    return [("", _("sve")), *sorted(ACTIONS.items(), key=lambda one: str(one[1]))]


class FindForm(forms.Form):
    """Posted, as a person's name does not belong into an address; what is found by it does: numbers of ours."""

    sought = Text(_("Predmet ili osoba"), 200, required=False)
    who = Text(_("Korisnik"), 150, required=False)
    action = Choice(_("Radnja"), _actions, required=False)
    first = Day(_("Od dana"), required=False)
    last = Day(_("Do dana"), required=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as it stands in the address. ``cases`` None: not asked for; empty: asked for, and there is none."""

    cases: tuple[int, ...] | None = None
    who: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, asked: QueryDict) -> "Wanted":
        """What does not make sense is left out."""
        cases = tuple(
            int(part[:18])
            for part in asked.get("cases", "").split(",")
            if part.isascii() and part.isdecimal()
        )
        return cls(
            cases if "cases" in asked else None,
            asked.get("who", ""),
            asked.get("action", ""),
            _day(asked.get("first", "")),
            _day(asked.get("last", "")),
        )

    def address(self) -> str:
        query = QueryDict(mutable=True)
        if self.cases is not None:
            query["cases"] = ",".join(map(str, self.cases))
        for name in ("who", "action", "first", "last"):
            if value := getattr(self, name):
                query[name] = str(value)
        return query.urlencode()

    def entries(self) -> QuerySet[Entry]:
        """The newest first."""
        wanted = Q()
        if self.cases is not None:
            mentions = Mention.objects.filter(about__in=_things_of(self.cases))
            wanted &= Q(no__in=mentions.values("entry"))
        if self.who:
            wanted &= Q(who=self.who)
        if self.action:
            wanted &= Q(action=self.action)
        if self.first:
            wanted &= Q(at__gte=_midnight(self.first))
        if self.last:
            wanted &= Q(at__lt=_midnight(self.last + timedelta(days=1)))
        return Entry.objects.filter(wanted).order_by("-at", "-no")


def _things_of(cases: Collection[int]) -> list[str]:
    """All that belongs to these cases, as entries name it."""
    contacts = Subscription.objects.filter(case__in=cases).values("contact")
    found: dict[str, QuerySet[Any, Any]] = {
        "consents": Consent.objects.filter(case__in=cases).values_list("pk", flat=True),
        "chats": Subscription.objects.filter(case__in=cases).values_list("pk", flat=True),
        "questions": Question.objects.filter(contact__in=contacts).values_list("pk", flat=True),
    }
    refs = Case.objects.filter(pk__in=cases).values_list("ref", flat=True)
    return [
        *(f"cases/{case}" for case in cases),
        *(f"refs/{quote(ref, safe='')}"[: log.LONGEST_MENTION] for ref in refs),
        *(f"{kind}/{pk}" for kind, pks in found.items() for pk in pks),
    ]


def _day(text: str) -> date | None:
    try:
        return Day("").to_python(text)
    except ValidationError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


# ── Screens ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@may("audit.see")
def audit(request: HttpRequest) -> HttpResponse:
    return _show(request, Wanted.of(request.GET))


@require_POST
@may("audit.see", quiet=True)
def find_audit(request: HttpRequest) -> HttpResponse:
    form = FindForm(request.POST)
    if not form.is_valid():
        return _show(request, Wanted(), form=form)
    data = form.cleaned_data
    sought = data.pop("sought")
    cases = tuple(case.pk for case in find_cases(sought)) if sought else None
    return redirect(f"{reverse('counter:audit')}?{Wanted(cases, **data).address()}")


@require_POST
@may("audit.see")
def export_audit(request: HttpRequest) -> HttpResponseBase:
    """Everything that was found, for a spreadsheet."""
    lines = _lines(Wanted.of(request.GET).entries())
    name = f"telal-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@may("audit.see")
def verify_audit(request: HttpRequest) -> HttpResponse:
    return _show(request, Wanted(), verdict=log.verify())


def _show(request: HttpRequest, wanted: Wanted, form: FindForm | None = None, **more: Any) -> HttpResponse:
    # First which, of nothing but what the indexes hold; then what they say.
    found, older = a_page(wanted.entries().only("no", "at"), request.GET.get("after", ""))
    entries = Entry.objects.in_bulk([one.no for one in found])
    shown = [entries[one.no] for one in found if one.no in entries]
    names = _names(shown)
    context = {
        "form": form or FindForm(initial=_initial(wanted)),
        "rows": [(entry, ACTIONS.get(entry.action, entry.action), *_about(entry, names)) for entry in shown],
        "address": wanted.address(),
        "older": older,
        "of_cases": wanted.cases is not None,
    }
    return page(request, "audit.html", context | more)


def _initial(wanted: Wanted) -> dict[str, Any]:
    sought = ""
    if wanted.cases and len(wanted.cases) == 1:
        sought = Case.objects.filter(pk=wanted.cases[0]).values_list("number", flat=True).first() or ""
    return {
        "sought": sought,
        "who": wanted.who,
        "action": wanted.action,
        "first": wanted.first,
        "last": wanted.last,
    }


def _names(entries: Sequence[Entry]) -> dict[str, str]:
    """What people call the things that will be shown: the number on paper of a case, the name of a user."""
    things = {tuple(thing.split("/")) for entry in entries for thing in entry.about.split()[:MOST_SHOWN]}
    cases = Case.objects.filter(pk__in=[pk for kind, pk in things if kind == "cases"])
    users = User.objects.filter(pk__in=[pk for kind, pk in things if kind == "users"])
    return {f"cases/{pk}": number for pk, number in cases.values_list("pk", "number")} | {
        f"users/{pk}": name for pk, name in users.values_list("pk", "username")
    }


def _about(entry: Entry, names: dict[str, str]) -> tuple[list[tuple[str, str]], int]:
    """A few of the things, each by its name and with the number of the case where it is one, and how many more there are."""
    things = entry.about.split()
    shown = [
        (
            names.get(thing) or _called(thing),
            thing.removeprefix("cases/") if thing.startswith("cases/") else "",
        )
        for thing in things
    ]
    return shown[:MOST_SHOWN], max(0, len(things) - MOST_SHOWN)


def _called(thing: str) -> str:
    kind, _slash, no = thing.partition("/")
    return str(THINGS[kind]) % {"no": no} if kind in THINGS else thing


def _lines(entries: QuerySet[Entry]) -> Iterator[str]:
    # A spreadsheet takes it for UTF-8 only with the mark in front.
    yield "\ufeff" + _line(COLUMNS)
    key = ""
    while batch := list(behind(entries, key)[:AT_ONCE]):
        yield "".join(_line([_plain(getattr(entry, column)) for column in COLUMNS]) for entry in batch)
        key = key_of((batch[-1].at, batch[-1].no))


def _line(values: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerow(values)
    return written.getvalue()


def _plain(value: Any) -> str:
    """As a spreadsheet shows it."""
    return as_text(timezone.localtime(value).isoformat() if isinstance(value, datetime) else str(value))
