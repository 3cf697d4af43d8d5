"""*Za rad*: everything that waits for a human, in one place."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from telal.counter.access import may
from telal.counter.page import page
from telal.counter.waiting import LISTS, how_many


@require_safe
@may("unreached.see")
def work(request: HttpRequest) -> HttpResponse:
    counts = how_many(*(one.rows() for one in LISTS))
    counted = zip(LISTS, counts, strict=True)
    return page(request, "work.html", {"counted": counted, "is_waiting": any(counts)})
