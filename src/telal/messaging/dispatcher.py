"""The outbox on its way out: claim a batch, send it concurrently with no transaction open, record the batch.

One cycle is one transaction: it writes down what has ended since the last one and claims what may leave next. Several workers
run side by side on PostgreSQL; what one has claimed, the others skip. A worker holds messages only while it renews its lease, and
sends nothing when it could not.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import get_args

import structlog
from django.db import transaction
from prometheus_client import Counter, Histogram

from telal import spans, sql
from telal.messaging.channel import (
    Accepted,
    Channel,
    Outcome,
    Outgoing,
    Refused,
    Stopped,
    TryLater,
    Uncertain,
)
from telal.messaging.claims import ANY, FREE, PAID, Claimed, Ended, claim, put_back_others, record
from telal.messaging.lease import Lease, tick
from telal.messaging.models import Lane, Scope
from telal.messaging.traffic import Breaker, Bucket, Traffic, heed, is_calm, look, may_probe

# So many times the sends under way are held, so that one cycle of the database serves many. More of them would only wait longer
# after a crash of ours.
CLAIM_AHEAD = 8
GATHER = 0.03
SHORTEST_WAIT = 0.02
UNREADABLE = Refused("unreadable", "The text has been changed on the disk since it was written.")

log = structlog.get_logger(__name__)
_sent = Counter("telal_sends", "Tries to send a message, by outcome.", ["outcome"])
_by_outcome = {
    kind: (kind.__name__.lower(), _sent.labels(kind.__name__.lower())) for kind in get_args(Outcome)
}
_took = Histogram(
    "telal_send_seconds",
    "How long a try to send took.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_handed_over = Histogram(
    "telal_handover_seconds",
    "From the change or the question until the channel had the message.",
    ["lane"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400),
)
_by_lane = {lane.value: _handed_over.labels(lane.name.lower()) for lane in Lane}


class Dispatcher:
    """One worker's sender.

    ``database`` runs its transactions, one at a time; ``in_flight`` is how many sends may be under way; ``ended`` is called on the
    event loop whenever one has ended.
    """

    def __init__(
        self, channel: Channel, database: Executor, *, in_flight: int, ended: Callable[[], None]
    ) -> None:
        self._channel = channel
        self._database = database
        self._in_flight = in_flight
        self._tell_ended = ended
        self._ready: deque[Claimed] = deque()
        self._sending: set[asyncio.Task[None]] = set()
        self._ended: list[Ended] = []
        self._enough = asyncio.Event()
        self._lease = Lease()
        self._held: set[int] = set()
        self._lost_track = False
        self._bucket = Bucket()
        self._breaker = Breaker()

    async def turn(self) -> bool:
        """Record what has ended, claim and start what may leave. Returns whether it is worth turning again at once."""
        await self._gather()
        # What is claimed ahead is sent while the database works on the next cycle.
        claimed, traffic = await self._cycle_in_thread(self._in_flight * CLAIM_AHEAD - self.in_hand)
        if Scope.ALL in traffic.stops:
            self._put_back()
        answers = [message for message in claimed if message.lane == Lane.ANSWER]
        self._ready.extendleft(reversed(answers))
        self._ready.extend(message for message in claimed if message.lane != Lane.ANSWER)
        self._start_ready()
        if claimed and traffic.share is not None:
            # There may be more, when the pace allows it.
            asyncio.get_running_loop().call_later(max(SHORTEST_WAIT, 1 / traffic.share), self._tell_ended)
        return bool(claimed or self._ended)

    @property
    def in_hand(self) -> int:
        """How many messages are being sent or claimed to be sent next."""
        return len(self._sending) + len(self._ready)

    async def finish(self) -> None:
        """Wait for the sends under way, put the others back, write all down and give the lease back."""
        self._put_back()
        if self._sending:
            await asyncio.wait(self._sending)
        await self._cycle_in_thread(0)
        await asyncio.get_running_loop().run_in_executor(self._database, self._lease.give_back)

    async def _gather(self) -> None:
        """While there is more to send than to write down, wait a little: one cycle shall do for many."""
        self._enough.clear()
        if len(self._ready) > len(self._ended):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), GATHER)

    async def _cycle_in_thread(self, free: int) -> tuple[list[Claimed], Traffic]:
        ended, self._ended = self._ended, []
        try:
            claimed, traffic = await asyncio.get_running_loop().run_in_executor(
                self._database, self._cycle, ended, free
            )
        except BaseException:
            self._ended = ended + self._ended  # not written down yet: the next cycle will
            # Or it is, and only the database's answer was lost: then we hold messages that we do not know of.
            self._lost_track = True
            raise
        self._lost_track = False
        self._held.difference_update(one.claimed.id for one in ended)
        self._held.update(message.id for message in claimed)
        return claimed, traffic

    def _put_back(self) -> None:
        self._ended += [Ended(message, None, timedelta()) for message in self._ready]
        self._ready.clear()

    def _start_ready(self) -> None:
        for _ in range(min(len(self._ready), self._in_flight - len(self._sending))):
            task = asyncio.create_task(self._send_on())
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send_on(self) -> None:
        """One after another, as long as there are any."""
        while self._ready:
            ended = await self._tried(self._ready.popleft())
            self._ended.append(ended)
            if len(self._ended) >= len(self._ready):
                self._enough.set()
            if isinstance(ended.outcome, Stopped):
                self._put_back()
            self._tell_ended()

    async def _tried(self, message: Claimed) -> Ended:
        if not self._lease.holds(message.sender_id):
            # Another worker may already count this message as ours-and-lost: better not sent than sent twice.
            return Ended(message, None, timedelta())
        began = time.monotonic()
        outcome = await self._outcome(message.outgoing)
        took = timedelta(seconds=time.monotonic() - began)
        _tell(message, outcome, took)
        return Ended(message, outcome, took)

    async def _outcome(self, outgoing: Outgoing) -> Outcome:
        if not outgoing.text:
            return UNREADABLE
        try:
            return await self._channel.send(outgoing)
        except Exception:
            # A channel never raises: a defect of ours, before or after the message left. Nobody else may suffer by it.
            log.exception("send_broke")
            return Uncertain("defect", "A defect of ours broke the try off; see the log.")

    def _cycle(self, ended: Sequence[Ended], free: int) -> tuple[list[Claimed], Traffic]:
        with sql.healthy_connection(), transaction.atomic():
            asked = tick()
            traffic = look(self._channel.name, self._channel.rate)
            sender_id = self._lease.renew(traffic.now, asked)
            if self._lost_track:
                put_back_others(self._held, sender_id)
            if ended:
                record(ended, traffic.now, sender_id)
                broken = self._breaker.count(ended)
                if not is_calm(ended, broken, traffic):
                    traffic = heed(ended, broken, traffic)
            return self._claim(sender_id, free, traffic), traffic

    def _claim(self, sender_id: int, free: int, traffic: Traffic) -> list[Claimed]:
        """What may leave now: everything, what costs nothing, or one message to see whether a stop is over."""
        if free <= 0:
            return []
        if Scope.ALL in traffic.stops:
            return self._take(sender_id, may_probe(Scope.ALL, traffic), ANY, traffic)
        granted = self._bucket.take(free, traffic.share)
        kind = FREE if Scope.PAID in traffic.stops else ANY
        claimed = self._take(sender_id, granted, kind, traffic)
        self._bucket.put_back(granted - len(claimed))
        if Scope.PAID in traffic.stops:
            claimed += self._take(sender_id, may_probe(Scope.PAID, traffic), PAID, traffic)
        return claimed

    def _take(self, sender_id: int, number: int, kind: str, traffic: Traffic) -> list[Claimed]:
        return claim(
            sender_id, number, traffic.now, unanswered_an_hour=self._channel.unanswered_an_hour, kind=kind
        )


def _tell(message: Claimed, outcome: Outcome, took: timedelta) -> None:
    """The try is over: count it, and say so under the id of its path."""
    now = datetime.now(UTC)
    seconds = took.total_seconds()
    kind, counter = _by_outcome[type(outcome)]
    code = "" if isinstance(outcome, Accepted) else outcome.code
    counter.inc()
    _took.observe(seconds)
    if isinstance(outcome, Accepted):
        _by_lane[message.lane].observe((now - message.caused_at).total_seconds())
    log.info(
        "send_ended",
        trace=message.trace,
        message=message.id,
        outcome=kind,
        code=code,
        took_ms=int(seconds * 1000),
    )
    if isinstance(outcome, TryLater) and outcome.alarm:
        log.critical("channel_needs_attention", code=outcome.code, detail=outcome.detail)
    if spans.on and message.trace:
        parent = (
            spans.of_callback(message.trace)
            if message.lane == Lane.ANSWER
            else spans.of_announcement(message.id)
        )
        spans.tell(
            "send", message.trace, now - took, now, parent=parent, message=message.id, outcome=kind, code=code
        )
