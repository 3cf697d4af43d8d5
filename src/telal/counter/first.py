"""The first administrator: made by whoever has the code from the server's console, while nobody has a user."""

from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import get_default_password_validators
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from telal.counter.fields import REQUIRED, Text, show_first_error
from telal.staff import first as first_user

_PASSWORD_ERRORS = {
    "password_too_short": _("Lozinka treba imati bar 10 znakova."),
    "password_too_common": _("Ova lozinka je na popisima najčešćih. Izaberite drugu."),
}


class FirstForm(forms.Form):
    code = Text(
        _("Kod sa servera"),
        200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-from-hash": True}),
    )
    name = Text(
        _("Korisničko ime"),
        150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
        validators=[
            UnicodeUsernameValidator(
                message=_("Korisničko ime: slova i brojke bez razmaka, npr. amra.hodzic")
            )
        ],
    )
    password = forms.CharField(
        label=_("Lozinka"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": REQUIRED},
    )
    again = forms.CharField(
        label=_("Lozinka, još jednom"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": REQUIRED},
    )

    use_required_attribute = False

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not first_user.is_good(code):
            raise ValidationError(
                gettext("Ovaj kod ne vrijedi ili je istekao. Na serveru: telal user first ispisuje novi.")
            )
        return code

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        for validator in get_default_password_validators():
            try:
                validator.validate(password)
            except ValidationError as error:
                raise ValidationError(str(_PASSWORD_ERRORS.get(str(error.code), error.messages[0]))) from None
        return password

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "password" in data and data.get("again") and data["again"] != data["password"]:
            self.add_error("again", gettext("Lozinke nisu iste."))
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def first(request: HttpRequest) -> HttpResponse:
    """Closed as soon as somebody has a user."""
    if not first_user.is_wanted():
        return redirect("counter:sign_in")
    form = FirstForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _begin(request, form)
    show_first_error(form)
    return render(request, "counter/first.html", {"form": form})


def _begin(request: HttpRequest, form: FirstForm) -> HttpResponse:
    try:
        user = first_user.make_administrator(form.cleaned_data["name"], form.cleaned_data["password"])
    except first_user.TooLate:
        return redirect("counter:sign_in")
    login(request, user)
    return redirect("counter:first_steps")
