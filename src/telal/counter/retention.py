"""How long data is kept: shown, and set within bounds, after a look at what would go."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.counter.access import may
from telal.counter.fields import show_first_error
from telal.counter.page import page
from telal.retention import keeping, report
from telal.retention.classes import CLASSES
from telal.retention.models import Progress
from telal.sql import database_now

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What a class is called, and from when its days are counted.
WORDS: dict[str, tuple["StrOrPromise", "StrOrPromise"]] = {
    "chat_text": (_("Tekstovi poruka"), _("od dana kad su napisani")),
    "delivery_log": (_("Zapisnik slanja: kome, kada, dokle je stiglo"), _("od dana poruke")),
    "callbacks": (_("Na koga se odnosi javljanje Vibera"), _("od dana javljanja")),
    "stray_receipts": (_("Potvrde Vibera koje ne pripadaju nijednoj poruci"), _("od dana potvrde")),
    "questions": (_("Pitanja građana"), _("od odgovora")),
    "unmatched": (_("Šta je stiglo za nepoznat predmet"), _("od dana kad je zadnji put stiglo")),
    "contacts": (_("Osobe u Viberu koje više ništa ne prate"), _("od njihove posljednje riječi")),
    "case_data": (_("Kopija podataka predmeta"), _("od posljednje promjene nakon zatvaranja")),
    "consent_proof": (_("Dokaz o saglasnosti"), _("od povlačenja, ili od brisanja podataka predmeta")),
    "audit_log": (_("Evidencija pristupa"), _("od zapisa; baza ne dopušta manje od godine")),
}


class KeepForm(forms.Form):
    """Days by class. What the server's environment says cannot be changed here."""

    use_required_attribute = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        now = keeping.days()
        for kept in CLASSES:
            fixed = keeping.is_fixed(kept.code)
            wrong = gettext("Upišite broj dana od %(least)d do %(most)d.") % {
                "least": kept.least,
                "most": kept.most,
            }
            self.fields[kept.code] = forms.IntegerField(
                label=WORDS[kept.code][0],
                initial=now[kept.code],
                disabled=fixed,
                # What is set in the environment may go further.
                min_value=None if fixed else kept.least,
                max_value=None if fixed else kept.most,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
            )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        text, log = data.get("chat_text"), data.get("delivery_log")
        if text and log and text > log:
            self.add_error("chat_text", gettext("Tekst se ne može čuvati duže od zapisnika slanja."))
        return data

    def wanted(self) -> dict[str, int]:
        return dict(self.cleaned_data)


@require_safe
@may("office.see")
def retention(request: HttpRequest) -> HttpResponse:
    """``?due`` counts what is over now, which may take seconds."""
    form = KeepForm()
    due = report.due(database_now(), keeping.days()) if "due" in request.GET else {}
    return _show(request, form, due=due)


@require_POST
@may("office.settings")
def keep(request: HttpRequest) -> HttpResponse:
    """Keeping longer is done at once; keeping shorter deletes for ever, so first it is said how much."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    wanted, now = form.wanted(), keeping.days()
    shorter = [code for code, days in wanted.items() if days < now[code]]
    summary = "-".join(str(days) for days in wanted.values())
    if shorter and request.POST.get("confirmed") != summary:
        would_go = report.due(database_now(), {**now, **wanted})
        losing = [(WORDS[code][0], now[code], wanted[code], would_go[code]) for code in shorter]
        return _show(request, form, losing=losing, summary=summary)
    keeping.choose(wanted, by=request.user.get_username())
    messages.success(request, gettext("Sačuvano. Vrijedi odmah."))
    return redirect("counter:retention")


def _show(
    request: HttpRequest, form: KeepForm, due: dict[str, int] | None = None, **more: Any
) -> HttpResponse:
    show_first_error(form)
    progress = {done.sweep: done for done in Progress.objects.all()}
    rows = [
        {
            "field": form[kept.code],
            "kept": kept,
            "from": WORDS[kept.code][1],
            "fixed": keeping.is_fixed(kept.code),
            "due": (due or {}).get(kept.code),
            "progress": progress.get(kept.code),
        }
        for kept in CLASSES
    ]
    looked = max((done.looked_at for done in progress.values() if done.looked_at), default=None)
    return page(request, "retention.html", {"form": form, "rows": rows, "due": due, "looked": looked, **more})
