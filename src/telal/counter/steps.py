"""What officers fill in to move cases on: one case, many at once, a hand-over, an opinion asked for and given, a note."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telal.cases import deadlines
from telal.cases.merging import owner_of
from telal.cases.models import Case, Change, Department, Institution, Officer, Opinion
from telal.cases.rules import in_force
from telal.cases.statuses import OUTCOMES, STATUSES, is_expected, may_carry_outcome
from telal.counter.fields import TOO_LONG, Choice, Day, Moment, Text
from telal.counter.templatetags.counter import outcome_label, status_label

_Labelled = list[tuple[str, str | Promise]]
_Grouped = list[tuple[str | Promise, Any]]

_LONGEST_NOTE = 2000


class _Step(forms.Form):
    """``key`` is new with every page: a form that arrives twice acts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    use_required_attribute = False

    @property
    def change_key(self) -> str:
        return f"counter:{self.cleaned_data['key']}"


def _free_text(label: Any, rows: int = 2, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("Upišite ovaj podatak."), "max_length": TOO_LONG},
        **options,
    )


class MoveForm(_Step):
    """Fields that the clerk leaves alone say nothing: what a colleague has written meanwhile stays."""

    status = Choice(_("Novo stanje"), [])
    waiting_for = Text(
        _("Od koga se čeka"), 200, suggestions="institutions", required=False, show_hidden_initial=True
    )
    outcome = Choice(_("Ishod"), [], required=False, show_hidden_initial=True)
    department = Text(_("Služba"), 200, suggestions="departments", required=False, show_hidden_initial=True)
    officer = Text(_("Službenik"), 200, suggestions="officers", required=False, show_hidden_initial=True)
    due_on = Day(_("Rok za rješavanje"), required=False, show_hidden_initial=True)
    due_counted = forms.BooleanField(label=_("Neka rok opet računa Telal"), required=False)
    occurred_at = Moment(label=_("Kada"), required=False)
    note = _free_text(_("Interna napomena"), required=False)

    def __init__(self, case: Case | None, data: Any = None, **options: Any) -> None:
        """Without a case, for many at once."""
        super().__init__(data, auto_id="move_%s", **options)
        status, outcome = self.fields["status"], self.fields["outcome"]
        assert isinstance(status, forms.ChoiceField)
        assert isinstance(outcome, forms.ChoiceField)
        status.choices = _next_statuses(case) if case else _all_statuses()
        outcome.choices = [
            ("", _("još se ne navodi")),
            *((code, outcome_label(code)) for code in OUTCOMES),
        ]
        if not (case and case.due_given):
            del self.fields["due_counted"]

    @classmethod
    def of(cls, case: Case, *, due_counted: bool = False) -> "MoveForm":
        """The form as a page first shows it; with ``due_counted`` it gives the deadline back to the clock, no more."""
        return cls(
            case,
            initial={
                "waiting_for": case.waiting_for.name if case.waiting_for else "",
                "outcome": case.outcome,
                "department": case.department.name if case.department else "",
                "officer": case.officer.name if case.officer else "",
                "due_on": case.due_on,
                "due_counted": due_counted,
                "status": case.status if due_counted else "",
                "key": uuid.uuid4(),
            },
        )

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on is None and "due_on" in self.changed_data:
            raise forms.ValidationError(_("Rok se može promijeniti, ali ne i izbrisati."))
        return due_on

    def clean_occurred_at(self) -> Any:
        occurred_at = self.cleaned_data["occurred_at"]
        if occurred_at and occurred_at > timezone.now():
            raise forms.ValidationError(_("To još nije bilo: vrijeme je u budućnosti."))
        return occurred_at

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("due_counted") and "due_on" in self.changed_data:
            self.add_error("due_on", _("Ili upišite rok, ili neka ga računa Telal."))
        if data.get("status") == "awaiting_other_body" and data.get("waiting_for") == "":
            self.add_error("waiting_for", _("Upišite čije se mišljenje ili saglasnost čeka."))
        return data

    def change(self) -> Change:
        """What the clerk has asked for."""
        status = self.cleaned_data["status"]
        return Change(
            status=status,
            occurred_at=self.cleaned_data["occurred_at"],
            department=self._changed("department"),
            officer=self._changed("officer"),
            waiting_for=self.cleaned_data["waiting_for"] if status == "awaiting_other_body" else None,
            outcome=self._changed("outcome") if may_carry_outcome(status) else None,
            due_on=self._changed("due_on"),
            due_counted=self.cleaned_data.get("due_counted", False),
            note=self.cleaned_data["note"].strip(),
            key=self.change_key,
        )

    def _changed(self, field: str) -> Any:
        return self.cleaned_data[field] if field in self.changed_data else None


class HandOverForm(_Step):
    """To whom: another officer, another department, or both; the officer may also be left open."""

    department = forms.ModelChoiceField(
        Department.objects.offered(), label=_("Služba"), required=False, empty_label=_("ostaje")
    )
    officer = forms.ModelChoiceField(
        Officer.objects.offered(), label=_("Službenik"), required=False, empty_label=_("ostaje")
    )
    note = _free_text(_("Interna napomena"), required=False)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="hand_over_%s", **options)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not (data.get("department") or data.get("officer")):
            raise forms.ValidationError(_("Izaberite službu ili službenika kojem se predmet predaje."))
        return data

    def change_of(self, case: Case) -> Change:
        """Told as *assigned* where that is what it is; a case that waits goes on waiting, with somebody else."""
        department, officer = self.cleaned_data["department"], self.cleaned_data["officer"]
        # Who worked on it in the old department does not go with it.
        leaves = department and department != case.department and not officer
        return Change(
            status="assigned" if "assigned" in STATUSES[case.status].next else case.status,
            department=department.name if department else None,
            officer=officer.name if officer else "" if leaves else None,
            note=self.cleaned_data["note"].strip(),
            key=self.change_key,
        )


class AskForm(_Step):
    """An opinion is asked for."""

    AWAITED = _("Mišljenje ovog organa već se čeka.")

    institution = Text(_("Od koga"), 200, suggestions="institutions")
    asked_on = Day(_("Zatraženo"))
    due_on = Day(_("Rok za mišljenje"), required=False)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="ask_%s", **options)

    @classmethod
    def blank(cls) -> "AskForm":
        return cls(initial={"asked_on": timezone.localdate(), "key": uuid.uuid4()})

    def clean_asked_on(self) -> Any:
        if self.cleaned_data["asked_on"] > timezone.localdate():
            raise forms.ValidationError(_("Datum ne može biti u budućnosti."))
        return self.cleaned_data["asked_on"]

    def clean(self) -> dict[str, Any]:
        """Where no date is given, the institution has the days that are kept with it, else those of the rules."""
        data = self.cleaned_data
        asked_on, due_on = data.get("asked_on"), data.get("due_on")
        if asked_on and due_on and due_on < asked_on:
            self.add_error("due_on", _("Rok ne može biti prije dana kada je mišljenje zatraženo."))
        elif asked_on and "institution" in data and "due_on" in data:
            data["due_on"] = due_on or _usually_due(data["institution"], asked_on)
        return data

    def change(self) -> Change:
        return Change(
            "awaiting_other_body", waiting_for=self.cleaned_data["institution"], key=self.change_key
        )


def _usually_due(institution: str, asked_on: date) -> date:
    """By when this institution usually answers; else as the rules have it."""
    known, kept = owner_of(Institution, institution), in_force()
    its_own = known.opinion_days if isinstance(known, Institution) else None
    due_on = deadlines.until(
        asked_on, its_own or kept.rules.days["opinion"] or deadlines.DAYS["opinion"], kept.working_days
    )
    assert due_on
    return due_on


class OpinionAnswerForm(_Step):
    """An opinion has come. ``status`` is what the case becomes; empty leaves it as it is."""

    answered_on = Day(_("Stiglo"))
    answer = _free_text(_("Šta kažu"), required=False)
    status = Choice(_("Predmet je sada"), [], required=False)

    def __init__(self, opinion: Opinion, others: list[Institution], data: Any = None, **options: Any) -> None:
        """``others`` are those whose opinion on the case is still awaited, the first due first."""
        super().__init__(data, auto_id=f"answer_{opinion.pk}_%s", **options)
        self.opinion, self.others = opinion, others
        status = self.fields["status"]
        assert isinstance(status, forms.ChoiceField)
        status.choices = _after_an_answer(others)

    @classmethod
    def of(cls, opinion: Opinion, others: list[Institution]) -> "OpinionAnswerForm":
        """The form as a page first shows it: the next of the others is awaited, or work goes on."""
        waits = opinion.case.status == "awaiting_other_body"
        goes_on = "in_progress" if waits and not others else opinion.case.status if waits else ""
        initial = {"answered_on": timezone.localdate(), "status": goes_on, "key": uuid.uuid4()}
        return cls(opinion, others, initial=initial)

    def clean_answered_on(self) -> Any:
        answered_on = self.cleaned_data["answered_on"]
        if answered_on > timezone.localdate():
            raise forms.ValidationError(_("Datum ne može biti u budućnosti."))
        if answered_on < self.opinion.asked_on:
            raise forms.ValidationError(_("Odgovor ne može biti prije dana kada je mišljenje zatraženo."))
        return answered_on

    def change(self) -> Change | None:
        """None when the case stays as it is."""
        status = self.cleaned_data["status"]
        if not status:
            return None
        waiting_for = self.others[0].name if status == "awaiting_other_body" else None
        return Change(status, waiting_for=waiting_for, key=self.change_key)


class NoteForm(_Step):
    text = _free_text(_("Nova bilješka"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id="note_%s", **options)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].strip()
        return text


def _next_statuses(case: Case) -> _Grouped:
    usual = STATUSES[case.status].next
    others = [code for code in STATUSES if code not in usual and code != case.status]
    # What the law allows this kind of case stands among the usual ones, too.
    usual = (*usual, *(code for code in others if is_expected(case.status, code, case.kind)))
    groups: _Grouped = [("", _("Izaberite…"))]
    if usual:
        groups.append((_("Uobičajeno dalje"), _labelled(code for code in usual if code != case.status)))
    groups.append((_("Isto stanje, druge pojedinosti"), _labelled([case.status])))
    groups.append(
        (_("Ostalo (označava se kao neuobičajeno)"), _labelled(code for code in others if code not in usual))
    )
    return groups


def _all_statuses() -> _Grouped:
    return [("", _("Izaberite…")), *_labelled(STATUSES)]


def _after_an_answer(others: list[Institution]) -> _Grouped:
    """Where it waits for several, it may go on waiting for the others; and work may always go on."""
    after = [code for code in STATUSES["awaiting_other_body"].next if code != "suspended"]
    if others:
        after.insert(0, "awaiting_other_body")
    return [("", _("ostaje kako jeste")), *_labelled(after)]


def _labelled(codes: Iterable[str]) -> _Labelled:
    return [(code, status_label(code)) for code in codes]
