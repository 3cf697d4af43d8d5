"""Addresses of this app."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from telal.counter.access import looks
from telal.counter.case import case, case_timeline
from telal.counter.chats import take_off
from telal.counter.consents import give_consent, withdraw_consent
from telal.counter.home import home, search
from telal.counter.hours import add_exceptional, choose_holiday, drop_exceptional, hours, set_week
from telal.counter.move import move
from telal.counter.questions import answer, questions
from telal.counter.register import phone_hint, register, statement_before
from telal.counter.reviews import approve, reviews
from telal.counter.sign_in import SignIn, sign_out
from telal.counter.slip import binding, check_pin, new_invitation
from telal.counter.statement import statement
from telal.counter.texts import texts
from telal.counter.unbound import drop_unbound, unbound
from telal.counter.unmatched import dismiss, try_again, unmatched
from telal.counter.unreached import settle, unreached
from telal.counter.wording import preview, save_wording, wording
from telal.counter.work import work


@looks
def nothing_here(_: HttpRequest, rest: str) -> HttpResponse:
    raise Http404(rest)


app_name = "counter"
urlpatterns = [
    path("sign-in", SignIn.as_view(), name="sign_in"),
    path("sign-out", sign_out, name="sign_out"),
    path("", home, name="home"),
    path("search", search, name="search"),
    path("work", work, name="work"),
    path("unreached", unreached, name="unreached"),
    path("unreached/<int:pk>", settle, name="settle"),
    path("questions", questions, name="questions"),
    path("questions/<int:pk>", answer, name="answer"),
    path("unbound", unbound, name="unbound"),
    path("unbound/<int:pk>", drop_unbound, name="drop_unbound"),
    path("unmatched", unmatched, name="unmatched"),
    path("unmatched/dismissal", dismiss, name="dismiss_unmatched"),
    path("unmatched/<int:pk>", try_again, name="try_again"),
    path("reviews", reviews, name="reviews"),
    path("reviews/<int:pk>", approve, name="approve"),
    path("hours", hours, name="hours"),
    path("hours/week", set_week, name="set_week"),
    path("hours/exceptional", add_exceptional, name="add_exceptional"),
    path("hours/exceptional/<int:pk>", drop_exceptional, name="drop_exceptional"),
    path("hours/holidays/<str:day>", choose_holiday, name="choose_holiday"),
    path("texts", texts, name="texts"),
    path("texts/<str:app>/<str:part>/<str:language>/<str:name>", wording, name="wording"),
    path("texts/<str:app>/<str:part>/<str:language>/<str:name>/version", save_wording, name="save_wording"),
    path("texts/<str:app>/<str:part>/<str:language>/<str:name>/preview", preview, name="wording_preview"),
    path("cases/new", register, name="register"),
    path("cases/new/phone", phone_hint, name="phone_hint"),
    path("cases/new/statement", statement_before, name="statement_before"),
    path("cases/<int:pk>", case, name="case"),
    path("cases/<int:pk>/timeline", case_timeline, name="case_timeline"),
    path("cases/<int:pk>/move", move, name="move"),
    path("cases/<int:pk>/statement", statement, name="statement"),
    path("cases/<int:pk>/consent", give_consent, name="give_consent"),
    path("cases/<int:pk>/invitation", new_invitation, name="new_invitation"),
    path("cases/<int:pk>/binding", binding, name="binding"),
    path("cases/<int:pk>/pin", check_pin, name="check_pin"),
    path("chats/<int:pk>/end", take_off, name="take_off"),
    path("consents/<int:pk>/withdrawal", withdraw_consent, name="withdraw_consent"),
    path("<path:rest>", nothing_here, name="nothing_here"),
]
