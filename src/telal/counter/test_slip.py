"""The slip, and the moment the phone is connected."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from telal.cases.models import Case
from telal.messaging.models import Contact
from telal.notices import binding
from telal.notices.consents import find_invitation, invite, record_consent, withdraw
from telal.notices.models import Consent, Guess, Invitation, Way


def test_the_screen_turns_green_when_the_phone_is_connected_and_asks_no_more(clerk: Client, case: Case):
    invite(record_consent(case, recorded_by="ana", medium="paper"))
    where = f"/counter/cases/{case.pk}/binding"
    waiting = clerk.get(where).content.decode()
    assert "Čeka se telefon" in waiting
    assert f'hx-get="{where}"' in waiting

    Invitation.objects.update(opened_at=timezone.now())
    assert "Razgovor je otvoren" in clerk.get(where).content.decode()

    Invitation.objects.update(used_at=timezone.now())
    connected = clerk.get(where).content.decode()
    assert "Viber je povezan" in connected
    assert "hx-get" not in connected


def test_a_new_slip_ends_the_old_one(clerk: Client, case: Case):
    old = invite(record_consent(case, recorded_by="ana", medium="paper"))
    page = clerk.post(f"/counter/cases/{case.pk}/invitation").content.decode()
    new = re.search(r'href="[^"]*/f/([^"]+)"', page)[1]
    assert find_invitation(old.token).ended_at
    assert find_invitation(new).ended_at is None


def test_without_a_consent_that_stands_there_is_no_slip(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    withdraw(consent, recorded_by="ana", medium="paper")
    answer = clerk.post(f"/counter/cases/{case.pk}/invitation")
    assert answer.url == f"/counter/cases/{case.pk}"
    assert not Invitation.objects.exists()


def test_the_pin_of_the_slip_tells_who_may_ask(clerk: Client, case: Case):
    where = f"/counter/cases/{case.pk}/pin"
    slip = invite(record_consent(case, recorded_by="ana", medium="paper"))
    assert ">tačan" in clerk.post(where, {"pin": slip.pin}).content.decode()
    wrong = f"{(int(slip.pin) + 1) % 1_000_000:06}"
    assert "nije tačan" in clerk.post(where, {"pin": wrong}).content.decode()
    invite(Consent.objects.get())
    assert "nije tačan" in clerk.post(where, {"pin": slip.pin}).content.decode()


def test_who_guesses_a_pin_at_the_counter_has_to_wait(clerk: Client, case: Case):
    where = f"/counter/cases/{case.pk}/pin"
    slip = invite(record_consent(case, recorded_by="ana", medium="paper"))
    wrong = f"{(int(slip.pin) + 1) % 1_000_000:06}"
    for _ in range(6):
        assert "nije tačan" in clerk.post(where, {"pin": wrong}).content.decode()
    assert "sljedeći za 1 min" in clerk.post(where, {"pin": slip.pin}).content.decode()
    Guess.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert ">tačan" in clerk.post(where, {"pin": slip.pin}).content.decode()


def test_guessing_is_said_on_every_screen(clerk: Client, db: None):
    now = timezone.now()
    Guess.objects.bulk_create(
        Guess(place="chat", guesser=f"contact {n}", target="slip 1", held=False, at=now) for n in range(21)
    )
    assert "21 odbijenih u zadnjem satu" in clerk.get("/counter/").content.decode()
    Guess.objects.update(at=now - timedelta(hours=2))
    assert "Neko pogađa" not in clerk.get("/counter/").content.decode()


def test_the_screen_turns_green_for_who_connects_by_number_and_pin(clerk: Client, case: Case):
    invite(record_consent(case, recorded_by="ana", medium="paper"))
    consent = Consent.objects.get()
    contact = Contact.objects.create(channel="viber", address="ivana==", reachable=True)
    binding.connect([(contact.pk, consent)], Way.PIN, timezone.now())
    assert "Viber je povezan" in clerk.get(f"/counter/cases/{case.pk}/binding").content.decode()


def test_consent_given_later_brings_a_slip(clerk: Client, case: Case):
    given = {"phone": "062 111 222", "language": "sr", "signed": "on"}
    page = clerk.post(f"/counter/cases/{case.pk}/consent", given).content.decode()
    assert 'data-testid="slip"' in page
    consent = Consent.objects.get()
    assert (consent.phone, consent.language) == ("+38762111222", "sr")
    assert clerk.post(f"/counter/cases/{case.pk}/consent", given).status_code == 302
    assert Consent.objects.count() == 1


def test_without_a_signature_there_is_no_consent(clerk: Client, case: Case):
    page = clerk.post(
        f"/counter/cases/{case.pk}/consent", {"phone": "062 111 222", "language": "bs"}
    ).content.decode()
    assert "Bez potpisa nema poruka." in page
    assert not Consent.objects.exists()


def test_the_citizen_takes_the_consent_back_at_the_counter(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    slip = invite(consent)
    clerk.post(f"/counter/consents/{consent.pk}/withdrawal")
    consent.refresh_from_db()
    assert (consent.withdrawal.recorded_by, consent.withdrawal.medium) == ("ana", "paper")
    assert find_invitation(slip.token).ended_at
    assert "Povučena" in clerk.get(f"/counter/cases/{case.pk}").content.decode()


def test_the_statement_is_in_the_script_that_was_asked_for(clerk: Client, case: Case):
    where = f"/counter/cases/{case.pk}/statement"
    assert "IZJAVA O SAGLASNOSTI" in clerk.get(where).content.decode()
    cyrillic = clerk.get(f"{where}?script=bs_cyrl").content.decode()
    assert "ИЗЈАВА О САГЛАСНОСТИ" in cyrillic
    assert "Опћина Стари Град Сарајево, Зелених беретки 4" in cyrillic
    assert "IZJAVA O SAGLASNOSTI" in clerk.get(f"{where}?script=../../etc").content.decode()
