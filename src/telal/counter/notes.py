"""Notes about a case that citizens do not see: written once, listed, never edited."""

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from telal.cases.models import Case, Note
from telal.counter.access import may
from telal.counter.case import cases, show_case
from telal.counter.steps import NoteForm


@require_POST
@may("cases.move", of=Case)
def add_note(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(cases(), pk=pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show_case(request, case, note_form=form)
    _write(case, form, request.user.get_username())
    return redirect("counter:case", pk)


def _write(case: Case, form: NoteForm, by: str) -> None:
    """The same form sent twice writes one note."""
    key = form.cleaned_data["key"]
    try:
        with transaction.atomic():
            Note.objects.create(
                case=case,
                text=form.cleaned_data["text"],
                written_by=by,
                written_at=timezone.now(),
                key=str(key),
            )
    except IntegrityError:
        if not Note.objects.filter(key=str(key)).exists():
            raise
