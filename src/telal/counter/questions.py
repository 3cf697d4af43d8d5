"""What citizens asked a human: read it, answer it in the chat, or settle it in another way."""

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from telal.cases.models import Case
from telal.conversation import bot
from telal.conversation.doing import WITH_HUMAN
from telal.conversation.models import Kind, Question
from telal.counter.access import may
from telal.counter.forms import AnswerForm
from telal.counter.page import page
from telal.messaging.models import Contact, Lane
from telal.messaging.outbox import Cause, Owed, owe
from telal.notices.models import Subscription

ON_A_PAGE = 50


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
            "answer", "Građanin više ne prima poruke. Javite mu na drugi način, pa pritisnite Riješeno."
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
    after = request.GET.get("after", "")
    waiting = Question.objects.filter(answered_at=None).select_related("contact").order_by("id")
    if after.isascii() and after.isdecimal():
        waiting = waiting.filter(pk__gt=int(after[:18]))
    some = list(waiting[: ON_A_PAGE + 1])
    shown = some[:ON_A_PAGE]
    forms = {one.pk: AnswerForm(auto_id=f"answer{one.pk}_%s") for one in shown} | (wrong or {})
    cases = _cases_of({one.contact_id for one in shown})
    return page(
        request,
        "questions.html",
        {
            "rows": [(one, forms[one.pk], cases[one.contact_id]) for one in shown],
            "later": shown[-1].pk if len(some) > ON_A_PAGE else "",
            "is_first": not after,
            "today": timezone.localdate(),
        },
    )


def _cases_of(contact_ids: Collection[int]) -> dict[int, list[Case]]:
    """What each of them follows."""
    live = Subscription.objects.filter(contact__in=contact_ids, ended_at=None).select_related("case")
    found: dict[int, list[Case]] = defaultdict(list)
    for subscription in live.defer("case__subject").order_by("id"):
        found[subscription.contact_id].append(subscription.case)
    return found
