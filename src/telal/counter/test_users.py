"""An administrator makes users and changes them, and never locks everybody out."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.test import Client

from telal.cases.models import Department, Officer
from telal.counter.conftest import signed_in
from telal.staff.colleagues import colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def admir() -> Client:
    return signed_in("admir", "administrator")


def new(admir: Client, name: str = "alma", role: str = "officer", **more: object) -> str:
    return admir.post("/counter/users/new", {"name": name, "role": role, **more}).content.decode()


def password_in(page: str) -> str:
    return page.partition('data-testid="password">')[2].partition("<")[0]


def user_of(name: str) -> User:
    return User.objects.get(username=name)


def act(admir: Client, name: str, what: str):
    return admir.post(f"/counter/users/{user_of(name).pk}/{what}")


def test_a_new_officer_gets_a_password_once_and_chooses_their_own(admir: Client):
    alma, urbanism = Officer.called("Alma Destanović"), Department.called("Urbanizam")
    password = password_in(new(admir, officer=alma.pk, departments=[urbanism.pk]))
    who = colleague(user_of("alma").pk)
    assert (who.roles, who.officer, who.departments) == ({"officer"}, alma.pk, {urbanism.pk})
    assert password not in admir.get("/counter/users").content.decode()
    client = Client()
    client.post("/counter/sign-in", {"username": "alma", "password": password})
    assert client.get("/counter/").url == "/counter/account/password"


@pytest.mark.parametrize("name", ["", "a b", "<script>", "x" * 151])
def test_a_name_that_cannot_be_is_said(admir: Client, name: str):
    assert 'class="error"' in new(admir, name=name)
    assert User.objects.count() == 1


def test_a_name_is_used_once_however_it_is_written(admir: Client):
    new(admir)
    assert "Ovo ime već ima neko" in new(admir, name="Alma")


def test_an_officer_has_one_user(admir: Client):
    alma = Officer.called("Alma Destanović")
    new(admir, officer=alma.pk)
    assert "već ima drugog korisnika" in new(admir, name="alma2", officer=alma.pk)
    assert not User.objects.filter(username="alma2").exists()


def test_a_role_is_changed_and_holds_at_once(admir: Client):
    new(admir)
    alma = Client()
    alma.force_login(user_of("alma"))
    admir.post(f"/counter/users/{user_of('alma').pk}", {"role": "auditor"})
    assert colleague(user_of("alma").pk).roles == {"auditor"}


def test_a_new_password_signs_them_out_everywhere(admir: Client):
    new(admir)
    alma = Client()
    alma.force_login(user_of("alma"))
    act(admir, "alma", "password")
    assert alma.get("/counter/").url.startswith("/counter/sign-in")


def test_a_lost_telephone_is_forgiven(admir: Client):
    new(admir)
    TOTP.activate(user_of("alma"), generate_totp_secret())
    assert "Ukloni drugi korak" in admir.get(f"/counter/users/{user_of('alma').pk}").content.decode()
    act(admir, "alma", "second-factor")
    assert not user_of("alma").authenticator_set.exists()


def test_whoever_leaves_is_out_at_once_and_may_come_back(admir: Client):
    new(admir, role="counter")
    alma = Client()
    alma.force_login(user_of("alma"))
    act(admir, "alma", "end")
    assert alma.get("/counter/").status_code == 302
    act(admir, "alma", "back")
    assert user_of("alma").is_active


def test_the_last_administrator_stays(admir: Client):
    mine = f"/counter/users/{user_of('admir').pk}"
    assert "jedini administrator" in admir.post(mine, {"role": "counter"}).content.decode()
    assert "jedini administrator" in act(admir, "admir", "end").content.decode()
    new(admir, name="druga", role="administrator")
    assert admir.post(mine, {"role": "counter"}).status_code == 302


def test_nobody_else_finds_the_users(clerk: Client, admir: Client):
    assert clerk.get("/counter/users").status_code == 403
    assert "users-link" not in clerk.get("/counter/").content.decode()
    assert "users-link" in admir.get("/counter/").content.decode()
