"""Of somebody who asks to be erased nothing is left that tells of them; everybody else keeps what is theirs."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from telal.cases.models import Applicant, Case, CaseEvent, Change
from telal.conversation import bot
from telal.conversation.listener import listen
from telal.conversation.models import Question
from telal.messaging.account import open_channel
from telal.messaging.channel import Accepted
from telal.messaging.claims import ANY, Ended, claim, record
from telal.messaging.models import Contact, Inbound, Message, Sender, StrayReceipt
from telal.notices import binding, new_number, proofs
from telal.notices.announcer import announce
from telal.notices.consents import invite, record_consent
from telal.notices.models import Consent, Guess, PhoneRequest, ProvenPhone, Subscription, Way
from telal.retention import people, proof
from telal.retention.erasing import erase, found
from telal.retention.models import Asker, Erasure
from telal.sealing.keyring import SEALED
from telal.sealing.seals import unseal

pytestmark = pytest.mark.django_db

IVANA, PETAR = "+38761123456", "+38762654321"
viber = open_channel()


def tell(event, person, **fields):
    """A callback of Viber's, dealt with."""
    now = timezone.now()
    user = {"id": person, "name": person.title()}
    body = {"event": event, "timestamp": int(now.timestamp() * 1000), "message_token": Inbound.objects.count() + 1,
            "sender": user, "user": user, "user_id": person, **fields}  # fmt: skip
    Inbound.objects.create(
        channel="viber", key=f"{event} {body['message_token']}", kind=event, address=person, at=now, received_at=now,
        body=json.dumps(body),
    )  # fmt: skip


def settle():
    while listen(viber) + announce(bot.menu):
        pass


def connected(ref, name, phone, person, case=None):
    """A case, a consent and a chat that hears of it."""
    case = case or Case.register(
        source="counter", ref=ref, number=ref, kind="administrative", subject="Urbanistička saglasnost",
        received_on=timezone.localdate(), applicant=Applicant.called(name, phone),
    )  # fmt: skip
    if case.applicant.phone != phone:
        case.applicant = Applicant.called(name, phone)
        case.save()
    slip = invite(record_consent(case, recorded_by="ana", medium="paper"))
    tell("conversation_started", person, context=slip.token, subscribed=False)
    tell("message", person, message={"type": "text", "text": f"Tajne riječi: {person}"})
    settle()
    return case


@pytest.fixture
def case(db):
    """Ivana's and Petar's chats both follow one case; it was Petar's when he came, and is Ivana's now."""
    case = connected("06-23-1/26", "Petar Savić", PETAR, "petar")
    connected("", "Ivana Perić", IVANA, "ivana==", case)
    case.move_to(Change("in_progress", note="Zvala Ivana, 061/123-456"), source="counter")
    case.move_to(Change("in_progress", department="Arhiva", note="Sve je tu."), source="counter")
    settle()
    return case


def everything():
    """Every value of every table, and what is sealed opened."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    text = str(value)
                    yield unseal(text, f"{table}.{column}") if text.startswith(SEALED) else text


def left_of(*words):
    return [value for value in everything() if any(word in value for word in words)]


def erased(person):
    return erase(person, asked_by=Asker.PERSON, done_by="ana", request="06-11-7/26")


WAYS = {
    "phone": lambda _: people.by_phone("061 123 456"),
    "case": lambda case: people.by_case(case.ref),
    "contact": lambda _: people.by_contact(str(Contact.objects.get(address="ivana==").pk)),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_left_of_who_asked_and_all_of_who_did_not(case, way):
    assert left_of(IVANA, "ivana==", "Tajne riječi: ivana==", "61/123-456")
    theirs = Message.objects.exclude(contact__address="ivana==").order_by("pk")
    before = list(theirs.values_list("pk", "text", "state"))
    assert erased(WAYS[way](case)).erased["contacts"] == 1
    assert left_of(IVANA, "ivana==", "61/123-456", "123456") == []
    assert {"petar", PETAR} <= set(everything())
    petar = Contact.objects.get(address="petar")
    assert list(theirs.filter(contact=petar).values_list("pk", "text", "state")) == before
    assert petar.subscriptions.filter(ended_at=None).exists()


def test_what_was_asked_of_a_human_goes_and_a_shared_chat_keeps_what_is_open(case):
    for person in ("ivana==", "petar"):
        tell("message", person, message={"type": "text", "text": f"Hoću da pričam s čovjekom, {person}"})
    settle()
    erased(people.by_phone(IVANA))
    assert [question.contact.address for question in Question.objects.all()] == ["petar"]
    connected("06-23-2/26", "Mara Savić", "+38763111222", "petar")
    Question.objects.create(
        contact=Contact.objects.get(address="petar"),
        kind="question",
        asked_at=timezone.now(),
        answered_at=timezone.now(),
    )
    erased(people.by_phone("063 111 222"))
    assert Question.objects.exists()
    assert not Question.objects.filter(answered_at__isnull=False).exists()


def test_the_proof_of_consent_stays_without_the_number(case):
    erased(people.by_phone(IVANA))
    consent = Consent.objects.get(person="Ivana Perić")
    assert (consent.phone, consent.phone_hash, consent.withdrawal.medium) == ("", "", "erasure")
    assert consent.text_version
    case.refresh_from_db()
    assert (case.applicant.name, case.applicant.phone) == ("Ivana Perić", "")


def test_only_the_note_with_the_number_goes_and_the_rest_of_the_timeline_cannot_be_touched(case):
    erased(people.by_phone(IVANA))
    assert list(case.events.order_by("no").values_list("note", flat=True)) == ["", "", "Sve je tu."]
    for field in CaseEvent._meta.fields:
        other = OTHERS.get(field.get_internal_type(), 777)
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            case.events.filter(no=3).update(**{field.attname: other})


OTHERS = {
    "CharField": "drugo",
    "TextField": "drugo",
    "DateField": date(2020, 1, 1),
    "DateTimeField": datetime(2020, 1, 1, tzinfo=UTC),
    "BooleanField": None,
    "UUIDField": uuid4(),
}


def test_what_is_in_hand_comes_back_to_nothing(case):
    case.move_to(Change("decided"), source="counter")
    settle()
    now = timezone.now() + timedelta(seconds=1)
    sender = Sender.objects.create(host="here", expires_at=now).pk
    Message.objects.exclude(contact__address="ivana==").update(due_at=None)
    Message.objects.filter(contact__address="ivana==").exclude(pk=Message.objects.latest("pk").pk).update(
        due_at=None
    )
    (claimed,) = claim(sender, 10, now, unanswered_an_hour=100, kind=ANY)
    erased(people.by_phone(IVANA))
    record([Ended(claimed, Accepted(99), timedelta())], now, sender)
    message = Message.objects.get(pk=claimed.id)
    assert (message.state, message.text, message.due_at) == ("cancelled", "", None)


def test_later_callbacks_bring_nothing_back(case):
    waiting = {"type": "text", "text": "Tajne riječi: nova"}
    tell("message", "ivana==", message=waiting)
    erased(people.by_phone(IVANA))
    settle()
    tell("delivered", "ivana==", message_token=99)
    tell("unsubscribed", "ivana==")
    settle()
    new = Contact.objects.get(address="ivana==")
    assert (new.name, new.reachable, new.messages.count(), new.subscriptions.count()) == ("", False, 0, 0)
    assert left_of("Tajne riječi: ivana==", "Tajne riječi: nova", IVANA) == []


def test_a_link_of_the_erased_opens_nothing(case):
    slip = invite(Consent.objects.get(person="Ivana Perić"))
    erased(people.by_phone(IVANA))
    tell("conversation_started", "ivana==", context=slip.token, subscribed=False)
    tell("message", "ivana==", message={"type": "text", "text": "Počni"})
    settle()
    assert not Subscription.objects.filter(contact__address="ivana==").exists()


def test_a_chat_that_follows_somebody_elses_case_stays_theirs(case):
    """Petar's only phone also follows his mother's case; she asks to be erased."""
    connected("06-23-2/26", "Mara Savić", "+38763111222", "petar")
    erasure = erased(people.by_phone("063 111 222"))
    assert erasure.erased["contacts"] == 0
    petar = Contact.objects.get(address="petar")
    assert petar.reachable
    assert [one.case.ref for one in petar.subscriptions.filter(ended_at=None)] == ["06-23-1/26"]
    assert left_of("+38763111222") == []


def test_a_proven_number_goes_with_its_chat(case):
    ivana = Contact.objects.get(address="ivana==")
    proofs.prove(ivana, IVANA, timezone.now())
    proofs.ask({ivana.pk: False}, timezone.now())
    Guess.objects.create(
        place="chat", guesser=f"contact {ivana.pk}", target="slip 1", held=False, at=timezone.now()
    )
    erased(people.by_phone(IVANA))
    assert left_of(IVANA) == []
    assert not any(model.objects.exists() for model in (ProvenPhone, PhoneRequest, Guess))


def test_a_number_is_found_where_it_was_only_proven(db):
    """She has shared it in the chat and left it nowhere else."""
    tell("message", "ivana==", message={"type": "text", "text": "Moji predmeti"})
    settle()
    proofs.prove(Contact.objects.get(), IVANA, timezone.now())
    erased(people.by_phone(IVANA))
    assert left_of(IVANA) == []
    assert Contact.objects.get().unreachable_because == "erased"


def test_the_number_of_the_erased_goes_from_a_chat_that_stays(case):
    """Petar's phone has proven both numbers and follows both cases."""
    connected("06-23-2/26", "Petar Savić", PETAR, "petar")
    for number in (IVANA, PETAR):
        proofs.prove(Contact.objects.get(address="petar"), number, timezone.now())
    erased(people.by_phone(IVANA))
    assert left_of(IVANA) == []
    assert ProvenPhone.objects.get().phone == PETAR


def test_a_number_that_they_had_before_goes_with_the_one_they_have(case):
    petar = case.consents.get(person="Petar Savić")
    new_number.change([petar.pk], "+38761999888", recorded_by="ana")
    erase(people.by_phone("+38761999888"), asked_by=Asker.PERSON, done_by="mirza")
    assert set(case.consents.filter(person="Petar Savić").values_list("phone", flat=True)) == {""}
    assert case.consents.get(person="Ivana Perić").phone == IVANA


def test_a_representative_who_is_erased_leaves_the_case_to_its_applicant(case):
    consent = Consent.objects.get(person="Ivana Perić")
    tell("message", "advokat", message={"type": "text", "text": "Dobar dan"})
    settle()
    advokat = Contact.objects.get(address="advokat")
    binding.connect([(advokat.pk, consent)], Way.PIN, timezone.now())
    erased(people.by_contact(str(advokat.pk)))
    assert not Subscription.objects.filter(contact=advokat, ended_at=None).exists()
    assert Subscription.objects.filter(contact__address="ivana==", ended_at=None).exists()
    assert not hasattr(Consent.objects.get(pk=consent.pk), "withdrawal")


def test_who_shares_a_name_but_no_number_is_somebody_else(db):
    for number in ("06-23-1/26", "06-23-2/26"):
        connected(number, "Amra Hodžić", "", f"amra-{number}")
    erased(people.by_case("06-23-1/26"))
    assert Subscription.objects.get(ended_at=None).case.ref == "06-23-2/26"


def test_the_proof_can_be_read_and_checked_and_names_nobody(case):
    erasure = erased(people.by_phone(IVANA))
    printed = "\n".join(proof.lines(people.proof(str(erasure.reference))))
    for said in ("POTVRDA O BRISANJU", "06-11-7/26", "ana", erasure.digest, "ne odgovara"):
        assert (said in printed) == (said != "ne odgovara")
    for secret in (IVANA, IVANA.removeprefix("+387"), "Ivana"):
        assert secret not in printed
    Erasure.objects.update(done_by="niko")
    assert "ne odgovara" in "\n".join(proof.lines(people.proof(str(erasure.reference))))


def test_looking_changes_nothing(case):
    assert found(people.by_phone(IVANA)) == {
        "contacts": 1, "shared_contacts": 0, "consents": 1, "cases": 1, "messages": 3,
    }  # fmt: skip
    assert left_of(IVANA)
    assert not Erasure.objects.exists()


@pytest.mark.parametrize(
    ("find", "what"),
    [("by_phone", "061 999 999"), ("by_phone", "abc"), ("by_case", "x"), ("by_contact", "x"), ("proof", "x")],
)
def test_nobody_is_said_in_words(db, find, what):
    with pytest.raises(people.Nobody):
        getattr(people, find)(what)


def test_twice_is_as_good_as_once(case):
    person = people.by_phone(IVANA)
    erased(person)
    assert sum(erased(person).erased.values()) <= 1
    assert StrayReceipt.objects.count() == 0
