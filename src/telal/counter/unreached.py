"""The work list of messages that did not get through: whom to call, what to say, and how they were told in the end."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.counter import words
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.counter.waiting import unreached as waiting
from telal.messaging.models import MESSAGE_TEXT, Message, State, ToldBy
from telal.notices.models import Notice
from telal.sealing.fields import as_kept
from telal.sealing.seals import legible


@dataclass(frozen=True, slots=True)
class Failure:
    """A kind of failure: what it is called, what to do about it, and the channel's codes that mean it."""

    title: str | Promise
    advice: str | Promise
    codes: tuple[str, ...] = ()


# The first that fits; what nobody knows is our own trouble.
FAILURES: Mapping[str, Failure] = {
    "maybe": Failure(
        _("Možda je stiglo"),
        _(
            "Viber nije potvrdio. Nazovite ako građanin treba nešto uraditi ili mu teče rok; inače je dovoljno označiti."
        ),
    ),
    "gone": Failure(
        _("Nije više u Viberu"),
        _("Nazovite. Ako se ne javi, pošaljite dopis. Ako i dalje želi poruke, neka dođe po novu potvrdu."),
        ("5", "6", "21", "unreachable", "unsubscribed"),
    ),
    "phone": Failure(
        _("Telefon ne može prikazati"),
        _("Nazovite i recite mu šta piše; zamolite ga da ažurira Viber. Ako se ne javi, pošaljite dopis."),
        ("11", "13", "failed_on_device"),
    ),
    "ours": Failure(
        _("Smetnja u slanju"),
        _("Nije do građanina. Nazovite ga, a informatičkoj službi javite razlog."),
    ),
}
_NAMED = [code for failure in FAILURES.values() for code in failure.codes]


def _only(kind: str) -> Q | None:
    """Messages of that kind of failure."""
    if kind not in FAILURES:
        return None
    if kind == "maybe":
        return Q(message__state=State.UNCERTAIN)
    codes = FAILURES[kind].codes
    known = Q(message__error__in=codes) if codes else ~Q(message__error__in=_NAMED)
    return ~Q(message__state=State.UNCERTAIN) & known


def _kind(message: Message) -> str:
    if message.state == State.UNCERTAIN:
        return "maybe"
    return next((kind for kind, failure in FAILURES.items() if message.error in failure.codes), "ours")


@dataclass(frozen=True, slots=True)
class _Row:
    """One notice: why it did not get through, what to do, and what it would have said."""

    notice: Notice
    why: str
    failure: Failure
    text: str


@require_safe
@may("unreached.see")
def unreached(request: HttpRequest) -> HttpResponse:
    """A page of them, each with why, whom to call and what to say."""
    notices = waiting().select_related("event__case", "message", "subscription__consent")
    kind = request.GET.get("kind", "")
    notices = notices.defer("message__text", "event__note", "event__case__subject")
    notices = notices.annotate(sealed=as_kept("message__text"))
    shown, older = a_page(notices, request.GET.get("after", ""), _only(kind))
    return page(
        request,
        "unreached.html",
        {
            "rows": [_row(notice) for notice in shown],
            "older": older,
            "kind": kind if kind in FAILURES else "",
            "kinds": FAILURES,
            "ways": ToldBy,
        },
    )


def _row(notice: Notice) -> _Row:
    message = notice.message
    assert message is not None
    sealed: str = notice.sealed  # type: ignore[attr-defined]
    text = legible(sealed, MESSAGE_TEXT) or "" if sealed else ""
    return _Row(notice, words.not_through(message), FAILURES[_kind(message)], text)


@require_POST
@may("unreached.settle", of=Notice, case="event__case")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """The person was told in another way, or need not be; twice is as once."""
    told_by = request.POST.get("told", "")
    told_by = told_by if told_by in ToldBy.values else ToldBy.CALL
    lost = Message.objects.filter(notice__in=waiting().filter(pk=pk).order_by())
    Message.objects.filter(pk__in=list(lost.values_list("pk", flat=True)), settled_at=None).update(
        settled_at=timezone.now(), settled_by=request.user.get_username(), told_by=told_by
    )
    return redirect("counter:unreached")
