"""Anybody may see how far we keep our word."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from telal.messaging.models import Contact, Day, Lane, Message, Stop
from telal.public.promise import percent, share

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    caches["local"].clear()


@pytest.fixture
def history():
    """A day last week, and one answer of today, which took two seconds."""
    now = timezone.now()
    Day.objects.create(
        day=timezone.localdate() - timedelta(days=7), notices=2000, notices_in_time=1999, answers=1, answers_in_time=1,
        delivered=1500, failed=1, taken_back=3, counted_at=now,
    )  # fmt: skip
    contact = Contact.objects.create(channel="viber", address="1", name="Senad Đozić")
    Message.objects.create(
        contact=contact, lane=Lane.ANSWER, text="Rušenje garaže", state="sent", created_at=now, caused_at=now,
        sent_at=now + timedelta(seconds=2),
    )  # fmt: skip


def test_the_page_shows_the_days_that_are_over_and_the_present_one(client, history):
    said = client.get("/obecanje/").content.decode()
    for words in ("99,9\u00a0%", "50\u00a0%", "2.002", "2.000"):
        assert words in said
    for secret in ("Senad", "Rušenje"):
        assert secret not in said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("bs", ("Evo kako je držimo", "99,9\u00a0%", "2.002")),
        ("hr", ("Evo kako je držimo", "tablici", "99,9\u00a0%", "2.002")),
        ("sr", ("Ево како је држимо", "99,9\u00a0%", "2.002")),
        ("en", ("This is how we keep it", "99.9%", "2,002")),
    ],
)
def test_the_page_is_told_and_counted_in_each_language(client, history, language, said):
    page = client.get("/obecanje/", {"jezik": language}).content.decode()
    for words in said:
        assert words in page


def test_programs_get_the_same_numbers_from_anywhere(client, history):
    answer = client.get("/obecanje.json")
    report = answer.json()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert report["notices"] == {"count": 2000, "in_time": 1999, "within_seconds": 10, "share": 99.9}
    assert report["answers"] == {"count": 2, "in_time": 1, "within_seconds": 1, "share": 50.0}
    assert (report["failed"], report["taken_back"], len(report["days"])) == (1, 3, 2)


def test_times_in_which_nothing_could_be_sent_are_not_hidden(client, history):
    now = timezone.now()
    stop = {"channel": "viber", "because": "2: secret reason", "needs_human": True, "probe_at": now}
    began = now - timedelta(days=3)
    Stop.objects.create(scope="all", began_at=began, ended_at=began + timedelta(minutes=14), **stop)
    Stop.objects.create(scope="paid", began_at=began, **stop)
    Stop.objects.create(scope="all", began_at=now - timedelta(days=31), ended_at=now, **stop)
    said = client.get("/obecanje/").content.decode()
    assert "1, ukupno 14\u00a0min" in said
    assert "secret reason" not in said
    assert len(client.get("/obecanje.json").json()["stops"]) == 1


def test_where_nothing_was_said_nothing_is_claimed(client):
    assert "Još nije bilo poruka" in client.get("/obecanje/").content.decode()
    assert client.get("/obecanje.json").json()["notices"]["share"] is None


def test_whoever_asks_again_at_once_costs_nothing(client, history, django_assert_num_queries):
    client.get("/obecanje.json")
    with django_assert_num_queries(0):
        client.get("/obecanje.json")
        client.get("/obecanje/")


def test_the_public_page_leads_there(client):
    assert 'href="/obecanje/"' in client.get("/").content.decode()


def test_a_hundred_is_said_only_where_it_is_all():
    assert percent(share(19999, 20000), "bs") == "99,9\u00a0%"
    assert percent(share(20000, 20000), "bs") == "100\u00a0%"
    assert percent(share(0, 0), "bs") == "–"
