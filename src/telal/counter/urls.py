"""Addresses of this app."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from telal.counter.access import may
from telal.counter.audit import audit, export_audit, find_audit, verify_audit
from telal.counter.bulk import bulk
from telal.counter.case import case, case_timeline
from telal.counter.chats import take_off
from telal.counter.consents import consent_statement, give_consent, new_number, withdraw_consent
from telal.counter.deadlines import count_anew, deadlines, recounted, set_deadlines
from telal.counter.first import first
from telal.counter.first_steps import (
    consent_wording,
    dismiss,
    facts_are_right,
    first_steps,
    municipality,
    wording_is_right,
)
from telal.counter.hand_over import hand_over
from telal.counter.home import home, search
from telal.counter.hours import add_exceptional, choose_holiday, drop_exceptional, hours, set_week
from telal.counter.language import language
from telal.counter.mine import mine, start
from telal.counter.move import move, move_screen, preview
from telal.counter.names import addresses as names
from telal.counter.notes import add_note
from telal.counter.noticed import number_noticed, phone_hint
from telal.counter.opinions import answer_opinion, ask_opinion, opinions
from telal.counter.questions import answer, questions
from telal.counter.register import register, statement_before
from telal.counter.retention import keep, retention
from telal.counter.reviews import approve, reviews
from telal.counter.services import export_services, import_services, new_service, service, services
from telal.counter.settings import settings
from telal.counter.sign_in import SignIn, sign_out
from telal.counter.slip import binding, check_pin, new_invitation, slip_paper
from telal.counter.statement import statement
from telal.counter.texts import texts
from telal.counter.unbound import drop_unbound, unbound
from telal.counter.undo import undo, undo_bar
from telal.counter.unmatched import dismiss_unmatched, try_again, unmatched
from telal.counter.unreached import settle, unreached
from telal.counter.unsent import unsent
from telal.counter.users import (
    activate,
    deactivate,
    new_user,
    remove_second_factor,
    reset_password,
    user,
    users,
)
from telal.counter.viber_state import check_viber, viber
from telal.counter.wording import preview_wording, save_wording, wording
from telal.counter.work import work


@may("cases.see")
def nothing_here(_: HttpRequest, rest: str) -> HttpResponse:
    raise Http404(rest)


app_name = "counter"
urlpatterns = [
    path("sign-in", SignIn.as_view(), name="sign_in"),
    path("sign-out", sign_out, name="sign_out"),
    path("language", language, name="language"),
    path("", home, name="home"),
    path("search", search, name="search"),
    path("start", start, name="start"),
    path("mine", mine, name="mine"),
    path("bulk", bulk, name="bulk"),
    path("unsent", unsent, name="unsent"),
    path("undo", undo, name="undo"),
    path("undo/bar", undo_bar, name="undo_bar"),
    path("opinions", opinions, name="opinions"),
    path("opinions/<int:pk>/answer", answer_opinion, name="answer_opinion"),
    path("work", work, name="work"),
    path("unreached", unreached, name="unreached"),
    path("unreached/<int:pk>", settle, name="settle"),
    path("questions", questions, name="questions"),
    path("questions/<int:pk>", answer, name="answer"),
    path("unbound", unbound, name="unbound"),
    path("unbound/<int:pk>", drop_unbound, name="drop_unbound"),
    path("unmatched", unmatched, name="unmatched"),
    path("unmatched/dismissal", dismiss_unmatched, name="dismiss_unmatched"),
    path("unmatched/<int:pk>", try_again, name="try_again"),
    path("reviews", reviews, name="reviews"),
    path("reviews/<int:pk>", approve, name="approve"),
    path("hours", hours, name="hours"),
    path("hours/week", set_week, name="set_week"),
    path("hours/exceptional", add_exceptional, name="add_exceptional"),
    path("hours/exceptional/<int:pk>", drop_exceptional, name="drop_exceptional"),
    path("hours/holidays/<str:day>", choose_holiday, name="choose_holiday"),
    path("services", services, name="services"),
    path("services/new", new_service, name="new_service"),
    path("services/<int:pk>", service, name="service"),
    path("services.csv", export_services, name="export_services"),
    path("services/import", import_services, name="import_services"),
    path("deadlines", deadlines, name="deadlines"),
    path("deadlines/rules", set_deadlines, name="set_deadlines"),
    path("deadlines/recount", recounted, name="recount"),
    path("deadlines/recount/do", count_anew, name="count_anew"),
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
    path("texts/<str:app>/<str:part>/<str:language>/<str:name>", wording, name="wording"),
    path("texts/<str:app>/<str:part>/<str:language>/<str:name>/version", save_wording, name="save_wording"),
    path(
        "texts/<str:app>/<str:part>/<str:language>/<str:name>/preview",
        preview_wording,
        name="wording_preview",
    ),
    path("cases/new", register, name="register"),
    path("cases/new/number", number_noticed, name="number_noticed"),
    path("cases/new/phone", phone_hint, name="phone_hint"),
    path("cases/new/statement", statement_before, name="statement_before"),
    path("cases/<int:pk>", case, name="case"),
    path("cases/<int:pk>/timeline", case_timeline, name="case_timeline"),
    path("cases/<int:pk>/next", move_screen, name="move_screen"),
    path("cases/<int:pk>/move", move, name="move"),
    path("cases/<int:pk>/hand-over", hand_over, name="hand_over"),
    path("cases/<int:pk>/preview/move", preview, {"step": "move"}, name="preview_move"),
    path("cases/<int:pk>/preview/hand-over", preview, {"step": "hand-over"}, name="preview_hand_over"),
    path("cases/<int:pk>/preview/opinion", preview, {"step": "opinion"}, name="preview_opinion"),
    path("cases/<int:pk>/opinions", ask_opinion, name="ask_opinion"),
    path("cases/<int:pk>/notes", add_note, name="add_note"),
    path("cases/<int:pk>/statement", statement, name="statement"),
    path("cases/<int:pk>/slip", slip_paper, name="slip_paper"),
    path("cases/<int:pk>/consent", give_consent, name="give_consent"),
    path("cases/<int:pk>/consent/statement", consent_statement, name="consent_statement"),
    path("cases/<int:pk>/pin", check_pin, name="check_pin"),
    path("chats/<int:pk>/end", take_off, name="take_off"),
    path("consents/<int:pk>/withdrawal", withdraw_consent, name="withdraw_consent"),
    path("users", users, name="users"),
    path("users/new", new_user, name="new_user"),
    path("users/<int:pk>", user, name="user"),
    path("users/<int:pk>/password", reset_password, name="reset_password"),
    path("users/<int:pk>/second-factor", remove_second_factor, name="remove_second_factor"),
    path("users/<int:pk>/end", deactivate, name="deactivate"),
    path("users/<int:pk>/back", activate, name="activate"),
    path("audit", audit, name="audit"),
    path("audit/find", find_audit, name="find_audit"),
    path("audit/export", export_audit, name="export_audit"),
    path("audit/verify", verify_audit, name="verify_audit"),
    path("consents/<int:pk>/number", new_number, name="new_number"),
    path("consents/<int:pk>/invitation", new_invitation, name="new_invitation"),
    path("consents/<int:pk>/binding", binding, name="binding"),
    path("<path:rest>", nothing_here, name="nothing_here"),
]
