"""An embedded installation whose disk is full, whose file somebody else has locked, whose clock is turned: nothing is lost."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests import clock as clocks
from tests import disk
from tests.clock import Clock
from tests.house import Answer, House, ask, eventually
from tests.test_webhook import post, said, signature

BUSY = 5.5
LEFT = 256 * 1024


@pytest.fixture(scope="module")
def small() -> Iterator[House]:
    """A house on a disk of its own, of 48 MiB."""
    if disk.why_not():
        pytest.skip(disk.why_not())
    with House("sqlite", megabytes=48) as house:
        ask("POST", f"{house.simulator}/control/settings", {"speed": 5})
        yield house


def test_while_the_disk_is_full_nothing_is_acknowledged_and_afterwards_nothing_is_missing(small):
    ivana = small.bound("f1", "06-23-1/26")
    small.disk.fill(left=LEFT)
    words = [said("x" * 50_000) for _ in range(200)]
    answers = []
    while 503 not in answers:
        answers.append(post(small, words[len(answers)], header=signature(words[len(answers)])).status)
    assert set(answers) == {200, 503}
    began = time.monotonic()
    ivana.say("Moji predmeti")
    assert small.change("f1", "1", "decided", outcome="granted").status == 503
    assert time.monotonic() - began < 10
    assert ask("GET", f"{small.url}/health/ready") == Answer(503, "The disk is full.\n")
    small.disk.clear()
    ivana.hears("06-23-1/26")
    assert small.change("f1", "1", "decided", outcome="granted").status == 201
    ivana.hears("usvojen")
    eventually(small.is_settled, "everything that was acknowledged is dealt with")


def test_a_file_that_somebody_else_has_locked_is_waited_for(small):
    ivana = small.bound("l1", "06-23-2/26")
    before = len(ivana.heard())
    with (
        closing(sqlite3.connect(small.home / "telal.sqlite3", isolation_level=None)) as other,
        ThreadPoolExecutor() as dms,
    ):
        other.execute("BEGIN IMMEDIATE")
        locked_at = time.monotonic()
        change = dms.submit(small.change, "l1", "1", "decided", outcome="granted")
        body = said("Dobar dan")
        assert post(small, body, header=signature(body)).status == 503
        assert time.monotonic() - locked_at < 5, "Viber would have hung up"
        ivana.say("Moji predmeti")
        time.sleep(max(0.0, BUSY - (time.monotonic() - locked_at)))
        other.execute("ROLLBACK")
        assert change.result().status == 201
    ivana.hears("usvojen")
    eventually(lambda: len(ivana.heard()) == before + 2, "the answer, once")


@pytest.mark.skipif(bool(clocks.why_not()), reason=clocks.why_not())
def test_a_clock_that_is_turned_back_holds_nothing_up(small, tmp_path):
    """What was to be tried again in a moment would, by the clock, have hours to wait."""
    clock = Clock(tmp_path)
    small.kill("serve")
    small.own_environment["serve"] = clock.environment
    small.start("serve")
    small.is_open()
    ivana = small.bound("t1", "06-23-3/26")
    small.fault(kind="http", status=500, receiver=ivana.id, times=1)
    small.change("t1", "1", "decided", outcome="granted")
    tried = eventually(
        lambda: [send for send in small.sends() if send["receiver"] == ivana.id][1:], "a failed try"
    )
    assert not tried[0]["accepted"]
    clock.turn("-5h")
    ivana.hears("usvojen")
    assert "clock_went_back" in small.log("serve")
    clock.turn("+5h")
    small.change("t1", "2", "dispatched")
    eventually(lambda: len(ivana.heard()) == 4, "what happens next")
