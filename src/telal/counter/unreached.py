"""The work list of messages that did not get through: whom to call, and about what."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from telal.counter import words
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.reach import unreached_notices
from telal.notices.models import Notice

ON_A_PAGE = 50


@require_safe
@may("unreached.see")
def unreached(request: HttpRequest) -> HttpResponse:
    """A page of them, each with why, and what to say."""
    before = request.GET.get("before", "")
    notices = unreached_notices().select_related("event__case", "message", "subscription__consent")
    if before.isascii() and before.isdecimal():
        notices = notices.filter(message_id__lt=int(before[:18]))
    some = list(notices.defer("message__text", "event__note", "event__case__subject")[: ON_A_PAGE + 1])
    shown = some[:ON_A_PAGE]
    older = shown[-1].message_id if len(some) > ON_A_PAGE else ""
    rows = [(notice, words.not_through(notice.message)) for notice in shown if notice.message]
    return page(request, "unreached.html", {"rows": rows, "older": older, "is_first": not before})


@require_POST
@may("unreached.settle", of=Notice, case="event__case")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """The person was told in another way; twice is as once."""
    who = request.user.get_username()
    unreached_notices().filter(pk=pk).update(settled_at=timezone.now(), settled_by=who)
    return redirect("counter:unreached")
