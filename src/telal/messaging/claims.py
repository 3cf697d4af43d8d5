"""Taking messages in hand and writing down what became of them: a few statements, however many messages."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import orjson
from django.db import connection
from django.db.models import F

from telal import sql
from telal.messaging import receipts
from telal.messaging.channel import Accepted, Button, Outcome, Outgoing, Stopped, Uncertain, Unreachable
from telal.messaging.models import MESSAGE_TEXT, Contact, Lane, Message
from telal.messaging.outbox import cancel_open
from telal.messaging.retry import CROWDED, CROWDED_PAUSE, after_attempt
from telal.sealing.seals import legible_or_alarm

SESSION = timedelta(hours=24)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in hand since ``started_at``, under the lease ``sender_id``.

    ``owed_since`` is when it was queued, ``caused_at`` when its cause came in; ``in_session`` makes it free of charge.
    """

    id: int
    lane: int
    contact_id: int
    attempts: int
    in_session: bool
    owed_since: datetime
    caused_at: datetime
    started_at: datetime
    trace: str
    outgoing: Outgoing
    sender_id: int

    @property
    def is_paid(self) -> bool:
        return self.lane != Lane.ANSWER and not self.in_session


@dataclass(frozen=True, slots=True)
class Ended:
    """A message out of our hands. ``took`` is how long the try lasted; ``outcome`` is None where none was begun."""

    claimed: Claimed
    outcome: Outcome | None
    took: timedelta


# The message of m's contact that is to leave before all its others. Not said as "there is none before it": a planner whose numbers
# are old thinks that nothing is open, and compares each with all.
FIRST_IN_LINE = """(
    SELECT e.id FROM messaging_message e
    WHERE e.contact_id = m.contact_id AND e.due_at IS NOT NULL ORDER BY e.lane, e.id LIMIT 1
)"""
# Which messages may leave while what is held back: any; none that is paid; and, to see whether those may pass again, a paid one.
ANY, FREE, PAID = "any", "free", "paid"
_KINDS = {
    ANY: "%s IS NOT NULL",
    FREE: "(m.lane = 0 OR c.heard_at > %s)",
    PAID: "(m.lane > 0 AND (c.heard_at IS NULL OR c.heard_at <= %s))",
}


def claim(
    sender_id: int, limit: int, now: datetime, *, unanswered_an_hour: int, kind: str = ANY
) -> list[Claimed]:
    """Take up to ``limit`` messages that may leave now: at most one of each contact, the first of its line.

    One to a person who has let ``unanswered_an_hour`` of them go unanswered within an hour waits.
    """
    if limit <= 0:
        return []
    with connection.cursor() as cursor:
        if sql.on_postgres():
            # Walk along the index of what is open until enough is found. Left alone, a planner whose numbers are old takes all that
            # is open and sorts it, each time.
            cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            f"""
            WITH head AS (
                SELECT m.id, %s <= (
                    SELECT count(*) FROM (
                        SELECT 1 FROM messaging_message p WHERE p.contact_id = m.contact_id
                            AND p.sent_at > %s AND (c.heard_at IS NULL OR p.sent_at > c.heard_at) LIMIT %s
                    ) AS unanswered
                ) AS is_crowded
                FROM messaging_message m JOIN messaging_contact c ON c.id = m.contact_id
                WHERE m.state = 'queued' AND m.due_at <= %s AND {_KINDS[kind]} AND m.id = {FIRST_IN_LINE}
                ORDER BY m.lane, m.id LIMIT %s {sql.skip_locked("m")}
            )
            UPDATE messaging_message SET
                state = CASE WHEN is_crowded THEN state ELSE 'sending' END,
                attempts_count = attempts_count + CASE WHEN is_crowded THEN 0 ELSE 1 END, sender_id = %s, started_at = %s
            FROM head WHERE messaging_message.id = head.id
            RETURNING messaging_message.id, state, lane, contact_id, attempts_count, {sql.as_text("created_at")},
                {sql.as_text("caused_at")}, {sql.as_text("trace")}, text, {sql.as_text("buttons")},
                (SELECT c.address FROM messaging_contact c WHERE c.id = contact_id),
                (SELECT c.heard_at > %s FROM messaging_contact c WHERE c.id = contact_id)
            """,  # noqa: S608  (built from constants)
            [
                unanswered_an_hour, sql.stamp(now - HOUR), unanswered_an_hour, sql.stamp(now), sql.stamp(now - SESSION), limit,
                sender_id, sql.stamp(now), sql.stamp(now - SESSION),
            ],
        )  # fmt: skip
        rows = cursor.fetchall()
    _let_wait([row[0] for row in rows if row[1] != "sending"], now)
    rows = sorted((row for row in rows if row[1] == "sending"), key=lambda row: (row[2], row[0]))
    return [_claimed(row, now, sender_id) for row in rows]


def _claimed(row: tuple, now: datetime, sender_id: int) -> Claimed:  # type: ignore[type-arg]
    id_, _, lane, contact_id, attempts, created_at, caused_at, trace, text, buttons, address, in_session = row
    outgoing = Outgoing(
        address=address,
        # Where somebody has changed it on the disk, this one cannot be sent, and the others can.
        text=legible_or_alarm(text, MESSAGE_TEXT, "message_unreadable", message=id_),
        buttons=_buttons(buttons),
        reference=str(id_),
    )
    return Claimed(
        id=id_,
        lane=lane,
        contact_id=contact_id,
        attempts=attempts,
        in_session=bool(in_session),
        owed_since=sql.as_time(created_at),
        caused_at=sql.as_time(caused_at or created_at),
        started_at=now,
        trace=sql.as_trace(trace),
        outgoing=outgoing,
        sender_id=sender_id,
    )


@lru_cache(1024)  # nearly all messages carry one of a few keyboards
def _buttons(written: str) -> tuple[Button, ...]:
    return tuple(Button(**button) for button in orjson.loads(written))


def _let_wait(crowded: Sequence[int], now: datetime) -> None:
    """These people have had too much lately; the next look at them is a little later."""
    if crowded:
        Message.objects.filter(pk__in=crowded).update(due_at=now + CROWDED_PAUSE, sender=None, error=CROWDED)


def record(ended: Sequence[Ended], now: datetime, sender_id: int) -> None:
    """Write down what became of these messages. Only what we still hold changes."""
    _put_back([one.claimed.id for one in ended if one.outcome is None], sender_id)
    tried = [(one, one.outcome) for one in ended if one.outcome is not None]
    if not tried:
        return
    batch = sql.as_parameter([_row(one, outcome, now) for one, outcome in tried])
    _write_attempts(batch)
    _write_messages(batch, sender_id, now)
    receipts.apply_strays([outcome.token for _, outcome in tried if isinstance(outcome, Accepted)], now)
    for one, outcome in tried:
        if isinstance(outcome, Unreachable):
            _give_up_on(one.claimed.contact_id, outcome, now)


def _row(one: Ended, outcome: Outcome, now: datetime) -> sql.Row:
    """What is left out is null: nearly all are accepted, and need little."""
    claimed = one.claimed
    row: dict[str, sql.Value] = {
        "id": claimed.id, "began": claimed.started_at, "ended": claimed.started_at + one.took,
        "outcome": type(outcome).__name__.lower(), "in_session": claimed.in_session,
    }  # fmt: skip
    if isinstance(outcome, Accepted):
        row["state"], row["token"], row["billing"] = "sent", outcome.token, outcome.billing
        return row
    verdict = after_attempt(
        outcome,
        attempts=claimed.attempts,
        age=now - claimed.owed_since,
        luck=random.random(),  # noqa: S311  (spreads retries, guards nothing)
    )
    return row | {
        "state": verdict.state,
        "due_at": None if verdict.wait is None else now + verdict.wait,
        "code": outcome.code[:40],
        "detail": outcome.detail[:300],
        "answered": isinstance(outcome, Uncertain) and outcome.answered,
        "uncounted": int(isinstance(outcome, Stopped)),
    }


_ATTEMPT = {
    "id": "bigint", "began": "timestamptz", "ended": "timestamptz", "outcome": "text", "code": "text", "detail": "text",
}  # fmt: skip
_MESSAGE = {
    "id": "bigint", "state": "text", "due_at": "timestamptz", "token": "bigint", "billing": "smallint", "in_session": "boolean",
    "code": "text", "detail": "text", "answered": "boolean", "uncounted": "smallint",
}  # fmt: skip


def _write_attempts(batch: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO messaging_attempt (message_id, started_at, ended_at, outcome, code, detail)
            SELECT r.id, r.began, r.ended, r.outcome, coalesce(r.code, ''), coalesce(r.detail, '')
            FROM {sql.rows_as("r", **_ATTEMPT)} WHERE true
            """,  # noqa: S608
            [batch],
        )


def _write_messages(batch: str, sender_id: int, now: datetime) -> None:
    """A message that the platform took is sent, even if others had lost hope meanwhile, or taken it back in our hands."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE messaging_message SET
                state = r.state, due_at = r.due_at, sender_id = NULL, token = coalesce(r.token, messaging_message.token),
                billing = r.billing, in_session = r.in_session, sent_at = CASE WHEN r.state = 'sent' THEN {sql.time()} END,
                ended_at = CASE WHEN r.state = 'failed' THEN {sql.time()} END, error = coalesce(r.code, ''),
                error_detail = coalesce(r.detail, ''), answered = coalesce(r.answered, false),
                attempts_count = attempts_count - coalesce(r.uncounted, 0)
            FROM {sql.rows_as("r", **_MESSAGE)}
            WHERE messaging_message.id = r.id AND (
                (messaging_message.state = 'sending' AND messaging_message.sender_id = %s)
                OR (r.state = 'sent' AND messaging_message.state IN ('sending', 'uncertain', 'queued'))
                OR (r.state = 'sent' AND messaging_message.state = 'cancelled' AND messaging_message.sender_id = %s)
            )
            """,  # noqa: S608
            [sql.stamp(now), sql.stamp(now), batch, sender_id, sender_id],
        )


def _put_back(ids: Sequence[int], sender_id: int) -> None:
    if ids:
        held = Message.objects.filter(pk__in=ids, state="sending", sender=sender_id)
        held.update(state="queued", sender=None, attempts_count=F("attempts_count") - 1)


def put_back_others(held: Collection[int], sender_id: int) -> None:
    """Give back what we hold without knowing: all but the messages in ``held``. They have not been begun."""
    ours = Message.objects.filter(sender=sender_id, state="sending").values_list("pk", flat=True)
    _put_back([pk for pk in ours if pk not in held], sender_id)


def _give_up_on(contact_id: int, outcome: Unreachable, now: datetime) -> None:
    """The person cannot be reached: nothing more is tried until they write again."""
    Contact.objects.filter(pk=contact_id).update(reachable=False, unreachable_because=outcome.detail[:100])
    cancel_open(contact_id, "unreachable", now)
