"""The outbox on its way out: claim a batch, send it concurrently with no transaction open, record the batch.

One cycle is one transaction: it writes down what has ended since the last one and claims what may leave next. Several workers
run side by side on PostgreSQL; what one has claimed, the others skip. A worker holds messages only while it renews its lease, and
sends nothing when it could not.
"""

import asyncio
import random
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import orjson
import structlog
from django.db import connection, transaction
from prometheus_client import Counter

from telal.messaging import receipts, sql
from telal.messaging.channel import (
    Accepted,
    Button,
    Channel,
    Outcome,
    Outgoing,
    Stopped,
    TryLater,
    Uncertain,
    Unreachable,
)
from telal.messaging.models import MESSAGE_TEXT, Attempt, ChannelState, Contact, Lane, Message, Sender
from telal.messaging.outbox import cancel_open
from telal.messaging.retry import CRASHED, RECEIPT_PATIENCE, after_attempt, after_patience
from telal.sealing.seals import unseal

LEASE = timedelta(seconds=6)
RENEW_AFTER = timedelta(seconds=2)
SESSION = timedelta(hours=24)
# So many times the sends under way are held, so that one cycle of the database serves many. More of them would only wait longer
# after a crash of ours.
CLAIM_AHEAD = 4
NOT_BEGUN = "not_begun"
PROBE_EVERY = timedelta(seconds=30)

log = structlog.get_logger(__name__)
_sent = Counter("telal_sends", "Tries to send a message, by outcome.", ["outcome"])


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in hand. ``owed_since`` is when it was queued."""

    id: int
    lane: int
    contact_id: int
    attempts: int
    resent: bool
    owed_since: datetime
    started_at: datetime
    trace: str
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Ended:
    """A try that is over. ``took`` is how long it lasted."""

    claimed: Claimed
    outcome: Outcome
    took: timedelta


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
        self._lease = Lease()

    async def turn(self) -> bool:
        """Record what has ended, claim and start what may leave. Returns whether it is worth turning again at once."""
        # What is claimed ahead is sent while the database works on the next cycle.
        claimed = await self._cycle_in_thread(self._in_flight * CLAIM_AHEAD - self.in_hand)
        answers = [message for message in claimed if message.lane == Lane.ANSWER]
        self._ready.extendleft(reversed(answers))
        self._ready.extend(message for message in claimed if message.lane != Lane.ANSWER)
        self._start_ready()
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

    async def _cycle_in_thread(self, free: int) -> list[Claimed]:
        ended, self._ended = self._ended, []
        try:
            return await asyncio.get_running_loop().run_in_executor(self._database, self._cycle, ended, free)
        except BaseException:
            self._ended = ended + self._ended  # not written down yet: the next cycle will
            raise

    def _put_back(self) -> None:
        self._ended += [Ended(message, TryLater(NOT_BEGUN), timedelta()) for message in self._ready]
        self._ready.clear()

    def _start_ready(self) -> None:
        while self._ready and len(self._sending) < self._in_flight:
            self._sending.add(asyncio.create_task(self._send(self._ready.popleft())))

    async def _send(self, message: Claimed) -> None:
        began = time.monotonic()
        # Another worker may already count this message as ours-and-lost: better not sent than sent twice.
        outcome = await self._channel.send(message.outgoing) if self._lease.holds() else TryLater(NOT_BEGUN)
        _sent.labels(type(outcome).__name__.lower()).inc()
        self._ended.append(Ended(message, outcome, timedelta(seconds=time.monotonic() - began)))
        if isinstance(outcome, Stopped):
            self._put_back()
        # Leave by ourselves and not in a callback of the task: the place is free at once.
        self._sending.discard(cast(asyncio.Task[None], asyncio.current_task()))
        self._start_ready()
        self._tell_ended()

    def _cycle(self, ended: Sequence[Ended], free: int) -> list[Claimed]:
        with sql.healthy_connection(), transaction.atomic():
            now = sql.database_now()
            sender_id = self._lease.renew(now)
            if ended:
                record(self._channel.name, ended, now, sender_id)
            return claim(sender_id, min(free, _allowance(self._channel.name, now)), now)


class Lease:
    """The right to hold messages, kept in the database so that others see when its owner has died."""

    def __init__(self) -> None:
        self._sender_id: int | None = None
        self._held_until = 0.0

    def holds(self) -> bool:
        """Is it sure that nobody has taken our messages for lost?"""
        return time.monotonic() < self._held_until

    def renew(self, now: datetime) -> int:
        """Prolong it when a third has passed, and return the id to hold messages by. Counts once the transaction is committed."""
        asked = time.monotonic()
        if self._sender_id and asked < self._held_until - (LEASE - RENEW_AFTER).total_seconds():
            return self._sender_id
        expires_at = now + LEASE
        if self._sender_id is None and not sql.on_postgres():
            # SQLite is for one process: whoever held messages before us is dead, and we need not wait to be sure.
            Sender.objects.all().delete()
        sender_id = self._sender_id
        if not (sender_id and Sender.objects.filter(pk=sender_id).update(expires_at=expires_at)):
            sender_id = Sender.objects.create(host=socket.gethostname(), expires_at=expires_at).pk
        transaction.on_commit(lambda: self._keep(sender_id, asked + LEASE.total_seconds()))
        return sender_id

    def give_back(self) -> None:
        Sender.objects.filter(pk=self._sender_id or 0).delete()
        self._held_until = 0.0

    def _keep(self, sender_id: int, until: float) -> None:
        self._sender_id, self._held_until = sender_id, until


def claim(sender_id: int, limit: int, now: datetime) -> list[Claimed]:
    """Take up to ``limit`` messages that may leave now: at most one of each contact, the first of its line."""
    if limit <= 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH head AS (
                SELECT m.id FROM messaging_message m
                WHERE m.state = 'queued' AND m.due_at <= %s AND NOT EXISTS (
                    SELECT 1 FROM messaging_message e
                    WHERE e.contact_id = m.contact_id AND e.due_at IS NOT NULL AND (e.lane, e.id) < (m.lane, m.id)
                )
                ORDER BY m.lane, m.id LIMIT %s {sql.skip_locked()}
            )
            UPDATE messaging_message
            SET state = 'sending', sender_id = %s, started_at = %s, attempts_count = attempts_count + 1
            WHERE id IN (SELECT id FROM head)
            RETURNING id, lane, contact_id, attempts_count, resent, created_at, trace, text, buttons,
                (SELECT address FROM messaging_contact c WHERE c.id = contact_id)
            """,  # noqa: S608  (built from constants)
            [sql.stamp(now), limit, sender_id, sql.stamp(now)],
        )
        rows = sorted(cursor.fetchall(), key=lambda row: (row[1], row[0]))
    return [_claimed(row, now) for row in rows]


def _claimed(row: tuple, now: datetime) -> Claimed:  # type: ignore[type-arg]
    id_, lane, contact_id, attempts, resent, created_at, trace, text, buttons, address = row
    keys = [Button(**button) for button in (orjson.loads(buttons) if isinstance(buttons, str) else buttons)]
    outgoing = Outgoing(address=address, text=unseal(text, MESSAGE_TEXT), buttons=keys, reference=str(id_))
    owed_since, path = sql.as_time(created_at), sql.as_trace(trace)
    return Claimed(id_, lane, contact_id, attempts, bool(resent), owed_since, now, path, outgoing)


def record(channel: str, ended: Sequence[Ended], now: datetime, sender_id: int) -> None:
    """Write down what became of these tries, in a few statements however many they are."""
    rows = [_row(one, now) for one in ended]
    batch = sql.as_parameter(rows)
    _write_attempts(batch)
    _write_messages(batch, sender_id, now)
    receipts.apply_strays([one.outcome.token for one in ended if isinstance(one.outcome, Accepted)])
    unreachable = [one for one in ended if isinstance(one.outcome, Unreachable)]
    for one in unreachable:
        _give_up_on(one, now)
    stopped = next((one.outcome for one in ended if isinstance(one.outcome, Stopped)), None)
    if stopped:
        _stop(channel, stopped, now)
    elif any(isinstance(one.outcome, Accepted) for one in ended):
        _resume(channel)
    for one in ended:
        if isinstance(one.outcome, TryLater) and one.outcome.alarm:
            log.critical("channel_needs_attention", code=one.outcome.code, detail=one.outcome.detail)


def _row(one: Ended, now: datetime) -> sql.Row:
    outcome = one.outcome
    verdict = after_attempt(
        outcome,
        attempts=one.claimed.attempts,
        age=now - one.claimed.owed_since,
        luck=random.random(),  # noqa: S311  (spreads retries, guards nothing)
    )
    accepted = outcome if isinstance(outcome, Accepted) else None
    code = "" if isinstance(outcome, Accepted) else outcome.code
    return {
        "id": one.claimed.id,
        "state": verdict.state,
        "due_at": None if verdict.wait is None else now + verdict.wait,
        "token": accepted.token if accepted else None,
        "billing": accepted.billing if accepted else None,
        "sent_at": now if accepted else None,
        "ended_at": now if verdict.state == "failed" else None,
        "started_at": one.claimed.started_at,
        "now": one.claimed.started_at + one.took,
        "outcome": type(outcome).__name__.lower(),
        "code": code[:40],
        "answered": isinstance(outcome, Uncertain) and outcome.answered,
        "detail": ("" if isinstance(outcome, Accepted) else outcome.detail)[:300],
        "uncounted": int(isinstance(outcome, Stopped) or code == NOT_BEGUN),
    }


_ROW = {
    "id": "bigint", "state": "text", "due_at": "timestamptz", "token": "bigint", "billing": "smallint", "sent_at": "timestamptz",
    "ended_at": "timestamptz", "started_at": "timestamptz", "now": "timestamptz", "outcome": "text", "code": "text",
    "answered": "boolean", "detail": "text", "uncounted": "smallint",
}  # fmt: skip


def _write_attempts(batch: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO messaging_attempt (message_id, started_at, ended_at, outcome, code, detail)
            SELECT r.id, r.started_at, r.now, r.outcome, r.code, r.detail FROM {sql.rows_as("r", **_ROW)} WHERE true
            """,  # noqa: S608
            [batch],
        )


def _write_messages(batch: str, sender_id: int, now: datetime) -> None:
    """Only what we still hold changes; but a message that the platform took is sent, even if others had lost hope meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE messaging_message SET
                state = r.state, due_at = r.due_at, sender_id = NULL, token = coalesce(r.token, messaging_message.token),
                billing = r.billing, sent_at = r.sent_at, ended_at = r.ended_at, error = r.code, error_detail = r.detail,
                answered = r.answered, attempts_count = attempts_count - r.uncounted,
                in_session = (SELECT c.heard_at > %s FROM messaging_contact c WHERE c.id = contact_id)
            FROM {sql.rows_as("r", **_ROW)}
            WHERE messaging_message.id = r.id AND (
                (messaging_message.state = 'sending' AND messaging_message.sender_id = %s)
                OR (r.state = 'sent' AND messaging_message.state IN ('uncertain', 'queued'))
            )
            """,  # noqa: S608
            [sql.stamp(now - SESSION), batch, sender_id],
        )


def _give_up_on(one: Ended, now: datetime) -> None:
    """The person cannot be reached: nothing more is tried until they write again."""
    assert isinstance(one.outcome, Unreachable)
    Contact.objects.filter(pk=one.claimed.contact_id).update(
        reachable=False, unreachable_because=one.outcome.detail[:100]
    )
    cancel_open(one.claimed.contact_id, "unreachable", now)


# ── Stop and go ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _allowance(channel: str, now: datetime) -> int:
    """How many sends may start: all, none while the channel is stopped, or one to see whether the cause has gone."""
    state = ChannelState.objects.filter(pk=channel, stopped_at__isnull=False).first()
    if state is None:
        return 1_000_000
    probing = ChannelState.objects.filter(pk=channel, probe_at__lte=now).update(probe_at=now + PROBE_EVERY)
    return 1 if probing else 0


def _stop(channel: str, outcome: Stopped, now: datetime) -> None:
    reason = f"{outcome.code}: {outcome.detail}"[:300]
    ChannelState.objects.get_or_create(pk=channel)
    running = ChannelState.objects.filter(pk=channel, stopped_at__isnull=True)
    if running.update(stopped_at=now, stopped_because=reason, probe_at=now + PROBE_EVERY):
        log.critical("channel_stopped", reason=reason)


def _resume(channel: str) -> None:
    stopped = ChannelState.objects.filter(pk=channel, stopped_at__isnull=False)
    if stopped.update(stopped_at=None, stopped_because="", probe_at=None):
        log.warning("channel_resumed")


# ── What a crash or a silence left behind ────────────────────────────────────────────────────────────────────────────


def recover(now: datetime) -> int:
    """Messages held by the dead become uncertain; uncertain ones whose patience is over go on. Returns how many moved."""
    if not _is_in_doubt(now):
        return 0
    with transaction.atomic():
        moved = _take_from_the_dead(now) + _go_on(now)
        receipts.sweep_strays(now)
    return moved


def _is_in_doubt(now: datetime) -> bool:
    """Most of the time nothing is: one cheap question instead of many."""
    doubted = Message.objects.filter(due_at__isnull=False, state__in=("sending", "uncertain"))
    return doubted.exists() or receipts.recent_strays(now).exists()


def _take_from_the_dead(now: datetime) -> int:
    alive = Sender.objects.filter(expires_at__gt=now).values("pk")
    held = Message.objects.filter(due_at__isnull=False, state="sending").exclude(sender__in=alive)
    lost = list(held.select_for_update(skip_locked=True, of=("self",)))
    Attempt.objects.bulk_create(
        Attempt(
            message=message,
            started_at=message.started_at or now,
            ended_at=now,
            outcome="uncertain",
            code=CRASHED,
        )
        for message in lost
    )
    Message.objects.filter(pk__in=[message.pk for message in lost]).update(
        state="uncertain",
        sender=None,
        error=CRASHED,
        error_detail="",
        answered=False,
        due_at=now + RECEIPT_PATIENCE,
    )
    Sender.objects.filter(expires_at__lt=now - timedelta(hours=1)).delete()
    return len(lost)


def _go_on(now: datetime) -> int:
    waiting = (
        Message.objects.filter(due_at__lte=now, state="uncertain")
        .select_related("contact")
        .order_by("lane", "id")[:500]
    )
    return sum(
        _settle_or_go_on(message, now)
        for message in waiting.select_for_update(skip_locked=True, of=("self",))
    )


def _settle_or_go_on(message: Message, now: datetime) -> int:
    proof = receipts.proof_among_strays(message)
    if proof:
        return receipts.settle(message, proof)
    verdict = after_patience(
        code=message.error,
        answered=message.answered,
        resent=message.resent,
        attempts=message.attempts_count,
        crashes=message.attempts.filter(code=CRASHED).count(),
        age=now - message.created_at,
        luck=random.random(),  # noqa: S311  (spreads retries, guards nothing)
    )
    return Message.objects.filter(pk=message.pk, state="uncertain").update(
        state=verdict.state,
        resent=verdict.resent or message.resent,
        due_at=None if verdict.wait is None else now + verdict.wait,
        ended_at=now if verdict.wait is None else None,
    )
