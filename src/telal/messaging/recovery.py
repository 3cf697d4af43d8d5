"""What a crash or a silence left behind: messages held by the dead become uncertain, uncertain ones go on when patience is over."""

import random
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from telal.messaging import receipts
from telal.messaging.lease import LEASE
from telal.messaging.models import Attempt, ChannelState, Message, Sender, Stop
from telal.messaging.retry import CRASHED, RECEIPT_PATIENCE, after_patience

LARGEST_BATCH = 500
# Also what somebody took into hand who did not know yet that others had buried them.
_HELD_BY_NOBODY = Q(state="sending") & ~Exists(Sender.objects.filter(pk=OuterRef("sender")))


def recover(now: datetime) -> int:
    """Put right what is in doubt at ``now``. Returns how many messages moved."""
    if not _is_in_doubt(now):
        return 0
    with transaction.atomic():
        moved = _take_from_the_dead(now) + _go_on(now)
        receipts.sweep_strays(now)
    return moved


def latest_known() -> datetime | None:
    """The latest time at which anything is known to have happened here: the database's clock has been that far."""
    made = Message.objects.order_by("-pk").values_list("created_at", flat=True).first()
    tried = Attempt.objects.order_by("-pk").values_list("started_at", flat=True).first()
    return max(filter(None, (made, tried)), default=None)


def turn_back(now: datetime) -> None:
    """The database's clock has gone back to ``now``. What waits for a time that is far away again waits no longer.

    Some retries come earlier than they should, which is the smaller evil; the order of a line does not depend on times.
    """
    soon = now + RECEIPT_PATIENCE
    Message.objects.filter(due_at__gt=soon).update(due_at=soon)
    Stop.objects.filter(ended_at=None, probe_at__gt=soon).update(probe_at=soon)
    # Only what is sent after a stop began can end it, and a pace that was slowed later than now would be none.
    Stop.objects.filter(ended_at=None, began_at__gt=now).update(began_at=now)
    ChannelState.objects.filter(slowed_at__gt=now).update(slowed_at=now)
    Sender.objects.filter(expires_at__gt=now + LEASE).update(expires_at=now + LEASE)


def _is_in_doubt(now: datetime) -> bool:
    """Most of the time nothing is: cheap questions instead of many."""
    return (
        _the_dead(now).exists()
        or Message.objects.filter(Q(state="uncertain") | _HELD_BY_NOBODY, due_at__isnull=False).exists()
        or receipts.recent_strays(now).exists()
    )


def _the_dead(now: datetime) -> QuerySet[Sender]:
    return Sender.objects.filter(expires_at__lte=now)


def _take_from_the_dead(now: datetime) -> int:
    dead = _the_dead(now).select_for_update(skip_locked=True)
    Sender.objects.filter(pk__in=[sender.pk for sender in dead]).delete()
    held = Message.objects.filter(_HELD_BY_NOBODY, due_at__isnull=False)
    lost = list(held.select_for_update(of=("self",)).defer("text"))
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
    return len(lost)


def _go_on(now: datetime) -> int:
    waiting = (
        Message.objects.filter(due_at__lte=now, state="uncertain")
        .select_related("contact")
        .defer("text", "contact__name")
        .order_by("lane", "id")[:LARGEST_BATCH]
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
