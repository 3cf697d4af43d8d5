"""One's own account: password, second factor, and where one is signed in. The views are allauth's, in our words and look.

Their names are the ones by which allauth finds them, so these addresses stand outside the app's namespace.
"""

from typing import Any, cast

from allauth.account.views import PasswordChangeView, ReauthenticateView
from allauth.mfa.base.views import IndexView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.providers.openid_connect import views as single_sign_on
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse_lazy
from django.views.generic import RedirectView, View

from telal.counter.access import OWN_ACCOUNT, may, whoever_asks
from telal.counter.sign_in import InOurWords, SecondStep, refused
from telal.staff.models import Member
from telal.staff.signing_in import has_second_factor, must_have_second_factor


class Account(InOurWords, IndexView):  # type: ignore[misc]
    """Everything at a glance: what protects the account, and where it is in use."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        who = whoever_asks(self.request)
        sessions = UserSession.objects.purge_and_list(self.request.user)
        return super().get_context_data(**kwargs) | {
            "must_have_second_factor": must_have_second_factor(who) and not has_second_factor(self.request),
            "sessions": sorted(sessions, key=lambda session: session.created_at, reverse=True),
        }


class ChangePassword(InOurWords, PasswordChangeView):  # type: ignore[misc]
    """Whoever had to change it goes on to work; others see their account again."""

    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"must": whoever_asks(self.request).must_change_password}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        had_to = Member.objects.filter(user=self.request.user.pk, must_change_password=True)
        return redirect("counter:start") if had_to.update(must_change_password=False) else response

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert request.user.is_authenticated
        if not request.user.has_usable_password():  # they sign in elsewhere
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)


class SignOutElsewhere(InOurWords, ListUserSessionsView):  # type: ignore[misc]
    http_method_names = ["post"]
    success_url = reverse_lazy("mfa_index")


def _own(where: str, view: type[View], name: str, template: str = "") -> URLPattern:
    """A view of allauth's for whoever is signed in, in our words and by our rules."""
    options = {"template_name": f"counter/{template}.html"} if template else {}
    return path(where, may(OWN_ACCOUNT)(_ours(view).as_view(**options)), name=name)


def _open(where: str, view: type[View], name: str) -> URLPattern:
    """One for whoever is about to sign in."""
    return path(where, _ours(view).as_view(), name=name)


def _ours(view: type[View]) -> type[View]:
    return (
        view
        if issubclass(view, InOurWords)
        else cast(type[View], type(view.__name__, (InOurWords, view), {}))
    )


to_sign_in = RedirectView.as_view(pattern_name="counter:sign_in", query_string=True)

urlpatterns = [
    _own("", Account, "mfa_index", "account"),
    _own("password", ChangePassword, "account_change_password", "account_password"),
    _own("sessions", SignOutElsewhere, "usersessions_list"),
    _own("app", ActivateTOTPView, "mfa_activate_totp", "account_app"),
    _own("app/off", DeactivateTOTPView, "mfa_deactivate_totp", "account_app_off"),
    _own("codes", ViewRecoveryCodesView, "mfa_view_recovery_codes", "account_codes"),
    _own("codes/new", GenerateRecoveryCodesView, "mfa_generate_recovery_codes", "account_codes_new"),
    _own("keys/new", AddWebAuthnView, "mfa_add_webauthn", "account_key"),
    _own("keys/<int:pk>/off", RemoveWebAuthnView, "mfa_remove_webauthn", "account_key_off"),
    path("keys", may(OWN_ACCOUNT)(RedirectView.as_view(pattern_name="mfa_index")), name="mfa_list_webauthn"),
    _own("again", ReauthenticateView, "account_reauthenticate", "account_again"),
    _own("again/code", ReauthenticateByCodeView, "mfa_reauthenticate", "account_again"),
    _own("again/key", ReauthenticateWebAuthnView, "mfa_reauthenticate_webauthn", "account_again_key"),
    # ── Before somebody is signed in ──
    path("in", to_sign_in, name="account_login"),
    _open("in/code", SecondStep, "mfa_authenticate"),
    _open("in/key", LoginWebAuthnView, "mfa_login_webauthn"),
    path("in/refused", refused, name="account_inactive"),
    path("in/unknown", refused, name="socialaccount_signup"),
    path("in/cancelled", to_sign_in, name="socialaccount_login_cancelled"),
    path("in/failed", refused, name="socialaccount_login_error"),
    path("in/<provider_id>", single_sign_on.login, name="openid_connect_login"),
    path("in/<provider_id>/back", single_sign_on.callback, name="openid_connect_callback"),
]
