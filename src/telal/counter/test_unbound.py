"""Somebody has signed and hears nothing: the office sees it, asks, and helps."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.counter.conftest import signed_in
from telal.messaging.models import Contact
from telal.notices.binding import connect, release
from telal.notices.consents import invite, record_consent, withdraw
from telal.notices.models import Consent, Invitation, Subscription, Unbound, Way

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent(case) -> Consent:
    """Given four days ago, with a slip."""
    consent = record_consent(case, recorded_by="ana", medium="paper")
    invite(consent)
    Unbound.objects.update(since=timezone.now() - timedelta(days=4))
    return consent


def shown(client: Client, query: str = "") -> str:
    return client.get(f"/counter/unbound{query}").content.decode()


def test_who_has_not_opened_the_chat_is_listed_with_what_helps(clerk: Client, consent):
    for words in (consent.case.number, consent.person, "61 123 456", "Kod nije otvoren", "skenirati kod"):
        assert words in shown(clerk)
    assert consent.case.number not in shown(clerk, "?days=7")


def test_nobody_is_asked_on_the_first_days(clerk: Client, consent):
    Unbound.objects.update(since=timezone.now() - timedelta(days=2))
    assert "Svi koji su potpisali su i povezani." in shown(clerk)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "unused"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
        ({"ended_at": timezone.now()}, "expired"),
    ],
)
def test_why_is_said_and_can_be_asked_for(clerk: Client, consent, change, why):
    Invitation.objects.update(created_at=timezone.now(), **change)
    for each in ("unused", "opened", "expired", "none"):
        assert (consent.case.number in shown(clerk, f"?why={each}")) is (each == why)


def test_who_opened_and_wrote_nothing_is_told_apart_and_who_has_no_slip(clerk: Client, consent):
    contact = Contact.objects.create(channel="viber", address="amra==")
    Invitation.objects.update(opened_by=contact, opened_at=timezone.now())
    assert consent.case.number in shown(clerk, "?why=opened")
    Invitation.objects.all().delete()
    assert consent.case.number in shown(clerk, "?why=none")


def test_who_is_connected_leaves_the_list_and_comes_back_when_the_chat_is_let_go(clerk: Client, consent):
    contact = Contact.objects.create(channel="viber", address="amra==", reachable=True)
    connect([(contact.pk, consent)], Way.LINK, timezone.now())
    assert not Unbound.objects.exists()
    release([contact.pk], "released", timezone.now())
    assert Unbound.objects.get().consent == consent
    assert not Subscription.objects.filter(ended_at=None).exists()


def test_who_has_withdrawn_is_left_in_peace(clerk: Client, consent):
    withdraw(consent, recorded_by="ana", medium="paper")
    assert not Unbound.objects.exists()


def test_a_consent_is_dropped_from_the_list_and_a_new_slip_brings_it_back(clerk: Client, consent):
    clerk.post(f"/counter/unbound/{Unbound.objects.get().pk}")
    assert consent.case.number not in shown(clerk)
    assert Unbound.objects.get().dropped_by == "ana"
    invite(consent)
    assert Unbound.objects.get().dropped_at is None


def test_a_new_slip_from_the_list_is_of_that_very_consent(clerk: Client, consent, make_case):
    """There is another citizen's consent, too, that happens to have the number of this one's case."""
    proof = {"given_at": timezone.now(), "recorded_by": "ana", "medium": "paper", "text_version": "1"}
    other = make_case(number="06-23-2/26", name="Neko Drugi")
    Consent.objects.filter(pk=consent.pk).delete()
    Consent.objects.create(pk=consent.case_id, case=other, person="Neko Drugi", **proof)
    mine = Consent.objects.create(pk=consent.case_id + 7, case=consent.case, person="Amra Hodžić", **proof)
    Unbound.objects.create(consent=mine, since=timezone.now() - timedelta(days=4))
    (leads_to,) = re.findall(r'action="(\S+/invitation)"', shown(clerk))
    assert clerk.post(leads_to).context["consent"] == mine


def test_a_closed_case_needs_no_chat(clerk: Client, consent):
    consent.case.__class__.objects.update(status="archived")
    assert consent.case.number not in shown(clerk)


def test_an_auditor_sees_no_number_and_drops_nobody(consent):
    auditor = signed_in("revizor", "auditor")
    assert consent.case.number in shown(auditor)
    assert "61 123 456" not in shown(auditor)
    assert auditor.post(f"/counter/unbound/{Unbound.objects.get().pk}").status_code == 403


def test_the_list_goes_page_by_page(clerk: Client, make_case, monkeypatch):
    monkeypatch.setattr("telal.counter.paging.ON_A_PAGE", 2)
    for n in range(3):
        record_consent(make_case(number=f"06-23-{n}/26"), recorded_by="ana", medium="paper")
    Unbound.objects.update(since=timezone.now() - timedelta(days=9))
    first = shown(clerk, "?days=7&why=none")
    assert "06-23-2/26" not in first
    after = first.partition("after=")[2].partition('"')[0]
    assert "06-23-2/26" in shown(clerk, f"?days=7&why=none&after={after}")
