"""How allauth signs the staff in: what is ours to decide, and the words for it. Nobody registers by themselves, no mail is sent."""

# ruff: noqa: ARG002 (allauth decides what a method is given)

from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telal.sealing import keyring
from telal.sealing.known_keys import keyed_hash
from telal.staff.permissions import Colleague

WRONG = {
    "account_inactive": _("Ovaj korisnik više nema pristup."),
    "enter_current_password": _("Ovo nije Vaša sadašnja lozinka."),
    "incorrect_code": _("Kod nije tačan. Upišite onaj koji aplikacija sada pokazuje."),
    "incorrect_password": _("Lozinka nije tačna."),
    "rate_limited": _("Previše pokušaja. Sačekajte nekoliko minuta."),
    "too_many_login_attempts": _("Previše pogrešnih pokušaja. Sačekajte pet minuta, pa pokušajte ponovo."),
    "username_password_mismatch": _("Korisničko ime ili lozinka nisu tačni."),
}


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {**DefaultAccountAdapter.error_messages, **WRONG}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The door has seen to proxies already."""
        return address_of(request)

    def add_message(self, *_: Any, **__: Any) -> None:
        """Our screens say what has happened; nothing is kept to be said later."""

    def send_mail(self, *_: Any, **__: Any) -> None:
        """Staff have no addresses here."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_inactive")


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {**DefaultMFAAdapter.error_messages, **WRONG}

    def encrypt(self, text: str) -> str:
        return _second_factor_key().seal(text, "second factor")

    def decrypt(self, encrypted_text: str) -> str:
        return _second_factor_key().unseal(encrypted_text, "second factor")

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new key is called until somebody names it."""
        return gettext("Ključ %(number)d") % {
            "number": Authenticator.objects.filter(user=user, type=type).count() + 1
        }

    def _get_site_name(self) -> str:
        return f"Telal, {settings.TELAL_MUNICIPALITY['name']}"


class SingleSignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Who signs in elsewhere must be one of our users already: an administrator decides who works here, and as what."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The first time, they are known by their name there; from then on by the id that never changes."""
        if sociallogin.is_existing:
            return
        name = sociallogin.user.username
        user = (
            User.objects.filter(username=name, is_active=True, socialaccount=None).first() if name else None
        )
        if user is None:
            raise ImmediateHttpResponse(redirect("socialaccount_signup"))
        sociallogin.connect(request, user)


@cache
def _second_factor_key() -> keyring.Keyring:
    """Comes from what the sealed look-up key guards, and so stays the same when the keys of the data change."""
    return keyring.Keyring([keyring.key_from(keyed_hash("the key of second factors"))])


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as the door knows it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def must_have_second_factor(who: Colleague) -> bool:
    return bool(who.roles & settings.TELAL_SECOND_FACTOR)


def came_by_single_sign_on(request: HttpRequest) -> bool:
    """Then passwords and second factors are asked for there, by the municipality's own rules."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "socialaccount" for record in records)


def has_second_factor(request: HttpRequest) -> bool:
    if came_by_single_sign_on(request):
        return True
    mine = Authenticator.objects.filter(user=request.user.pk)
    return bool(mine.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
