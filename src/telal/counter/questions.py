"""What citizens asked a human: read it, answer it in the chat, or settle it in another way."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.cases.rules import timetable
from telal.conversation import bot
from telal.conversation.doing import WITH_HUMAN
from telal.conversation.models import Kind, Question
from telal.counter.access import may
from telal.counter.forms import AnswerForm
from telal.counter.noting import concerns
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.counter.waiting import questions as waiting_questions
from telal.messaging.models import Contact, Lane
from telal.messaging.outbox import Cause, Owed, owe
from telal.notices.models import Subscription


@dataclass(frozen=True, slots=True)
class _Row:
    """One question, ``days`` old, with all that is needed to answer it. It is to be answered by ``due_at``, local time."""

    question: Question
    form: AnswerForm
    cases: list[Case]
    days: int
    due_at: datetime | None
    is_late: bool


@require_safe
@may("questions.see")
def questions(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@may("questions.answer")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the answer, once, and not to somebody who has left meanwhile. Without words the question is only settled.

    A request for erasure is settled only when the clerk says so, whatever is written back and forth until then.
    """
    question = get_object_or_404(Question.objects.select_related("contact"), pk=pk)
    form = AnswerForm(request.POST, auto_id=f"answer{pk}_%s")
    if not form.is_valid():
        return _show(request, {pk: form})
    words = form.cleaned_data["answer"]
    if words and not question.contact.reachable:
        form.add_error(
            "answer", _("Građanin više ne prima poruke. Javite mu na drugi način, pa pritisnite Riješeno.")
        )
        return _show(request, {pk: form})
    stays_open = question.kind == Kind.ERASURE and not form.cleaned_data["settled"]
    with transaction.atomic():
        if (stays_open or _settle(question, request.user.get_username())) and words:
            _send(question.contact, words)
    return redirect("counter:questions")


def _settle(question: Question, who: str) -> int:
    """Mark it as dealt with; 0 where a colleague was quicker."""
    mine = Question.objects.filter(pk=question.pk, answered_at=None)
    return mine.update(answered_at=timezone.now(), answered_by=who)


def _send(contact: Contact, words: str) -> None:
    now = timezone.now()
    reply = bot.answered(words, contact.language)
    owe([Owed(contact.pk, Lane.ANSWER, reply.text, reply.buttons, Cause(None, now))], now)
    Contact.objects.filter(pk=contact.pk).update(with_human_until=now + WITH_HUMAN)


def _show(request: HttpRequest, wrong: dict[int, AnswerForm] | None = None) -> HttpResponse:
    """A page of them, who has waited longest first; ``wrong`` has the form that could not be taken, by question."""
    waiting = waiting_questions().select_related("contact")
    shown, later = a_page(waiting, request.GET.get("after", ""))
    concerns(request, *(f"questions/{one.pk}" for one in shown))
    forms = {one.pk: AnswerForm(auto_id=f"answer{one.pk}_%s") for one in shown} | (wrong or {})
    return page(
        request,
        "questions.html",
        {
            "rows": _rows(shown, forms),
            "later": later,
            "today": timezone.localdate(),
        },
    )


def _rows(questions: Sequence[Question], forms: Mapping[int, AnswerForm]) -> list[_Row]:
    cases = _cases_of({one.contact_id for one in questions})
    now = timezone.localtime()
    hours = timetable(timezone.localdate(now)) if questions else None
    rows = []
    for one in questions:
        asked = timezone.localtime(one.asked_at).replace(tzinfo=None)
        due_at = hours.answer_due(asked) if hours else None
        is_late = due_at is not None and due_at < now.replace(tzinfo=None)
        days = (now.date() - asked.date()).days
        rows.append(_Row(one, forms[one.pk], cases[one.contact_id], days, due_at, is_late))
    return rows


def _cases_of(contact_ids: Collection[int]) -> dict[int, list[Case]]:
    """What each of them follows."""
    live = Subscription.objects.filter(contact__in=contact_ids, ended_at=None)
    live = live.select_related("case__officer", "case__department")
    found: dict[int, list[Case]] = defaultdict(list)
    for subscription in live.order_by("id"):
        found[subscription.contact_id].append(subscription.case)
    return found
