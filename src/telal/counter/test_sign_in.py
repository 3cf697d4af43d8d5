"""Coming in: with a password, a second factor, from elsewhere; and being kept out after guessing."""

import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client

from telal.counter import account, sessions
from telal.counter.templatetags.counter import browser
from telal.staff import users
from telal.staff.models import Entry, Member
from telal.staff.signing_in import SingleSignOn

pytestmark = pytest.mark.django_db

PASSWORD = "otvoreno-nebo"
WHERE = "/counter/sign-in"


@pytest.fixture(autouse=True)
def nobody_has_guessed() -> None:
    cache.clear()


@pytest.fixture
def amra() -> User:
    return made("amra", "counter")


def made(name: str, role: str) -> User:
    user = User.objects.create_user(name, password=PASSWORD)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def sign_in(client: Client, name: str = "amra", password: str = PASSWORD) -> Any:
    return client.post(WHERE, {"username": name, "password": password})


def code(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def say_it_again(client: Client) -> None:
    """Before the account is changed, they are asked once more."""
    where = client.get("/counter/account/app").url
    assert where.startswith("/counter/account/again")
    assert client.post(where, {"password": "?"}).status_code == 200
    assert client.post(where, {"password": PASSWORD}).url == "/counter/account/app"


@pytest.fixture
def secret(amra: User) -> str:
    """Amra's app and the counter know it."""
    TOTP.activate(amra, shared := generate_totp_secret())
    RecoveryCodes.activate(amra)
    return shared


def test_a_password_is_enough_where_nobody_asks_for_more(client: Client, amra: User):
    assert sign_in(client).url == "/counter/start"
    assert client.get("/counter/").status_code == 200


def test_whoever_was_sent_to_sign_in_comes_back_to_where_they_wanted(client: Client, amra: User):
    assert client.get("/counter/hours").url == f"{WHERE}?next=/counter/hours"
    assert (
        client.post(
            f"{WHERE}?next=/counter/hours",
            {"username": "amra", "password": PASSWORD, "next": "/counter/hours"},
        ).url
        == "/counter/hours"
    )


def test_whoever_only_came_in_comes_to_their_own_work(client: Client, amra: User):
    assert client.get("/counter/").url == client.get("/counter/start").url == WHERE
    assert client.post("/counter/search", {"q": "x"}).url == WHERE
    assert client.get("/counter/?q=1%2F26").url == f"{WHERE}?next=/counter/%3Fq%3D1%252F26"


def test_nobody_is_led_out_of_the_house(client: Client, amra: User):
    sent = {"username": "amra", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post(WHERE, sent).url == "/counter/start"


def test_after_five_wrong_passwords_even_the_right_one_waits(client: Client, amra: User):
    for _ in range(5):
        assert "nisu tačni" in sign_in(client, password="?").content.decode()
    assert "Sačekajte pet minuta" in sign_in(client).content.decode()
    assert client.get("/counter/").status_code == 302


def test_one_who_guesses_locks_nobody_else_out(client: Client, amra: User):
    for _ in range(6):
        sign_in(client, "lejla", "?")
    assert sign_in(client).url == "/counter/start"


def test_the_app_is_asked_for_its_code(client: Client, secret: str):
    assert sign_in(client).url == "/counter/account/in/code"
    assert client.get("/counter/").status_code == 302
    assert "Još jedan korak" in client.get("/counter/account/in/code").content.decode()
    assert client.post("/counter/account/in/code", {"code": code(secret)}).url == "/counter/start"
    assert client.get("/counter/").status_code == 200


def test_a_wrong_code_is_said_and_guessing_ends(client: Client, secret: str):
    sign_in(client)
    for _ in range(5):
        assert (
            "Kod nije tačan" in client.post("/counter/account/in/code", {"code": "000000"}).content.decode()
        )
    assert client.post("/counter/account/in/code", {"code": code(secret)}).status_code == 200
    assert client.get("/counter/").status_code == 302


def test_a_code_that_somebody_saw_is_good_once(client: Client, secret: str):
    for answer in (302, 200):
        another = Client()
        sign_in(another)
        assert another.post("/counter/account/in/code", {"code": code(secret)}).status_code == answer


def test_a_recovery_code_stands_in_for_the_telephone_once(client: Client, amra: User, secret: str):
    kept = Authenticator.objects.get(user=amra, type="recovery_codes").wrap().get_unused_codes()
    sign_in(client)
    assert client.post("/counter/account/in/code", {"code": kept[0]}).url == "/counter/start"
    again = Client()
    sign_in(again)
    assert again.post("/counter/account/in/code", {"code": kept[0]}).status_code == 200


def test_what_the_app_shares_with_us_is_sealed(amra: User, secret: str):
    assert secret not in str(list(Authenticator.objects.values()))


def test_the_app_is_switched_on_and_recovery_codes_are_shown(client: Client, amra: User):
    sign_in(client)
    say_it_again(client)
    page = client.get("/counter/account/app").content.decode()
    shared = client.session["mfa.totp.secret"]
    assert shared in page
    assert client.post("/counter/account/app", {"code": code(shared)}).url == "/counter/account/codes"
    assert client.get("/counter/account/codes").content.decode().count("<code>") == 10
    assert "uključena" in client.get("/counter/account/").content.decode()


def test_an_administrator_goes_nowhere_without_a_second_factor(client: Client, settings: Any):
    settings.TELAL_SECOND_FACTOR = frozenset({"administrator"})
    made("admir", "administrator")
    sign_in(client, "admir")
    assert client.get("/counter/users").url == "/counter/account/"
    assert "obavezan je drugi korak" in client.get("/counter/account/").content.decode()
    say_it_again(client)
    client.get("/counter/account/app")
    client.post("/counter/account/app", {"code": code(client.session["mfa.totp.secret"])})
    assert client.get("/counter/users").status_code == 200


def test_a_password_that_was_given_is_changed_first(client: Client, amra: User):
    given = users.reset_password(amra)
    sign_in(client, password=given)
    assert client.get("/counter/").url == "/counter/account/password"
    own = {"oldpassword": given, "password1": "moja-nova-lozinka", "password2": "moja-nova-lozinka"}
    assert client.post("/counter/account/password", own).url == "/counter/start"
    assert client.get("/counter/").status_code == 200
    assert not Member.objects.get(user=amra).must_change_password


def test_who_changes_it_by_themselves_sees_their_account_again_with_the_cursor_where_one_begins(
    client: Client, amra: User
):
    sign_in(client)
    fields = re.findall(r"<input[^>]*>", client.get("/counter/account/password").content.decode())
    assert ["oldpassword" in field for field in fields if "autofocus" in field] == [True]
    own = {"oldpassword": PASSWORD, "password1": "moja-nova-lozinka", "password2": "moja-nova-lozinka"}
    assert client.post("/counter/account/password", own).url == "/counter/account/"


def test_a_simple_new_password_is_refused(client: Client, amra: User):
    sign_in(client)
    weak = {"oldpassword": PASSWORD, "password1": "amra", "password2": "amra"}
    assert client.post("/counter/account/password", weak).status_code == 200


def test_who_has_left_is_told_so_and_only_with_the_right_password(client: Client, amra: User):
    made("admir", "administrator")
    users.let_in(amra, active=False)
    assert (
        "Nemate pristup"
        in client.post(WHERE, {"username": "amra", "password": PASSWORD}, follow=True).content.decode()
    )
    assert "nisu tačni" in sign_in(client, password="?").content.decode()


def test_an_hour_of_silence_ends_the_session_and_a_polling_page_is_silence(
    client: Client, amra: User, monkeypatch
):
    sign_in(client)
    begun = sessions.timezone.now()
    for minutes, asks in ((40, "page"), (75, "poll"), (99, "page"), (160, "gone")):
        later = begun + timedelta(minutes=minutes)
        monkeypatch.setattr(sessions.timezone, "now", lambda later=later: later)
        headers = {"hx-request": "true"} if asks == "poll" else {}
        answer = client.get("/counter/hours", headers=headers)
        assert answer.status_code == (302 if asks == "gone" else 200)


def test_a_day_ends_every_session(client: Client, amra: User, monkeypatch):
    sign_in(client)
    began = client.session["signed_in_at"]
    session = client.session
    session["signed_in_at"] = began - 12 * 3600
    session.save()
    assert client.get("/counter/").status_code == 302


def test_one_sees_where_one_is_signed_in_and_ends_it(client: Client, amra: User):
    sign_in(client)
    elsewhere = Client(
        headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0"}
    )
    sign_in(elsewhere)
    assert "Firefox, Windows" in client.get("/counter/account/").content.decode()
    client.post("/counter/account/sessions")
    assert elsewhere.get("/counter/").status_code == 302
    assert client.get("/counter/").status_code == 200


def test_coming_going_and_failing_are_in_the_audit_log(client: Client, amra: User):
    sign_in(client, password="?")
    sign_in(client, name="moja-tajna-lozinka", password="?")
    sign_in(client)
    client.post("/counter/sign-out")
    noted = list(Entry.objects.order_by("no").values_list("who", "action"))
    assert noted == [
        ("amra", "sign_in_failed"),
        ("", "sign_in_failed"),
        ("amra", "sign_in"),
        ("amra", "sign_out"),
    ]


def test_nobody_registers_or_asks_for_a_new_password_by_mail():
    names = {pattern.name for pattern in account.urlpatterns}
    assert not names & {"account_signup", "account_reset_password", "account_email"}


def test_passkeys_are_asked_for_without_anything_inline(client: Client, amra: User):
    sign_in(client)
    say_it_again(client)
    page = client.get("/counter/account/keys/new")
    assert page.status_code == 200
    assert '<script type="application/json"' in page.content.decode().replace(
        '<script id="passkey-options" type', "<script type"
    )
    challenge = Client().get("/counter/account/in/key", headers={"accept": "application/json"}).json()
    assert challenge["request_options"]["publicKey"]["challenge"]


# ── From elsewhere ───────────────────────────────────────────────────────────────────────────────────────────────────


class Issuer:
    """The municipality's OpenID Connect server, as far as our side asks it."""

    def __init__(self) -> None:
        self.claims = {"sub": "7c1f", "preferred_username": "amra"}
        self.where = "https://prijava.example"

    def __enter__(self) -> "Issuer":
        return self

    def __exit__(self, *_: object) -> None: ...

    def get(self, url: str, **_: object) -> Any:
        described = {
            f"{part}_endpoint": f"{self.where}/{part}" for part in ("authorization", "token", "userinfo")
        }
        return Said(self.claims if url.endswith("/userinfo") else described)

    def request(self, method: str, url: str, **_: object) -> Any:
        return Said({"access_token": "a", "token_type": "Bearer"})


class Said:
    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, body: dict[str, Any]) -> None:
        self._body = body

    def json(self) -> dict[str, Any]:
        return self._body

    def raise_for_status(self) -> None: ...


@pytest.fixture
def issuer(settings: Any, monkeypatch: Any) -> Issuer:
    app = {
        "provider_id": "oidc", "name": "Općina", "client_id": "telal", "secret": "s",
        "settings": {"server_url": "https://prijava.example", "oauth_pkce_enabled": True},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    issuer = Issuer()
    monkeypatch.setattr(SingleSignOn, "get_requests_session", lambda _: issuer)
    return issuer


def sign_in_elsewhere(client: Client) -> Any:
    leaves = client.get("/counter/account/in/oidc")
    asked = parse_qs(urlsplit(leaves.url).query)
    assert leaves.url.startswith("https://prijava.example/authorization")
    assert asked["code_challenge"]
    return client.get("/counter/account/in/oidc/back", {"code": "c", "state": asked["state"][0]}, follow=True)


def test_whoever_signs_in_elsewhere_under_a_name_of_ours_is_in(client: Client, amra: User, issuer: Issuer):
    assert "Općina" in client.get(WHERE).content.decode()
    assert sign_in_elsewhere(client).request["PATH_INFO"] == "/counter/"
    assert client.get("/counter/").status_code == 200


def test_from_the_second_time_on_the_id_counts_and_not_the_name(client: Client, amra: User, issuer: Issuer):
    sign_in_elsewhere(client)
    made("lejla", "counter")
    issuer.claims["preferred_username"] = "lejla"
    again = Client()
    sign_in_elsewhere(again)
    assert again.get("/counter/").context["user"] == amra
    issuer.claims["sub"], issuer.claims["preferred_username"] = "another", "amra"
    assert "Nemate pristup" in sign_in_elsewhere(Client()).content.decode()


@pytest.mark.parametrize("name", ["nobody", "", None])
def test_somebody_whom_no_administrator_has_made_stays_out(client: Client, issuer: Issuer, name: str | None):
    issuer.claims["preferred_username"] = name
    assert "Nemate pristup" in sign_in_elsewhere(client).content.decode()
    assert not User.objects.exists()


def test_whoever_has_left_does_not_come_back_from_elsewhere(client: Client, amra: User, issuer: Issuer):
    User.objects.update(is_active=False)
    assert "Nemate pristup" in sign_in_elsewhere(client).content.decode()


def test_whoever_signs_in_elsewhere_need_not_change_a_password_that_nobody_has_told_them(
    client: Client, issuer: Issuer
):
    made("boss", "administrator")
    _user, password = users.create("amra", "counter", None, [])
    sign_in_elsewhere(client)
    assert client.get("/counter/").status_code == 200
    with_it = Client()
    with_it.post(WHERE, {"username": "amra", "password": password})
    assert with_it.get("/counter/").url == "/counter/account/password"


def test_signing_in_elsewhere_counts_as_a_second_factor(client: Client, settings: Any, issuer: Issuer):
    settings.TELAL_SECOND_FACTOR = frozenset({"administrator"})
    made("amra", "administrator")
    sign_in_elsewhere(client)
    assert client.get("/counter/users").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox, Linux"),
        ("curl/8.14.1", ""),
    ],
)
def test_a_session_goes_by_what_people_call_their_browser(user_agent: str, said: str):
    assert browser(user_agent) == said
