"""Addresses of this app."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from telal.counter.access import looks
from telal.counter.case import case, case_timeline
from telal.counter.chats import take_off
from telal.counter.consents import consent_statement, give_consent, new_number, withdraw_consent
from telal.counter.first import first
from telal.counter.first_steps import (
    consent_wording,
    dismiss,
    facts_are_right,
    first_steps,
    municipality,
    wording_is_right,
)
from telal.counter.home import home, search
from telal.counter.hours import add_exceptional, choose_holiday, drop_exceptional, hours, set_week
from telal.counter.move import move
from telal.counter.names import addresses as names
from telal.counter.noticed import number_noticed, phone_hint
from telal.counter.questions import answer, questions
from telal.counter.register import register, statement_before
from telal.counter.retention import keep, retention
from telal.counter.settings import settings
from telal.counter.sign_in import SignIn, sign_out
from telal.counter.slip import binding, check_pin, new_invitation, slip_paper
from telal.counter.statement import statement
from telal.counter.texts import texts
from telal.counter.unreached import settle, unreached
from telal.counter.viber_state import check_viber, viber


@looks
def nothing_here(_: HttpRequest, rest: str) -> HttpResponse:
    raise Http404(rest)


app_name = "counter"
urlpatterns = [
    path("sign-in", SignIn.as_view(), name="sign_in"),
    path("sign-out", sign_out, name="sign_out"),
    path("", home, name="home"),
    path("search", search, name="search"),
    path("unreached", unreached, name="unreached"),
    path("unreached/<int:pk>", settle, name="settle"),
    path("questions", questions, name="questions"),
    path("questions/<int:pk>", answer, name="answer"),
    path("hours", hours, name="hours"),
    path("hours/week", set_week, name="set_week"),
    path("hours/exceptional", add_exceptional, name="add_exceptional"),
    path("hours/exceptional/<int:pk>", drop_exceptional, name="drop_exceptional"),
    path("hours/holidays/<str:day>", choose_holiday, name="choose_holiday"),
    path("texts", texts, name="texts"),
    path("first", first, name="first"),
    path("settings", settings, name="settings"),
    *names(),
    path("settings/municipality", municipality, name="municipality"),
    path("settings/municipality/right", facts_are_right, name="facts_are_right"),
    path("settings/consent", consent_wording, name="consent_wording"),
    path("settings/consent/right", wording_is_right, name="wording_is_right"),
    path("settings/viber", viber, name="viber"),
    path("settings/viber/check", check_viber, name="check_viber"),
    path("settings/retention", retention, name="retention"),
    path("settings/retention/keep", keep, name="keep"),
    path("settings/first-steps", first_steps, name="first_steps"),
    path("settings/first-steps/dismiss", dismiss, name="dismiss"),
    path("cases/new", register, name="register"),
    path("cases/new/number", number_noticed, name="number_noticed"),
    path("cases/new/phone", phone_hint, name="phone_hint"),
    path("cases/new/statement", statement_before, name="statement_before"),
    path("cases/<int:pk>", case, name="case"),
    path("cases/<int:pk>/timeline", case_timeline, name="case_timeline"),
    path("cases/<int:pk>/move", move, name="move"),
    path("cases/<int:pk>/statement", statement, name="statement"),
    path("cases/<int:pk>/consent", give_consent, name="give_consent"),
    path("cases/<int:pk>/consent/statement", consent_statement, name="consent_statement"),
    path("cases/<int:pk>/pin", check_pin, name="check_pin"),
    path("chats/<int:pk>/end", take_off, name="take_off"),
    path("consents/<int:pk>/withdrawal", withdraw_consent, name="withdraw_consent"),
    path("consents/<int:pk>/number", new_number, name="new_number"),
    path("consents/<int:pk>/invitation", new_invitation, name="new_invitation"),
    path("consents/<int:pk>/binding", binding, name="binding"),
    path("slips/paper", slip_paper, name="slip_paper"),
    path("<path:rest>", nothing_here, name="nothing_here"),
]
