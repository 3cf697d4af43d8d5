"""The right to hold messages: a row that its owner renews, so that others see when it has died."""

import socket
import time
from datetime import datetime, timedelta

from django.db import transaction

from telal import sql
from telal.messaging.models import Sender

LEASE = timedelta(seconds=6)
RENEW_AFTER = timedelta(seconds=2)
# Nobody sets it, and it runs on while the machine sleeps: after that, others have our messages.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def tick() -> float:
    """Seconds by the clock that leases are counted on."""
    return time.clock_gettime(_CLOCK)


class Lease:
    """One worker's lease. It counts from the moment we asked for it."""

    def __init__(self) -> None:
        self._sender_id: int | None = None
        self._held_until = 0.0

    def holds(self, sender_id: int) -> bool:
        """Is it sure that nobody has taken for lost what we hold by this id? After a lease that ran out comes another id."""
        return sender_id == self._sender_id and tick() < self._held_until

    def renew(self, now: datetime, asked: float) -> int:
        """Prolong it when a third has passed, and return the id to hold messages by. Counts once the transaction is committed.

        ``now`` is the database's time, ``asked`` the tick before we asked for it: the answer may have taken long.
        """
        if self._sender_id and asked < self._held_until - (LEASE - RENEW_AFTER).total_seconds():
            return self._sender_id
        if self._sender_id is None and not sql.on_postgres():
            # SQLite is for one process: whoever held messages before us is dead, and we need not wait to be sure.
            Sender.objects.update(expires_at=now)
        sender_id = self._prolonged(now + LEASE)
        transaction.on_commit(lambda: self._keep(sender_id, asked + LEASE.total_seconds()))
        return sender_id

    def give_back(self) -> None:
        """Nothing is held any more."""
        Sender.objects.filter(pk=self._sender_id or 0).delete()
        self._held_until = 0.0

    def _prolonged(self, expires_at: datetime) -> int:
        ours = Sender.objects.filter(pk=self._sender_id or 0)
        if self._sender_id and ours.update(expires_at=expires_at):
            return self._sender_id
        return Sender.objects.create(host=socket.gethostname(), expires_at=expires_at).pk

    def _keep(self, sender_id: int, until: float) -> None:
        self._sender_id, self._held_until = sender_id, until
