"""A good neighbour: slows down when asked, stops when told, tries one message before the rest, and keeps answering for free."""

from datetime import UTC, datetime, timedelta

import pytest

from telal.messaging import claims, traffic
from telal.messaging.channel import Accepted, Outgoing, Refused, Stopped, TryLater, Uncertain, Unreachable
from telal.messaging.claims import FREE, PAID, Claimed, Ended
from telal.messaging.models import Contact, Lane, Scope, Sender, Stop
from telal.messaging.outbox import Cause, Owed, owe
from telal.messaging.retry import PROBE_EVERY
from telal.messaging.traffic import BREAKS_AFTER, DOUBLES_EVERY, FIRST_PACE, Breaker, Bucket

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock(monkeypatch):
    """The database's clock, in our hands."""

    class Clock:
        now = NOW

    monkeypatch.setattr(traffic.sql, "clock", lambda: f"'{traffic.sql.stamp(Clock.now)}'" + ON_POSTGRES())
    return Clock


def ON_POSTGRES():
    return "::timestamptz" if traffic.sql.on_postgres() else ""


def look(ceiling=None):
    return traffic.look("viber", ceiling)


def heed(*outcomes, begun_at=None, in_session=False, broken=None):
    now = look()
    ended = [
        Ended(
            Claimed(
                1,
                Lane.NOTICE,
                1,
                1,
                in_session,
                now.now,
                now.now,
                begun_at or now.now,
                "",
                Outgoing("x", "y"),
                1,
            ),
            o,
            SECOND,
        )
        for o in outcomes
    ]
    return traffic.heed(ended, broken, now)


pytestmark = pytest.mark.django_db


def test_on_an_open_road_there_is_no_limit(clock):
    assert (look().pace, look().stops) == (None, {})
    assert look(ceiling=50).pace == 50


@pytest.mark.parametrize("complaint", [TryLater("12", slower=True), TryLater("http_429", slower=True)])
def test_a_complaint_slows_all_workers_and_speed_comes_back(clock, complaint):
    Sender.objects.create(host="a", expires_at=NOW + timedelta(hours=1))
    Sender.objects.create(host="b", expires_at=NOW + timedelta(hours=1))
    heed(complaint, complaint, Accepted(1))
    assert (look().pace, look().share) == (FIRST_PACE, FIRST_PACE / 2)
    clock.now += 2 * SECOND
    heed(complaint)
    assert look().pace == pytest.approx(FIRST_PACE * 2**0.2 / 2)
    clock.now += 4 * DOUBLES_EVERY
    assert look(ceiling=100).pace == 100
    clock.now += timedelta(minutes=5)
    assert look().pace is None


def test_the_pace_never_falls_to_nothing(clock):
    for _ in range(40):
        clock.now += 2 * SECOND
        heed(TryLater("12", slower=True))
    assert look().pace >= 1


def test_a_complaint_that_names_a_time_is_obeyed(clock):
    heed(TryLater("http_429", "slowly", after=timedelta(seconds=20), slower=True))
    stop = Stop.objects.get()
    assert (stop.scope, stop.needs_human, stop.probe_at) == ("all", False, NOW + timedelta(seconds=20))


def test_a_stop_calls_a_human_tries_one_message_and_ends_with_the_first_that_passes(clock):
    stopped = heed(Stopped("2", "token refused"), Stopped("2", "token refused"))
    assert Stop.objects.get().because == "2: token refused"
    assert not traffic.may_probe(Scope.ALL, stopped)
    clock.now += PROBE_EVERY
    now = look()
    assert [traffic.may_probe(Scope.ALL, now), traffic.may_probe(Scope.ALL, now)] == [True, False]
    heed(Accepted(1), begun_at=NOW - SECOND)
    assert look().stops, "what was under way before the stop proves nothing"
    heed(Unreachable("6"))
    assert look().stops, "only a message that passes proves that the cause has gone"
    heed(Accepted(1))
    assert look().stops == {}
    assert Stop.objects.get().ended_at == clock.now


def test_the_one_message_that_may_be_tried_leaves_and_the_others_wait(clock):
    sender = Sender.objects.create(host="here", expires_at=NOW + timedelta(hours=1)).pk
    for name in ("ivana", "petar"):
        contact = Contact.objects.create(channel="viber", address=name, reachable=True)
        owe([Owed(contact.pk, Lane.NOTICE, "news", [], Cause(None, NOW))], NOW)
    heed(Stopped("9", "suspended"))
    clock.now += PROBE_EVERY
    now = look()
    tried = [
        claims.claim(sender, traffic.may_probe(Scope.ALL, now), clock.now, unanswered_an_hour=100)
        for _ in range(2)
    ]
    assert [len(claimed) for claimed in tried] == [1, 0]


def test_when_the_platform_is_ill_it_is_left_in_peace_and_asked_now_and_then(clock):
    ill = Breaker()
    failures = [Ended(None, Uncertain("timeout"), SECOND)] * (BREAKS_AFTER - 1)
    assert ill.count(failures) is None
    broken = ill.count([Ended(None, TryLater("not_connected", "No connection."), SECOND)])
    heed(Uncertain("timeout"), broken=broken)
    waits = []
    for _ in range(8):
        stop = Stop.objects.get()
        assert not stop.needs_human
        waits.append(stop.probe_at - clock.now)
        clock.now = stop.probe_at
        assert traffic.may_probe(Scope.ALL, look())
    assert waits[0] <= SECOND
    assert waits[:5] == sorted(waits[:5])
    assert timedelta(seconds=20) < waits[-1] <= PROBE_EVERY
    heed(Refused("3"))
    assert look().stops == {}, "an answer is an answer: the platform is well again"


@pytest.mark.parametrize(
    "sign_of_life", [Accepted(1), Refused("3"), TryLater("12", slower=True), Unreachable("6")]
)
def test_a_sign_of_life_between_failures_is_no_illness(sign_of_life):
    breaker = Breaker()
    failures = [Ended(None, Uncertain("timeout"), SECOND)] * (BREAKS_AFTER - 1)
    assert breaker.count([*failures, Ended(None, sign_of_life, SECOND), *failures]) is None


def test_a_pause_becomes_a_stop_when_a_human_is_needed(clock):
    heed(Uncertain("timeout"), broken=Uncertain("timeout", "Viber did not answer in time."))
    heed(Stopped("7", "blocked"))
    stop = Stop.objects.get()
    assert (stop.because, stop.needs_human) == ("7: blocked", True)


def test_an_empty_purse_holds_back_what_costs_and_nothing_else(clock):
    told, asked, lately = (
        Contact.objects.create(channel="viber", address=name, reachable=True) for name in ("t", "a", "l")
    )
    Contact.objects.filter(pk=lately.pk).update(heard_at=NOW - timedelta(hours=1))
    for contact, lane, text in (
        (told, Lane.NOTICE, "costs"), (asked, Lane.ANSWER, "answer"), (lately, Lane.NOTICE, "in session"),
    ):  # fmt: skip
        owe([Owed(contact.pk, lane, text, [], Cause(None, NOW))], NOW)
    sender = Sender.objects.create(host="here", expires_at=NOW + SECOND).pk

    heed(Stopped("24", "top it up", only_paid=True))
    heed(Accepted(1), in_session=True)
    assert set(look().stops) == {Scope.PAID}, "a free message passed: that proves nothing about the purse"
    take = {"unanswered_an_hour": 100}
    free = claims.claim(sender, 10, NOW, kind=FREE, **take)
    assert [message.outgoing.text for message in free] == ["answer", "in session"]
    (paid,) = claims.claim(sender, 10, NOW, kind=PAID, **take)
    assert paid.outgoing.text == "costs"
    heed(Accepted(1))
    assert look().stops == {}


def test_tokens_gather_while_nothing_is_sent_but_only_so_many(monkeypatch):
    now = 100.0
    monkeypatch.setattr(traffic.time, "monotonic", lambda: now)
    bucket = Bucket()
    assert bucket.take(1000, None) == 1000
    now += 60
    assert bucket.take(1000, 40) == 10, "a quarter of a second's worth"
    assert bucket.take(1000, 40) == 0
    now += 0.05
    assert bucket.take(1000, 40) == 2
    now += 0.1
    assert bucket.take(3, 40) == 3
    bucket.put_back(3)
    assert bucket.take(1000, 40) == 4
