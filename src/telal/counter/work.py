"""*Za rad*: everything that waits for a human, in one place."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from telal.counter.access import may
from telal.counter.page import page
from telal.counter.waiting import LISTS, count


@require_safe
@may("unreached.see")
def work(request: HttpRequest) -> HttpResponse:
    counted = [(one, count(one.url)) for one in LISTS]
    return page(
        request, "work.html", {"counted": counted, "is_waiting": any(number for _, number in counted)}
    )
