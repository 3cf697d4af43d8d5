"""Health tells the truth: 503 only when requests would fail here; what somebody should look after is a remark."""

from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from telal.config import house
from telal.messaging.models import Inbound, Sender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worker(db):
    return Sender.objects.create(host="here", expires_at=timezone.now() + timedelta(minutes=1))


def ready() -> tuple[int, str]:
    status, body = house.ready()
    return status, body.decode()


def test_a_house_where_all_is_well_is_ready():
    assert ready() == (200, "Ready.\n")


def test_without_a_worker_it_takes_everything_in_and_says_so(worker):
    worker.delete()
    status, said = ready()
    assert status == 200
    assert "No worker is alive" in said


def test_what_waits_for_long_is_said():
    now = timezone.now()
    Inbound.objects.create(
        channel="viber", key="1", kind="message", at=now, body="", received_at=now - timedelta(minutes=5)
    )
    assert "The oldest of 1 callbacks has been waiting for 300 seconds." in ready()[1]


def test_a_database_that_lacks_a_migration_is_not_ready():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'messaging' AND name = '0002_pumps'")
    assert ready() == (503, "The database is not up to date: run telal migrate.\n")


@pytest.mark.parametrize(
    ("free", "status", "said"),
    [
        (house.FULL - 1, 503, "The disk is full."),
        (house.NEARLY_FULL - 1, 200, "The disk is nearly full: 1023 MiB are free."),
    ],
)
def test_sqlite_needs_a_disk(monkeypatch, free, status, said):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has a disk of its own")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(house.shutil, "disk_usage", lambda _: usage(0, 0, free))
    assert (ready()[0], said in ready()[1]) == (status, True)


def test_a_standby_takes_nothing_in():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no standby")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    assert ready() == (503, "The database may only be read: it is a standby.\n")
