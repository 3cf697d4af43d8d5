"""Who may send what: a worker that slept too long finds its messages gone."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from telal.messaging import lease as lease_module
from telal.messaging.lease import LEASE, Lease
from telal.messaging.models import Sender

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def renewed(monkeypatch, django_capture_on_commit_callbacks):
    """A lease renewed at this many seconds; returns the id to hold messages by."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(lease_module, "tick", lambda: clock.now)

    def renew(lease, seconds):
        clock.now = seconds
        with django_capture_on_commit_callbacks(execute=True):
            return lease.renew(NOW + timedelta(seconds=seconds), seconds)

    return renew


def test_it_holds_by_one_id_while_it_is_renewed_in_time(renewed):
    lease = Lease()
    ids = {renewed(lease, seconds) for seconds in (0, 1, 3, 6)}
    assert len(ids) == 1
    assert lease.holds(ids.pop())


def test_what_was_held_before_it_ran_out_is_not_ours_again_under_the_next(renewed):
    lease = Lease()
    before = renewed(lease, 0)
    Sender.objects.all().delete()  # others have taken us for dead, and our messages with us
    after = renewed(lease, 2 * LEASE.total_seconds())
    assert lease.holds(after)
    assert not lease.holds(before)
