"""From an empty database to the first slip, as an administrator does it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from telal.counter import viber_state
from telal.messaging.account import callback_url, open_channel
from telal.messaging.models import ChannelState
from telal.staff import first
from telal.staff.models import Milestone

pytestmark = pytest.mark.django_db

ADMIN = {"name": "amra", "password": "dugacka lozinka", "again": "dugacka lozinka"}


@pytest.fixture
def visitor() -> Client:
    return Client()


def begin(client: Client, **said: str) -> str:
    answer = client.post("/counter/first", {"code": first.code(), **ADMIN, **said})
    return answer.content.decode() if answer.status_code == 200 else answer.url


def steps_done(client: Client) -> list[str]:
    page = client.get("/counter/settings/first-steps")
    return [row.step.address for row in page.context["rows"] if row.is_done]


def test_from_nothing_to_the_first_slip(visitor: Client, filled, settings):
    settings.TELAL_PUBLIC_URL = "https://predmeti.example.ba"
    assert "Kod sa servera" in visitor.get("/counter/first").content.decode()
    assert begin(visitor) == "/counter/settings/first-steps"
    assert User.objects.get().groups.get().name == "administrator"
    assert steps_done(visitor) == []

    for where in ("municipality/right", "consent/right"):
        visitor.post(f"/counter/settings/{where}")
    visitor.post("/counter/settings/departments/add", {"names": "Služba za urbanizam"})
    visitor.post("/counter/settings/officers/add", {"names": "Alma Destanović"})
    visitor.post("/counter/hours/week", {"monday": "8-16"})
    ChannelState.objects.create(
        channel="viber", checked_at="2026-11-25T10:00Z", webhook=callback_url(open_channel())
    )
    assert "slip" in visitor.post("/counter/cases/new", filled).content.decode()
    assert set(steps_done(visitor)) >= {
        "municipality", "viber", "departments", "officers", "hours", "consent_wording", "register",
    }  # fmt: skip


def test_only_the_console_lets_in_the_first(visitor: Client):
    for code in ("", "x", first.code()[:-1], "č" * 150):
        assert "Ovaj kod ne vrijedi" in begin(visitor, code=code) or code == ""
    assert not User.objects.exists()


def test_a_code_that_is_a_day_old_is_over(visitor: Client, monkeypatch):
    code = first.code()
    monkeypatch.setattr(first, "GOOD_FOR", -1)
    assert "istekao" in begin(visitor, code=code)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"name": "Amra Hodžić"}, "bez razmaka"),
        ({"password": "kratka", "again": "kratka"}, "bar 10 znakova"),
        ({"password": "1234567890", "again": "1234567890"}, "najčešćih"),
        ({"again": "druga lozinka"}, "nisu iste"),
        ({"password": ""}, "Upišite ovaj podatak"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(visitor: Client, said, complaint):
    assert complaint in begin(visitor, **said)
    assert not User.objects.exists()


def test_it_is_good_once(visitor: Client):
    code = first.code()
    begin(visitor, code=code)
    assert begin(Client(), code=code, name="lopov") == "/counter/sign-in"
    User.objects.all().delete()
    assert begin(Client(), code=code, name="lopov") == "/counter/sign-in"
    assert not User.objects.exists()


def test_of_two_at_the_same_moment_one_is_made(db):
    first.make_administrator("amra", "dugacka lozinka")
    with pytest.raises(first.TooLate):
        first.make_administrator("edin", "dugacka lozinka")
    assert User.objects.count() == 1


def test_where_there_are_users_there_is_no_first(visitor: Client, clerk: Client):
    assert visitor.get("/counter/first").url == "/counter/sign-in"
    with pytest.raises(first.TooLate):
        first.make_administrator("edin", "dugacka lozinka")
    assert not Milestone.objects.exists()


def test_changed_facts_are_to_be_looked_at_again(boss: Client, settings):
    boss.post("/counter/settings/municipality/right")
    assert "municipality" in steps_done(boss)
    settings.TELAL_MUNICIPALITY = {**settings.TELAL_MUNICIPALITY, "phone": "033 000 000"}
    assert "municipality" not in steps_done(boss)
    assert "TELAL_MUNICIPALITY_PHONE" in boss.get("/counter/settings/municipality").content.decode()


def test_the_reminder_can_be_put_away(boss: Client):
    assert "Prvi koraci" in boss.get("/counter/settings").content.decode()
    boss.post("/counter/settings/first-steps/dismiss")
    assert "steps-banner" not in boss.get("/counter/settings").content.decode()
    assert boss.get("/counter/settings/first-steps").status_code == 200


def test_the_settings_say_how_things_stand(boss: Client):
    shown = boss.get("/counter/settings").content.decode()
    for words in ("popis je prazan", "radno vrijeme nije upisano", "poruke 90 dana"):
        assert words in shown


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"checked_at": None}, "Viber još nije pitan"),
        ({"problem": "invalidAuthToken"}, "Viber ne prihvata naš nalog"),
        ({"webhook": "https://drugi.example/hooks/viber/"}, "ne javlja događaje na našu adresu"),
        ({"missing_events": "seen"}, "ne javlja sve: seen"),
        ({}, "Sve je u redu"),
    ],
)
def test_what_viber_says_of_us_is_in_words(boss: Client, settings, state, said):
    settings.TELAL_PUBLIC_URL = "https://predmeti.example.ba"
    usual = {"channel": "viber", "checked_at": "2026-11-25T10:00Z", "webhook": callback_url(open_channel())}
    ChannelState.objects.create(**{**usual, **state})
    assert said in boss.get("/counter/settings/viber", secure=True).content.decode()


def test_without_a_token_viber_is_not_asked(boss: Client, settings, monkeypatch):
    settings.TELAL_CHANNEL = {
        **settings.TELAL_CHANNEL,
        "options": {**settings.TELAL_CHANNEL["options"], "token": ""},
    }
    monkeypatch.setattr(viber_state.account, "ask", lambda: pytest.fail("nobody to ask"))
    assert boss.post("/counter/settings/viber/check").url == "/counter/settings/viber"
    assert "TELAL_VIBER_TOKEN" in boss.get("/counter/settings/viber").content.decode()
