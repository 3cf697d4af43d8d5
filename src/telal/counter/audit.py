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
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.conversation.models import Question
from telal.counter.access import may
from telal.counter.fields import Choice, Day, Text
from telal.counter.page import page
from telal.counter.search import find_cases
from telal.counter.spreadsheet import as_text
from telal.notices.models import Consent, Subscription
from telal.staff import audit as log
from telal.staff.models import Entry, Mention

ON_A_PAGE = 50
AT_ONCE = 2_000
MOST_SHOWN = 3
COLUMNS = ("no", "at", "door", "who", "address", "action", "result", "about", "digest")

# What people call the screens; a screen that is not here goes by its name.
ACTIONS = {
    "counter:home": _("lista predmeta"),
    "counter:search": _("traženje predmeta"),
    "counter:case": _("pogled na predmet"),
    "counter:case_timeline": _("pogled na tok predmeta"),
    "counter:register": _("upis predmeta"),
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
    "counter:give_consent": _("upis saglasnosti"),
    "counter:withdraw_consent": _("povlačenje saglasnosti"),
    "counter:new_invitation": _("nova potvrda"),
    "counter:check_pin": _("provjera PIN-a"),
    "counter:take_off": _("uklanjanje razgovora"),
    "counter:unreached": _("lista: nije stiglo"),
    "counter:settle": _("javljeno na drugi način"),
    "counter:questions": _("lista pitanja"),
    "counter:answer": _("odgovor na pitanje"),
    "counter:move_screen": _("pogled na sljedeći korak"),
    "counter:preview_move": _("pregled poruke o promjeni"),
    "counter:preview_hand_over": _("pregled poruke o predaji"),
    "counter:preview_opinion": _("pregled poruke o mišljenju"),
    "counter:phone_hint": _("ko je ostavio upisani broj telefona"),
    "counter:number_noticed": _("predmeti s upisanim brojem"),
    "counter:binding": _("je li telefon povezan"),
    "counter:consent_statement": _("izjava uz saglasnost"),
    "counter:new_number": _("drugi broj na saglasnosti"),
    "counter:slip_paper": _("štampanje potvrde"),
    "counter:unbound": _("lista: nepovezane saglasnosti"),
    "counter:drop_unbound": _("skinuto s liste nepovezanih"),
    "counter:reviews": _("lista: promjene iz DMS-a"),
    "counter:approve": _("promjena iz DMS-a je u redu"),
    "counter:unmatched": _("lista: neraspoređeno"),
    "counter:try_again": _("naknadno raspoređeno"),
    "counter:dismiss_unmatched": _("odbačeno iz neraspoređenog"),
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
    "sign_in": _("prijava"),
    "sign_in_failed": _("neuspjela prijava"),
    "sign_out": _("odjava"),
}


class FindForm(forms.Form):
    """Posted, as a person's name does not belong into an address; what is found by it does: numbers of ours."""

    sought = Text(_("Predmet ili osoba"), 200, required=False)
    who = Text(_("Korisnik"), 150, required=False)
    action = Choice(_("Radnja"), [("", _("sve")), *ACTIONS.items()], required=False)
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
            asked.get("who", "").replace("\0", ""),
            asked.get("action", "").replace("\0", ""),
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
        return Entry.objects.filter(wanted).order_by("-no")


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
    before = request.GET.get("before", "")
    entries = wanted.entries()
    if before.isascii() and before.isdecimal():
        entries = entries.filter(no__lt=int(before[:18]))
    some = list(entries[: ON_A_PAGE + 1])
    shown = some[:ON_A_PAGE]
    names = _names(shown)
    context = {
        "form": form or FindForm(initial=_initial(wanted)),
        "rows": [(entry, ACTIONS.get(entry.action, entry.action), *_about(entry, names)) for entry in shown],
        "address": wanted.address(),
        "is_first": not before,
        "older": shown[-1].no if len(some) > ON_A_PAGE else "",
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
        (names.get(thing, thing), thing.removeprefix("cases/") if thing.startswith("cases/") else "")
        for thing in things
    ]
    return shown[:MOST_SHOWN], max(0, len(things) - MOST_SHOWN)


def _lines(entries: QuerySet[Entry]) -> Iterator[str]:
    # A spreadsheet takes it for UTF-8 only with the mark in front.
    yield "\ufeff" + _line(COLUMNS)
    before = None
    while batch := list((entries.filter(no__lt=before) if before else entries)[:AT_ONCE]):
        yield "".join(_line([_plain(getattr(entry, column)) for column in COLUMNS]) for entry in batch)
        before = batch[-1].no


def _line(values: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerow(values)
    return written.getvalue()


def _plain(value: Any) -> str:
    """As a spreadsheet shows it."""
    return as_text(timezone.localtime(value).isoformat() if isinstance(value, datetime) else str(value))
