"""Two requests at the same moment: one does it, the other hears that it is done."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from telal.cases.models import Case, CaseEvent, Change
from telal.messaging.models import Contact, Message, Pump
from telal.notices.announcer import announce
from telal.notices.models import Consent, Subscription

pytestmark = pytest.mark.django_db(transaction=True)

TOGETHER = 4


@pytest.fixture
def together():
    """Runs the same request in several threads, each of which starts when all are ready."""
    if connection.vendor == "sqlite":
        pytest.skip("the test database lives in memory: its threads would share one connection")
    barrier = threading.Barrier(TOGETHER)

    def run(request):
        def one(_):
            barrier.wait()
            return elsewhere(request)

        with ThreadPoolExecutor(TOGETHER) as pool:
            return list(pool.map(one, range(TOGETHER)))

    return run


def test_a_case_is_created_once(dms, together):
    answers = together(
        lambda: dms.put(consent=dms.consent, department="Služba za urbanizam", officer={"name": "Amra"})
    )
    assert sorted(answer.status_code for answer in answers) == [200] * (TOGETHER - 1) + [201]
    assert sum("invitation" in answer.json() for answer in answers) == 1
    assert (Case.objects.count(), CaseEvent.objects.count(), Consent.objects.count()) == (1, 1, 1)


def test_an_event_is_recorded_once(dms, together):
    dms.put()
    answers = together(lambda: dms.event(status="assigned"))
    assert sorted(answer.status_code for answer in answers) == [200] * (TOGETHER - 1) + [201]
    assert len({answer.content for answer in answers}) == 1


def test_who_waits_for_another_sees_all_that_the_other_writes(dms, together):
    dms.put(department="Služba za urbanizam")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            (case,) = Case.locked("ref", ["A-1"])
            waiting = pool.submit(elsewhere, lambda: dms.event(status="in_progress"))
            wait_until_somebody_waits()
            case.write_down(Change("in_progress", department="Služba za komunalne poslove"), source="counter")
        event = waiting.result().json()
    assert (event["no"], event["department"]) == (3, "Služba za komunalne poslove")
    assert [line.is_news for line in CaseEvent.objects.order_by("no")] == [True, True, False]


def test_a_withdrawal_takes_back_what_is_being_announced_at_that_moment(dms, together):
    dms.put(consent=dms.consent)
    ivana = Contact.objects.create(channel="viber", address="ivana==", reachable=True)
    Subscription.objects.create(
        case=Case.objects.get(), contact=ivana, consent=Consent.objects.get(), created_at=timezone.now(), told_through=0
    )  # fmt: skip
    Pump.objects.get_or_create(pk="announce")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            announce(lambda _: [])
            waiting = pool.submit(elsewhere, lambda: dms.send("DELETE", "cases/A-1/consent"))
            wait_until_somebody_waits()
        assert waiting.result().status_code == 204
    assert [message.state for message in Message.objects.all()] == ["cancelled"]


def elsewhere(request):
    try:
        return request()
    finally:
        connection.close()


def wait_until_somebody_waits():
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            # Within a transaction, the statistics stay as they were when they were first looked at.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone():
                return
    raise AssertionError("nobody waits")


def test_batches_that_cross_do_not_stop_each_other(dms, together):
    refs = [f"A-{no}" for no in range(8)]
    for ref in refs:
        dms.put(ref)
    lines = [{"case": ref, "key": "1", "status": "assigned", "officer": {"name": f"O{ref}"}} for ref in refs]
    turns = iter([lines, lines[::-1]] * TOGETHER)
    results = together(lambda: dms.lines(*next(turns)))
    assert (
        sorted(result["status"] for batch in results for result in batch)
        == [200] * 8 * (TOGETHER - 1) + [201] * 8
    )
