"""How our account with Viber stands, in words for the office: what ``telal check`` last heard, without asking again."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from telal.counter.access import may
from telal.counter.page import page
from telal.messaging import account
from telal.messaging.models import ChannelState


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and who does what about it."""

    what: str
    remedy: str


@require_safe
@may("office.see")
def viber(request: HttpRequest) -> HttpResponse:
    state = _state()
    context = {"troubles": list(troubles(state)), "state": state, "has_token": has_token()}
    return page(request, "viber.html", context)


@require_POST
@may("office.settings")
def check_viber(_: HttpRequest) -> HttpResponse:
    """Ask Viber now. It may take some seconds, and holds nothing of the database meanwhile."""
    if has_token():
        account.ask()
    return redirect("counter:viber")


def has_token() -> bool:
    return bool(settings.TELAL_CHANNEL["options"]["token"])


def is_in_order() -> bool:
    return not list(troubles(_state()))


def _state() -> ChannelState:
    name = account.open_channel().name
    return ChannelState.objects.filter(pk=name).first() or ChannelState(channel=name)


def troubles(state: ChannelState) -> Iterator[Trouble]:
    if not settings.TELAL_PUBLIC_URL.startswith("https://"):
        yield Trouble(
            gettext("Adresa servisa ne počinje s https."),
            gettext("Viber zove samo takve. Informatička služba: proxy s certifikatom, i TELAL_PUBLIC_URL."),
        )
    if not has_token():
        yield Trouble(
            gettext("Pristupni ključ za Viber nije podešen."),
            gettext(
                "Informatička služba: TELAL_VIBER_TOKEN, iz Viberovog administratorskog panela, pa novi start."
            ),
        )
    elif state.checked_at is None:
        yield Trouble(gettext("Viber još nije pitan."), gettext("Pritisnite „Provjeri sada“."))
    elif state.problem:
        yield Trouble(
            gettext("Viber ne prihvata naš nalog, ili se ne javlja: %(problem)s")
            % {"problem": state.problem},
            gettext("Informatička služba: TELAL_VIBER_TOKEN, i je li bot aktivan."),
        )
    else:
        yield from _callback_troubles(state)


def _callback_troubles(state: ChannelState) -> Iterator[Trouble]:
    wanted = account.callback_url(account.open_channel())
    remedy = gettext("Informatička služba, na serveru: telal viber register")
    if state.webhook.rstrip("/") != wanted.rstrip("/"):
        yield Trouble(gettext("Viber ne javlja događaje na našu adresu."), remedy)
    elif state.missing_events:
        yield Trouble(gettext("Viber ne javlja sve: %(events)s") % {"events": state.missing_events}, remedy)
