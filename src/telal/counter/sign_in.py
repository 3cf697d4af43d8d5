"""Signing in and out: the password, the second factor, and where the municipality has one, its own single sign-on."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from telal.counter.fields import REQUIRED
from telal.counter.page import around

LABELS = {
    "login": _("Korisničko ime"),
    "password": _("Lozinka"),
    "code": _("Kod"),
    "oldpassword": _("Sadašnja lozinka"),
    "password1": _("Nova lozinka"),
    "password2": _("Nova lozinka, još jednom"),
    "name": _("Naziv"),
    "passwordless": _("Ovim ključem prijavljujem se i bez lozinke"),
}


class InOurWords:
    """For allauth's views: our labels, no texts inside the fields, and nothing of it kept by the browser."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if isinstance(response, SimpleTemplateResponse):
            response.render()  # what it shows is looked at before it leaves
        add_never_cache_headers(response)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        if self.request.user.is_authenticated:  # type: ignore[attr-defined]
            context |= around(self.request)  # type: ignore[attr-defined]
        for form in (context.get("form"), context.get("webauthn_form")):
            if isinstance(form, forms.Form):
                _put_in_our_words(form)
        return context


def _put_in_our_words(form: forms.Form) -> None:
    for name, field in form.fields.items():
        field.label = LABELS.get(name, field.label)
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)
        field.error_messages["required"] = REQUIRED
        if name == "code":
            field.widget.attrs |= {"inputmode": "numeric", "spellcheck": "false"}
    for first in form.visible_fields()[:1]:
        first.field.widget.attrs["autofocus"] = True


class SignInForm(LoginForm):  # type: ignore[misc]
    """The names of the fields are those that password keepers know."""

    def add_prefix(self, field_name: str) -> str:
        return "username" if field_name == "login" else field_name

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _put_in_our_words(self)
        self.fields["login"].widget.attrs |= {
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class SignIn(InOurWords, LoginView):  # type: ignore[misc]
    template_name = "counter/sign_in.html"
    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"single_sign_on": settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])}
        return super().get_context_data(**kwargs) | more


class SecondStep(InOurWords, AuthenticateView):  # type: ignore[misc]
    template_name = "counter/second_step.html"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("counter:sign_in")


def refused(request: HttpRequest) -> HttpResponse:
    """The password was right, or the single sign-on; but here they are nobody, or nobody any more."""
    return render(request, "counter/refused.html", status=403)
