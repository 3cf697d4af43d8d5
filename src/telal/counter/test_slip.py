"""The slip, and the moment the phone is connected."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from telal.cases.models import Case
from telal.messaging.models import Contact
from telal.notices import binding
from telal.notices.consents import find_invitation, invite, record_consent, withdraw
from telal.notices.models import Consent, Doubt, Guess, Invitation, Way


def test_the_screen_turns_green_when_the_phone_is_connected_and_asks_no_more(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    invite(consent)
    where = f"/counter/consents/{consent.pk}/binding"
    waiting = clerk.get(where).content.decode()
    assert "Čeka se telefon" in waiting
    assert f'hx-get="{where}?have=waiting" hx-trigger="every 1s"' in waiting
    assert clerk.get(f"{where}?have=waiting").status_code == 204

    Invitation.objects.update(opened_at=timezone.now())
    assert "Razgovor je otvoren" in clerk.get(f"{where}?have=waiting").content.decode()

    Invitation.objects.update(used_at=timezone.now())
    connected = clerk.get(f"{where}?have=opened").content.decode()
    assert "Viber je povezan" in connected
    assert "hx-get" not in connected


def test_who_has_gone_home_is_looked_for_less_often(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    invite(consent)
    Invitation.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    page = clerk.get(f"/counter/consents/{consent.pk}/binding").content.decode()
    assert "može uraditi i kod kuće" in page
    assert "every 5s" in page


def test_the_screen_is_not_green_while_we_ask_whether_it_is_still_them(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    invite(consent)
    contact = Contact.objects.create(channel="viber", address="ivana==", reachable=True)
    binding.connect([(contact.pk, consent)], Way.PHONE, timezone.now())
    doubt = Doubt.objects.create(contact=contact, because=Doubt.Because.SILENCE, asked_at=timezone.now())
    where = f"/counter/consents/{consent.pk}/binding"
    assert "Neka odgovori Da" in clerk.get(where).content.decode()
    doubt.delete()
    assert 'data-testid="bound"' in clerk.get(f"{where}?have=asked").content.decode()


def test_a_new_slip_ends_the_old_one(clerk: Client, case: Case):
    old = invite(record_consent(case, recorded_by="ana", medium="paper"))
    page = clerk.post(f"/counter/consents/{old.consent.pk}/invitation").content.decode()
    new = re.search(r'href="[^"]*/f/([^"]+)"', page)[1]
    assert find_invitation(old.token).ended_at
    assert find_invitation(new).ended_at is None


def test_without_a_consent_that_stands_there_is_no_slip(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    withdraw(consent, recorded_by="ana", medium="paper")
    answer = clerk.post(f"/counter/consents/{consent.pk}/invitation")
    assert answer.url == f"/counter/cases/{case.pk}"
    assert not Invitation.objects.exists()


def test_the_pin_of_the_slip_tells_who_may_ask(clerk: Client, case: Case):
    where = f"/counter/cases/{case.pk}/pin"
    slip = invite(record_consent(case, recorded_by="ana", medium="paper"))
    assert ">tačan: potvrda za Amra Hodžić" in clerk.post(where, {"pin": slip.pin}).content.decode()
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
    assert ">tačan: potvrda za Amra Hodžić" in clerk.post(where, {"pin": slip.pin}).content.decode()


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
    assert "Viber je povezan" in clerk.get(f"/counter/consents/{consent.pk}/binding").content.decode()
