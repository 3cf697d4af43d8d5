"""Phone numbers and texts at rest: nobody reads them from the disk, and keys change while all goes on."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from telal.cases.models import Applicant, Case, CaseEvent, Change
from telal.conversation import bot
from telal.conversation.listener import listen
from telal.counter.search import find_cases
from telal.messaging.account import open_channel
from telal.messaging.claims import claim
from telal.messaging.models import Contact, Inbound, Lane, Message, Sender
from telal.messaging.recovery import recover
from telal.notices.announcer import announce
from telal.notices.consents import record_consent
from telal.notices.models import Subscription
from telal.retention.sweeping import _delete
from telal.sealing import rotation, seals
from telal.sealing.keyring import Damaged, KeyMissing, NotSealed, key_from
from telal.sealing.known_keys import know
from telal.sealing.models import KnownKey

PHONE = "+38761123456"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NEWER = key_from("a newer secret")


@pytest.fixture
def given_keys(settings: Any) -> Iterator[Callable[..., None]]:
    """Gives the installation other keys, until the end of the story."""

    def give(*keys: bytes) -> None:
        settings.TELAL_DATA_KEYS = keys
        seals.keys.cache_clear()

    yield give
    settings.TELAL_DATA_KEYS = own_keys(settings)
    seals.keys.cache_clear()


def own_keys(settings: Any) -> tuple[bytes, ...]:
    return (key_from(settings.SECRET_KEY),)


def kept(table: str, column: str) -> list[str]:
    """What lies in the database, as it lies there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def ivanas_case() -> Case:
    return Case.register(
        source="counter",
        ref="1",
        number="06-23-1/26",
        kind="administrative",
        subject="Nadogradnja kuće",
        applicant=Applicant.called("Ivana Perić", PHONE),
        received_on=date(2026, 11, 2),
    )


def message_to_ivana(text: str = "Vaš predmet je riješen", *, to: str = "ivana==") -> Message:
    contact, _ = Contact.objects.get_or_create(channel="viber", address=to, reachable=True)
    return Message.objects.create(contact=contact, lane=Lane.NOTICE, text=text, created_at=NOW, due_at=NOW)


# ── One installation ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_what_is_sealed_is_found_by_number_and_read_by_nobody_else():
    case = ivanas_case()
    assert Applicant.called("Ivana  Perić", PHONE) == case.applicant
    assert find_cases("061 123 456") == [case]
    assert find_cases("061 123 457") == []
    assert Applicant.objects.get().phone == PHONE
    lying_there = "".join(
        kept("cases_applicant", "phone")
        + kept("cases_applicant", "phone_hash")
        + kept("cases_case", "subject")
    )
    assert "123456" not in lying_there
    assert "kuće" not in lying_there


@pytest.mark.django_db
def test_a_sealed_column_cannot_be_searched_by_mistake():
    message_to_ivana()
    with pytest.raises(TypeError, match="sealed"):
        Message.objects.filter(text="Vaš predmet je riješen").exists()
    with pytest.raises(Exception, match="Unsupported lookup 'contains'"):
        Message.objects.filter(text__contains="riješen").exists()
    assert not Message.objects.filter(text="").exists()


@pytest.mark.django_db
def test_what_somebody_wrote_past_us_or_changed_is_an_error_and_not_a_message():
    message = message_to_ivana()
    (sealed,) = kept("messaging_message", "text")
    for written, trouble in (("Platite odmah", NotSealed), (f"{sealed[:-6]}AAAA==", Damaged)):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE messaging_message SET text = %s", [written])
        with pytest.raises(trouble):
            message.refresh_from_db()


@pytest.mark.django_db
def test_after_a_rotation_all_is_under_the_new_key_and_found_as_before(given_keys, settings):
    case = ivanas_case()
    message = message_to_ivana()
    before = kept("cases_applicant", "phone_hash")
    given_keys(NEWER, *own_keys(settings))
    know(connection)
    for column in rotation.rotate():
        assert not column.unreadable
    given_keys(NEWER)
    assert list(rotation.usage()) == [seals.keys().newest]
    assert list(KnownKey.objects.values_list("pk", flat=True)) == [seals.keys().newest]
    assert kept("cases_applicant", "phone_hash") == before
    assert know(connection).hex() == _look_up_key_of_this_run()
    assert find_cases(PHONE) == [case]
    message.refresh_from_db()
    assert message.text == "Vaš predmet je riješen"


def _look_up_key_of_this_run() -> str:
    (known,) = KnownKey.objects.all()
    return seals.unseal(known.look_up_key, "sealing_knownkey.look_up_key")


@pytest.mark.django_db
def test_a_line_of_the_timeline_is_final_and_only_its_note_is_sealed_anew(given_keys, settings):
    event = ivanas_case().move_to(Change("in_progress", note="Zvala je kuma"), source="counter")
    for column in [field.column for field in CaseEvent._meta.local_fields]:
        assert is_refused(f"UPDATE cases_caseevent SET {column} = {column}"), column
    sealed_alike = seals.seal("Nije zvala", "cases_caseevent.note")
    for note in ("Nije zvala", sealed_alike):
        assert is_refused("UPDATE cases_caseevent SET note = %s WHERE note <> ''", note)
    given_keys(NEWER, *own_keys(settings))
    know(connection)
    sealed_with_another = seals.seal("Zvala je kuma", "cases_caseevent.note")
    assert is_refused("UPDATE cases_caseevent SET note = %s, no = no + 10", sealed_with_another)
    assert {column.place: column.resealed for column in rotation.rotate()}["cases_caseevent.note"] == 1
    given_keys(NEWER)
    event.refresh_from_db()
    assert event.note == "Zvala je kuma"


def is_refused(statement: str, *values: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values or None)
    except DatabaseError as error:
        return "written once" in str(error)
    return False


@pytest.mark.django_db
def test_a_callback_damaged_on_disk_spoils_no_other():
    for token in (1, 2):
        body = {
            "event": "message", "timestamp": 1795338000000, "message_token": token,
            "sender": {"id": f"{token}==", "name": "Ana"}, "message": {"type": "text", "text": "Pomoć"},
        }  # fmt: skip
        Inbound.objects.create(
            channel="viber", key=str(token), kind="message", at=NOW, body=json.dumps(body), received_at=NOW
        )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_inbound SET body = body || 'AAAA' WHERE key = '1'")
    listen(open_channel())
    assert Inbound.objects.get(key="2").body == ""
    assert Message.objects.get().contact.address == "2=="
    (error,) = Inbound.objects.filter(key="1").values_list("error", flat=True)
    assert error == "Damaged"


@pytest.mark.django_db
def test_what_was_damaged_on_disk_holds_up_nobody_and_can_be_dropped():
    case, damaged, whole = ivanas_case(), message_to_ivana(), message_to_ivana("Nešto drugo", to="petar==")
    Subscription.objects.create(
        consent=record_consent(case, recorded_by="amra", medium="paper"), case=case, contact=whole.contact,
        created_at=NOW,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_message SET text = text || 'AAAA' WHERE id = %s", [damaged.pk])
        cursor.execute("UPDATE cases_case SET subject = subject || 'AAAA'")
    sender = Sender.objects.create(host="here", expires_at=NOW)
    claimed = claim(sender.pk, 10, NOW, unanswered_an_hour=100)
    assert {one.id: one.outgoing.text for one in claimed} == {damaged.pk: "", whole.pk: "Nešto drugo"}
    assert recover(NOW + timedelta(minutes=1)) == 2
    assert announce(bot.menu) == 1
    assert "06-23-1/26" in Message.objects.latest("pk").text
    assert "kuće" not in Message.objects.latest("pk").text
    assert _delete(Message)([damaged.pk], NOW) == 1


@pytest.mark.django_db
def test_what_cannot_be_opened_is_named_and_left_as_it_is(given_keys, settings):
    message_to_ivana("the first")
    broken = message_to_ivana("the second")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_message SET text = text || 'AAAA' WHERE id = %s", [broken.pk])
    as_it_was = kept("messaging_message", "text")[1]
    old = seals.keys().newest
    given_keys(NEWER, *own_keys(settings))
    know(connection)
    unreadable = [
        (column.place, list(column.unreadable)) for column in rotation.rotate() if column.unreadable
    ]
    assert unreadable == [("messaging_message.text", [broken.pk])]
    assert kept("messaging_message", "text")[1] == as_it_was
    assert KnownKey.objects.filter(pk=old).exists()  # it is still needed


@pytest.mark.django_db
def test_without_the_key_nothing_starts_and_nothing_is_changed(given_keys):
    kept_before = list(KnownKey.objects.values_list("pk", "look_up_key"))
    given_keys(NEWER)
    with pytest.raises(KeyMissing, match=kept_before[0][0]):
        know(connection)
    assert list(KnownKey.objects.values_list("pk", "look_up_key")) == kept_before
