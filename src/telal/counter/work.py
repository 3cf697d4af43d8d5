"""*Za rad*: everything that waits for a human, in one place."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from telal.counter.access import looks
from telal.counter.page import page
from telal.counter.waiting import LISTS


@require_safe
@looks
def work(request: HttpRequest) -> HttpResponse:
    return page(request, "work.html", {"lists": LISTS})
