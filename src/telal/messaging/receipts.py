"""How far each message got: receipts in any order, repeated, early, foreign or for a send whose outcome we do not know."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import cast

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from telal import sql
from telal.messaging.channel import Receipt, ReceiptKind
from telal.messaging.models import Attempt, Inbound, Message, State, StrayReceipt

# The platform's clock and ours may differ by this much when we ask what came first.
CLOCK_SKEW = timedelta(seconds=2)
# Viber keeps trying to deliver for two weeks; a receipt can be that late.
DELIVERY_TRIED_FOR = timedelta(days=14)
# The race of a receipt with the answer to its send is over within this time.
STRAY_WATCHED_FOR = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def apply(channel: str, receipts: Sequence[Receipt], now: datetime) -> None:
    """Let each receipt lift its message up the ladder; keep those whose message is not known."""
    if not receipts:
        return
    known = _climb(channel, receipts)
    strays = [receipt for receipt in receipts if (receipt.token, receipt.address) not in known]
    _keep(channel, strays, now)
    _settle_uncertain(channel, strays)


def apply_strays(tokens: Sequence[int], now: datetime) -> None:
    """The answers to these sends have come: were their receipts here before them?"""
    if tokens and recent_strays(now).exists():
        _apply_kept(StrayReceipt.objects.filter(token__in=tokens))


def sweep_strays(now: datetime) -> None:
    """A receipt and the answer to its send may have been written at the same moment, each without seeing the other."""
    _apply_kept(
        recent_strays(now).filter(token__in=Message.objects.filter(token__isnull=False).values("token"))
    )


def recent_strays(now: datetime) -> QuerySet[StrayReceipt]:
    return StrayReceipt.objects.filter(received_at__gt=now - STRAY_WATCHED_FOR)


def proof_among_strays(message: Message) -> Receipt | None:
    """A receipt that can only be this message's, although its answer never came."""
    assert message.started_at
    channel = message.contact.channel
    found = StrayReceipt.objects.filter(
        channel=channel, address=message.contact.address, kind__in=("delivered", "seen"),
        at__gte=message.started_at - CLOCK_SKEW,
    ).order_by("at")  # fmt: skip
    return next((r for r in map(as_receipt, found) if _meant(channel, r) == message), None)


def settle(message: Message, receipt: Receipt) -> int:
    """The message has arrived after all. Returns how many rows changed: nought when somebody was faster."""
    doubted = Message.objects.filter(pk=message.pk, state__in=(State.UNCERTAIN, State.QUEUED))
    settled = doubted.update(
        state=receipt.kind, token=receipt.token, due_at=None, ended_at=None, delivered_at=receipt.at,
        seen_at=receipt.at if receipt.kind == "seen" else None,
    )  # fmt: skip
    StrayReceipt.objects.filter(address=receipt.address, token=receipt.token).delete()
    return settled


def as_receipt(stray: StrayReceipt) -> Receipt:
    kind = cast(ReceiptKind, stray.kind)
    return Receipt(address=stray.address, at=stray.at, token=stray.token, kind=kind, detail=stray.detail)


def _climb(channel: str, receipts: Iterable[Receipt]) -> set[tuple[int, str]]:
    """Raise states, never lower them. Returns the (token, address) pairs that were ours."""
    columns = {
        "token": "bigint", "address": "text", "delivered_at": "timestamptz", "seen_at": "timestamptz", "failed_at": "timestamptz",
        "detail": "text",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE messaging_message SET
                delivered_at = coalesce(messaging_message.delivered_at, r.delivered_at, r.seen_at),
                seen_at = coalesce(messaging_message.seen_at, r.seen_at),
                state = CASE
                    WHEN coalesce(messaging_message.seen_at, r.seen_at) IS NOT NULL THEN 'seen'
                    WHEN coalesce(messaging_message.delivered_at, r.delivered_at) IS NOT NULL THEN 'delivered'
                    WHEN r.failed_at IS NOT NULL THEN 'failed'
                    ELSE state END,
                due_at = NULL,
                ended_at = CASE WHEN r.failed_at IS NOT NULL AND messaging_message.delivered_at IS NULL THEN r.failed_at END,
                error = CASE WHEN r.failed_at IS NOT NULL THEN 'failed_on_device' ELSE '' END,
                error_detail = CASE WHEN r.failed_at IS NOT NULL THEN r.detail ELSE '' END
            FROM {sql.rows_as("r", **columns)}, messaging_contact c
            WHERE messaging_message.token = r.token AND c.id = messaging_message.contact_id
                AND c.channel = %s AND c.address = r.address
            RETURNING messaging_message.id, messaging_message.token, messaging_message.contact_id, messaging_message.seen_at,
                messaging_message.state, messaging_message.trace
            """,  # noqa: S608  (built from constants)
            [sql.as_parameter(_by_token(receipts)), channel],
        )
        lifted = cursor.fetchall()
    address_of = {receipt.token: receipt.address for receipt in receipts}
    _see_earlier(
        [
            {"id": id_, "contact_id": contact_id, "seen_at": sql.as_time(seen_at)}
            for id_, _token, contact_id, seen_at, _state, _trace in lifted
            if seen_at is not None
        ]
    )
    arrived = [(id_, state, sql.as_trace(trace)) for id_, _token, _contact, _seen, state, trace in lifted]
    transaction.on_commit(partial(_tell, arrived))
    return {(token, address_of[token]) for _id, token, _contact, _seen, _state, _trace in lifted}


def _tell(arrived: Iterable[tuple[int, str, str]]) -> None:
    for message_id, state, trace in arrived:
        log.info("receipt", trace=trace, message=message_id, state=state)


def _by_token(receipts: Iterable[Receipt]) -> Iterable[sql.Row]:
    """One row for each message: what all its receipts say together."""
    rows: dict[tuple[int, str], dict[str, sql.Value]] = {}
    for receipt in receipts:
        row = rows.setdefault(
            (receipt.token, receipt.address),
            {
                "token": receipt.token,
                "address": receipt.address,
                "delivered_at": None,
                "seen_at": None,
                "failed_at": None,
                "detail": "",
            },
        )
        row[f"{receipt.kind}_at"] = row[f"{receipt.kind}_at"] or receipt.at
        if receipt.kind == "failed":
            row["detail"] = receipt.detail[:300]
    return rows.values()


def _see_earlier(seen: Sequence[sql.Row]) -> None:
    """The platform says *seen* once, whatever the number of messages on the screen.

    What lies before the last one seen has been seen with that one: so we need not look further back, however long the chat is.
    """
    if not seen:
        return
    columns = {"id": "bigint", "contact_id": "bigint", "seen_at": "timestamptz"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE messaging_message SET state = 'seen', seen_at = r.seen_at
            FROM {sql.rows_as("r", **columns)}
            WHERE messaging_message.contact_id = r.contact_id AND messaging_message.state IN ('sent', 'delivered')
                AND messaging_message.id < r.id AND messaging_message.id > coalesce((
                    SELECT e.id FROM messaging_message e
                    WHERE e.contact_id = r.contact_id AND e.id < r.id AND e.state = 'seen'
                    ORDER BY e.id DESC LIMIT 1
                ), 0)
            """,  # noqa: S608  (built from constants)
            [sql.as_parameter(seen)],
        )


def _keep(channel: str, strays: Iterable[Receipt], now: datetime) -> None:
    rows = [
        {
            "address": receipt.address,
            "token": receipt.token,
            "kind": receipt.kind,
            "at": receipt.at,
            "detail": receipt.detail[:300],
        }
        for receipt in strays
    ]
    sql.upsert(
        StrayReceipt, rows, "(channel, address, token, kind) DO NOTHING", channel=channel, received_at=now
    )


def _settle_uncertain(channel: str, strays: Sequence[Receipt]) -> None:
    """A receipt of an unknown message proves that one arrived whose answer we never saw. Hardly anybody has such a message."""
    arrived = [receipt for receipt in strays if receipt.kind != "failed"]
    doubted = _in_doubt(channel).filter(contact__address__in={receipt.address for receipt in arrived})
    in_question = set(doubted.values_list("contact__address", flat=True)) if arrived else set()
    for receipt in arrived:
        if receipt.address in in_question and (message := _meant(channel, receipt)):
            settle(message, receipt)


def _meant(channel: str, receipt: Receipt) -> Message | None:
    """The one message in doubt that this receipt can belong to.

    None where it may as well be another's: one that is just being sent and has no number yet, or one of several in doubt. A second
    copy is better than a loss.
    """
    tried = Message.objects.filter(
        contact__channel=channel,
        contact__address=receipt.address,
        started_at__lte=receipt.at + CLOCK_SKEW,
        started_at__gt=receipt.at - DELIVERY_TRIED_FOR,
    )
    under_way = tried.filter(state=State.SENDING).exists()
    # Their texts are none of our business, and one may have been damaged on the disk.
    candidates = tried.filter(pk__in=_in_doubt(channel).values("pk")).defer("text")[:2]
    if under_way or len(candidates) != 1 or _belongs_to_their_own(channel, receipt):
        return None
    message = candidates[0]
    if (
        _is_of_an_earlier_one(receipt, message)
        or _may_be_of_a_later_one(message)
        or _is_known_by_now(receipt, message)
    ):
        return None
    return message


def _is_known_by_now(receipt: Receipt, message: Message) -> bool:
    """The answer to a send may be written down while we look: asked last, for what was under way before is known after."""
    return Message.objects.filter(contact=message.contact_id, token=receipt.token).exists()


def _is_of_an_earlier_one(receipt: Receipt, message: Message) -> bool:
    """Tokens grow with time: one below that of what was taken before this message was tried is a first copy's of long ago.

    One that is its very token came while that was being written down. The one cycle in which one is written down and the next is
    taken in hand has one time.
    """
    before = Message.objects.filter(contact=message.contact_id, sent_at__lte=message.started_at)
    return before.filter(token__gte=receipt.token).exists()


def _may_be_of_a_later_one(message: Message) -> bool:
    """Another one was tried since and not answered; by now its second copy may have left, but the first had a number, too."""
    unanswered = Attempt.objects.filter(message__contact=message.contact_id, outcome="uncertain")
    return unanswered.filter(started_at__gte=message.started_at).exclude(message=message).exists()


def _in_doubt(channel: str) -> QuerySet[Message]:
    return Message.objects.filter(
        contact__channel=channel, state__in=(State.UNCERTAIN, State.QUEUED), attempts__outcome="uncertain"
    )


def _belongs_to_their_own(channel: str, receipt: Receipt) -> bool:
    """Platforms also send receipts for what the citizen wrote to us; those prove nothing."""
    newest = Inbound.objects.order_by("-id").values_list("id", flat=True).first() or 0
    recent = Inbound.objects.filter(
        id__gt=newest - 10_000, channel=channel, address=receipt.address, kind="message"
    )
    return recent.filter(key__contains=str(receipt.token)).exists()


def _apply_kept(kept: Iterable[StrayReceipt]) -> None:
    strays = list(kept)
    if strays:
        known = _climb(strays[0].channel, [as_receipt(stray) for stray in strays])
        StrayReceipt.objects.filter(
            pk__in=[stray.pk for stray in strays if (stray.token, stray.address) in known]
        ).delete()
