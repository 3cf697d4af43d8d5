"""Who consents, who represents whom, and what becomes of another number."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case, Change
from telal.messaging.models import Contact, Message
from telal.notices import binding, pins, proofs
from telal.notices.announcer import announce
from telal.notices.consents import Signatory, find_invitation, invite, record_consent
from telal.notices.models import Consent, Doubt, GivenAs, Invitation, ProvenPhone, Subscription, Way

EDIN = Signatory("Edin Softić", "+38762111222", GivenAs.ATTORNEY)
OLD, NEW = "+38761123456", "+38763999888"


def chat(name: str, *, proves: str = "") -> Contact:
    now = timezone.now()
    contact = Contact.objects.create(channel="viber", address=f"{name}==", reachable=True, heard_at=now)
    if proves:
        proofs.prove(contact, proves, now)
    return contact


def represented(case: Case) -> Consent:
    return record_consent(case, recorded_by="ana", medium="paper", signatory=EDIN)


def follows(contact: Contact) -> list[str]:
    live = Subscription.objects.filter(contact=contact, ended_at=None)
    return sorted(live.values_list("case__number", flat=True))


# ── Given later ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_consent_given_later_brings_a_slip(clerk: Client, case: Case):
    given = {"given_as": "applicant", "phone": "062 111 222", "language": "sr", "signed": "on"}
    page = clerk.post(f"/counter/cases/{case.pk}/consent", given).content.decode()
    assert 'data-testid="slip"' in page
    consent = Consent.objects.get()
    assert (consent.phone, consent.language, consent.person) == ("+38762111222", "sr", "Amra Hodžić")
    assert clerk.post(f"/counter/cases/{case.pk}/consent", given).status_code == 302
    assert Consent.objects.count() == 1


def test_without_a_signature_there_is_no_consent(clerk: Client, case: Case):
    given = {"given_as": "applicant", "phone": "062 111 222", "language": "bs"}
    page = clerk.post(f"/counter/cases/{case.pk}/consent", given).content.decode()
    assert "Bez potpisa nema poruka." in page
    assert not Consent.objects.exists()


def test_what_was_signed_for_an_earlier_case_holds_for_the_next(
    clerk: Client, filled: dict[str, str], case: Case
):
    signed_at = timezone.now() - timedelta(days=30)
    record_consent(case, recorded_by="ana", medium="paper", given_at=signed_at)
    clerk.post("/counter/cases/new", {**filled, "number": "06-23-1848/26"})
    assert Consent.objects.last().given_at == signed_at
    assert Consent.objects.last().recorded_by == "ana"


# ── Representatives ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_representative_has_a_consent_and_a_slip_of_their_own(clerk: Client, case: Case):
    own = invite(record_consent(case, recorded_by="ana", medium="paper"))
    given = {"given_as": "attorney", "name": "Edin Softić", "phone": "062/111-222", "language": "bs"}
    page = clerk.post(f"/counter/cases/{case.pk}/consent", {**given, "signed": "on"}).content.decode()
    token = re.search(r'href="[^"]*/f/([^"]+)"', page)[1]
    assert find_invitation(token).consent.person == "Edin Softić"
    assert find_invitation(own.token).ended_at is None
    case.refresh_from_db()
    assert (case.applicant.name, case.applicant.phone) == ("Amra Hodžić", OLD)
    screen = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert 'data-testid="role">punomoćnik' in screen
    assert clerk.post(f"/counter/cases/{case.pk}/consent", {**given, "signed": "on"}).status_code == 302
    assert Consent.objects.count() == 2


def test_a_representative_without_a_name_is_nobody(clerk: Client, case: Case):
    given = {"given_as": "attorney", "phone": "062/111-222", "language": "bs", "signed": "on"}
    page = clerk.post(f"/counter/cases/{case.pk}/consent", given).content.decode()
    assert "Upišite ko zastupa stranku." in page
    assert not Consent.objects.exists()


def test_applicant_and_representative_are_told_the_same_news(case: Case):
    amra, edin = chat("amra"), chat("edin")
    own = record_consent(case, recorded_by="ana", medium="paper")
    now = timezone.now()
    binding.connect([(amra.pk, own), (edin.pk, represented(case))], Way.LINK, now)
    case.move_to(Change("in_progress"), source="counter", actor="ana")
    announce(lambda language: ())
    told = {message.contact_id: message.text for message in Message.objects.all()}
    assert told[amra.pk] == told[edin.pk]


def test_one_slip_of_a_case_does_not_end_the_other_and_both_pins_hold(case: Case):
    own = invite(record_consent(case, recorded_by="ana", medium="paper"))
    other = invite(represented(case))
    reference = pins.Reference(case.number, (case.number_key,), "full")
    now = timezone.now()
    found = [pins.consent_behind(reference, slip.pin, 1, now) for slip in (own, other)]
    assert [consent.person for consent in found] == ["Amra Hodžić", "Edin Softić"]


def test_the_pin_of_an_earlier_slip_of_the_same_person_is_no_longer_theirs(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    old = invite(consent)
    Invitation.objects.update(used_at=timezone.now())
    invite(consent)
    invite(represented(case))
    reference = pins.Reference(case.number, (case.number_key,), "full")
    assert pins.consent_behind(reference, old.pin, 1, timezone.now()) is None


def test_at_the_counter_a_pin_tells_whose_slip_it_is(clerk: Client, case: Case):
    own = invite(record_consent(case, recorded_by="ana", medium="paper"))
    other = invite(represented(case))
    for slip, name in ((own, "Amra Hodžić"), (other, "Edin Softić")):
        page = clerk.post(f"/counter/cases/{case.pk}/pin", {"pin": slip.pin}).content.decode()
        assert f"tačan: potvrda za {name}" in page


def test_who_represents_no_longer_hears_nothing_and_the_applicant_goes_on(clerk: Client, case: Case):
    amra, edin = chat("amra"), chat("edin")
    consent = represented(case)
    own = record_consent(case, recorded_by="ana", medium="paper")
    binding.connect([(amra.pk, own), (edin.pk, consent)], Way.LINK, timezone.now())
    clerk.post(f"/counter/consents/{consent.pk}/withdrawal", {"why": "mandate"})
    consent.refresh_from_db()
    assert consent.withdrawal.medium == "mandate"
    assert (follows(amra), follows(edin)) == ([case.number], [])
    assert "prestankom zastupanja" in clerk.get(f"/counter/cases/{case.pk}").content.decode()


def test_the_applicants_own_consent_ends_by_no_mandate(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    clerk.post(f"/counter/consents/{consent.pk}/withdrawal", {"why": "mandate"})
    consent.refresh_from_db()
    assert consent.withdrawal.medium == "paper"


def test_a_company_is_registered_with_who_signs_for_it(clerk: Client, filled: dict[str, str]):
    firm = {"applicant_name": "Zidar d.o.o.", "signatory": "Edin Softić", "given_as": "guardian"}
    clerk.post("/counter/cases/new", {**filled, **firm})
    case, consent = Case.objects.get(), Consent.objects.get()
    assert (case.applicant.name, case.applicant.phone) == ("Zidar d.o.o.", "")
    assert (consent.person, consent.given_as, consent.phone) == ("Edin Softić", "guardian", OLD)


def test_who_represents_without_consenting_is_not_written_down(clerk: Client, filled: dict[str, str]):
    del filled["consent"]
    page = clerk.post("/counter/cases/new", {**filled, "signatory": "Edin Softić"}).content.decode()
    assert "Zastupnik se upisuje uz saglasnost" in page
    assert not Case.objects.exists()


# ── Another number ───────────────────────────────────────────────────────────────────────────────────────────────────


def numbered(clerk: Client, consent: Consent, **said: str) -> str:
    given = {"why": "changed", "phone": "063/999-888", "signed": "on", **said}
    answer = clerk.post(f"/counter/consents/{consent.pk}/number", given)
    return answer.content.decode()


def test_another_number_is_another_consent_with_another_slip(clerk: Client, case: Case):
    amra = chat("amra")
    consent = record_consent(case, recorded_by="ana", medium="paper", language="sr")
    slip = invite(consent)
    binding.connect([(amra.pk, consent)], Way.LINK, timezone.now())
    assert 'data-testid="slip"' in numbered(clerk, consent)
    old, new = Consent.objects.order_by("pk")
    assert (old.phone, old.withdrawal.medium) == (OLD, "number")
    assert (new.phone, new.language, new.person) == (NEW, "sr", "Amra Hodžić")
    case.refresh_from_db()
    assert (case.applicant.name, case.applicant.phone) == ("Amra Hodžić", NEW)
    assert follows(amra) == []
    assert find_invitation(slip.token).ended_at


def test_a_new_number_needs_a_new_signature(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    assert "novu potpisanu izjavu" in numbered(clerk, consent, signed="")
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("phone", "said"), [("061/123-456", "koji već stoji"), ("", "potreban broj"), ("06", "nije ispravan")]
)
def test_a_number_that_is_none_or_no_other_changes_nothing(clerk: Client, case: Case, phone: str, said: str):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    assert said in numbered(clerk, consent, phone=phone)
    assert Consent.objects.count() == 1


def test_an_old_number_proves_nothing_and_its_chats_are_asked(
    clerk: Client, case: Case, make_case: Callable[..., Case]
):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    elsewhere = make_case(number="06-23-1900/26", name="Edin Hodžić")
    record_consent(elsewhere, recorded_by="ana", medium="paper")
    shared = chat("family", proves=OLD)
    assert follows(shared) == ["06-23-1847/26", "06-23-1900/26"]
    numbered(clerk, consent)
    assert not ProvenPhone.objects.exists()
    assert follows(shared) == ["06-23-1900/26"]
    assert Doubt.objects.get().because == "number"


def test_who_follows_nothing_else_is_not_asked(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    chat("amra", proves=OLD)
    numbered(clerk, consent)
    assert not Doubt.objects.exists()


def test_a_number_that_was_written_down_wrongly_hurts_nobody_whose_it_is(clerk: Client, case: Case):
    signed_at = timezone.now() - timedelta(days=3)
    consent = record_consent(case, recorded_by="ana", medium="paper", given_at=signed_at)
    stranger = chat("stranger", proves=OLD)
    assert follows(stranger) == [case.number]
    numbered(clerk, consent, why="corrected", signed="")
    assert follows(stranger) == []
    assert ProvenPhone.objects.get().phone == OLD
    assert not Doubt.objects.exists()
    old, new = Consent.objects.order_by("pk")
    assert (old.withdrawal.medium, new.phone, new.given_at) == ("correction", NEW, signed_at)


@pytest.mark.parametrize(("everywhere", "phone"), [("on", NEW), ("", OLD)])
def test_the_other_cases_of_the_person_follow_where_it_is_said(
    clerk: Client, case: Case, make_case: Callable[..., Case], everywhere: str, phone: str
):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    second = make_case(number="06-23-1848/26")
    record_consent(second, recorded_by="ana", medium="paper")
    neighbour = record_consent(
        make_case(number="06-23-1849/26", name="Edin Hodžić"), recorded_by="ana", medium="paper"
    )
    assert "I na još 1 predmetu" in clerk.get(f"/counter/consents/{consent.pk}/number").content.decode()
    numbered(clerk, consent, everywhere=everywhere)
    second.refresh_from_db()
    assert second.applicant.phone == phone
    assert Consent.objects.get(case=second, withdrawal=None).phone == phone
    assert Consent.objects.get(case=neighbour.case).phone == OLD


def test_who_has_proven_the_new_number_hears_at_once(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    amra = chat("amra", proves=NEW)
    page = numbered(clerk, consent)
    assert "Broj je već potvrđen u Viberu" in page
    proofs.connect_holders(proofs.next_new_consents(), timezone.now())
    assert follows(amra) == [case.number]


def test_a_representative_changes_their_number_and_not_the_applicants(clerk: Client, case: Case):
    numbered(clerk, represented(case))
    case.refresh_from_db()
    assert case.applicant.phone == OLD
    new = Consent.objects.get(withdrawal=None)
    assert (new.person, new.given_as, new.phone) == ("Edin Softić", "attorney", NEW)


def test_a_consent_withdrawn_meanwhile_takes_no_number(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    clerk.post(f"/counter/consents/{consent.pk}/withdrawal")
    assert clerk.get(f"/counter/consents/{consent.pk}/number").status_code == 404
    numbered(clerk, consent)
    assert Consent.objects.count() == 1


# ── Taken back ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_citizen_takes_the_consent_back_at_the_counter(clerk: Client, case: Case):
    consent = record_consent(case, recorded_by="ana", medium="paper")
    slip = invite(consent)
    clerk.post(f"/counter/consents/{consent.pk}/withdrawal")
    consent.refresh_from_db()
    assert (consent.withdrawal.recorded_by, consent.withdrawal.medium) == ("ana", "paper")
    assert find_invitation(slip.token).ended_at
    assert "Prestala" in clerk.get(f"/counter/cases/{case.pk}").content.decode()
