"""Signing in and out."""

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from telal.counter.fields import REQUIRED


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "Korisničko ime ili lozinka nisu tačni.",
        "inactive": "Ovaj korisnik više nema pristup.",
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].label = "Korisničko ime"
        self.fields["password"].label = "Lozinka"
        for field in self.fields.values():
            field.error_messages["required"] = REQUIRED


class SignIn(LoginView):
    template_name = "counter/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("counter:sign_in")
