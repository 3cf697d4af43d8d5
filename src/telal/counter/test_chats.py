"""Who hears of a case, as the clerk sees it; and taking one of them off."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case, Change
from telal.conversation import bot
from telal.counter.conftest import signed_in
from telal.messaging.models import Contact, Message
from telal.notices import proofs
from telal.notices.announcer import announce
from telal.notices.consents import record_consent
from telal.notices.models import Consent, Doubt, ProvenPhone, Subscription

NUMBER = "+38761123456"


@pytest.fixture
def ivana(case: Case) -> Contact:
    """She has proven the number on the consent."""
    record_consent(case, recorded_by="ana", medium="paper")
    return proven("Ivana na moru")


def proven(name: str) -> Contact:
    now = timezone.now()
    contact = Contact.objects.create(
        channel="viber", address=f"{name}==", name=name, reachable=True, heard_at=now
    )
    proofs.prove(contact, NUMBER, now)
    return contact


def chats(clerk: Client, case: Case) -> list[str]:
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    return [
        " ".join(re.sub("<[^>]*>", " ", chat).split())
        for chat in re.findall(r'<li data-testid="chat">(.*?)</li>', page, re.DOTALL)
    ]


def test_the_case_says_who_is_connected_and_how(clerk: Client, case: Case, ivana: Contact):
    nameless = Contact.objects.create(channel="viber", address="x", reachable=False)
    Subscription.objects.create(
        consent=Consent.objects.get(), case=case, contact=nameless, created_at=timezone.now()
    )
    hers, other = chats(clerk, case)
    assert hers.startswith(f"Ivana na moru razgovor br. {ivana.pk} · povezan svojim brojem telefona danas u")
    assert "zadnji put pisao danas u" in hers
    assert other.startswith("razgovor bez imena")
    assert "povezan kodom s potvrde" in other
    assert "još nije pisao" in other
    assert "poruke isključene" in other


def test_a_number_proven_by_two_is_shown_and_the_first_is_asked(clerk: Client, case: Case, ivana: Contact):
    proven("Petar")
    hers, his = chats(clerk, case)
    assert "isti broj potvrđen je i iz drugog razgovora" in hers
    assert "Ovaj broj telefona potvrdilo je više razgovora." in his
    assert Doubt.objects.get().contact == ivana


def test_one_is_taken_off_and_nothing_else_ends(clerk: Client, case: Case, ivana: Contact):
    petar = proven("Petar")
    case.move_to(Change("in_progress"), source="counter")
    Doubt.objects.all().delete()
    announce(bot.menu)
    hers = Subscription.objects.get(contact=ivana)
    for _ in range(2):
        assert clerk.post(f"/counter/chats/{hers.pk}/end").url == f"/counter/cases/{case.pk}"
    hers.refresh_from_db()
    assert (bool(hers.ended_at), hers.ended_by) == (True, "ana")
    assert Subscription.objects.get(ended_at=None).contact == petar
    assert not hasattr(Consent.objects.get(), "withdrawal")
    told = Message.objects.filter(notice__isnull=False)
    assert set(told.filter(contact=ivana).values_list("error", flat=True)) == {"disconnected"}
    assert set(told.filter(contact=petar).values_list("error", flat=True)) == {""}
    # The number connects her to no later case, until she proves it again.
    assert list(ProvenPhone.objects.values_list("contact", flat=True)) == [petar.pk]


def test_an_auditor_takes_nobody_off(case: Case, ivana: Contact):
    auditor = signed_in("revizor", "auditor")
    assert len(chats(auditor, case)) == 1
    assert "take-off" not in auditor.get(f"/counter/cases/{case.pk}").content.decode()
    assert auditor.post(f"/counter/chats/{Subscription.objects.get().pk}/end").status_code == 403


def test_a_name_damaged_on_the_disk_hides_nobody(clerk: Client, case: Case, ivana: Contact):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_contact SET name = name || 'AAAA'")
    assert chats(clerk, case)[0].startswith("razgovor bez imena")


def test_silence_is_said(clerk: Client, case: Case, ivana: Contact):
    Contact.objects.update(heard_at=timezone.now() - timedelta(days=181))
    case.move_to(Change("in_progress"), source="counter")
    announce(bot.menu)
    assert "dugo se nije javljao" in chats(clerk, case)[0]
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert "nije poslano: građanin još nije potvrdio" in page
