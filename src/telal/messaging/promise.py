"""What is promised about speed, and how far it was kept: counted from every message, day by day.

A notice is handed to the channel within ten seconds of the change, an answer within one second of the question. Every message
counts, also one that failed; only what was taken back, because the person had left, said STOP or could not be reached, counts
apart. A message belongs to the day on which it was written. Totals of a day are kept when it is over, so they outlive the messages
and cost nothing to show; they are counted again while receipts may still come.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from telal import sql
from telal.messaging.models import Day, Lane, Scope, Stop

NOTICE_WITHIN, ANSWER_WITHIN = timedelta(seconds=10), timedelta(seconds=1)
SHOWN_FOR = timedelta(days=30)
# A day is counted so long after its end: at once, and again when more receipts have come. Viber tries for two weeks;
# no delivery log is dropped before.
COUNTED_AFTER = (
    timedelta(minutes=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=13),
)
TOTALS = ("notices", "notices_in_time", "answers", "answers_in_time", "delivered", "failed", "taken_back")
# Ids grow with the time at which messages are written, but for transactions side by side: none takes longer than this.
LONGEST_TRANSACTION = timedelta(hours=1)


def recent(now: datetime) -> list[Day]:
    """The last thirty days, the present one (as counted now) last; a day on which nothing was ever counted is left out."""
    today = timezone.localdate(now)
    kept = Day.objects.filter(day__gt=today - SHOWN_FOR, day__lt=today).order_by("day")
    return [*kept, count(today, now)]


def stops(now: datetime) -> list[tuple[datetime, datetime | None]]:
    """When, in the last thirty days, nothing could be sent to anybody, and until when; None for a stop that lasts."""
    recent = Stop.objects.filter(scope=Scope.ALL, began_at__gt=now - SHOWN_FOR).order_by("began_at")
    return list(recent.values_list("began_at", "ended_at"))


def keep_totals(now: datetime) -> date | None:
    """Count one day that is due to be counted, and keep its totals. Returns the day, or None when all are."""
    today = timezone.localdate(now)
    counted = dict(Day.objects.filter(day__gt=today - SHOWN_FOR).values_list("day", "counted_at"))
    for age in range(1, SHOWN_FOR.days):
        day = today - timedelta(days=age)
        if _is_due(day, counted.get(day), now):
            _keep(count(day, now))
            return day
    return None


def _keep(day: Day) -> None:
    """Another worker may be counting the same day."""
    Day.objects.bulk_create(
        [day], update_conflicts=True, unique_fields=["day"], update_fields=[*TOTALS, "counted_at"]
    )


def _is_due(day: date, counted_at: datetime | None, now: datetime) -> bool:
    end = _begin(day + timedelta(days=1))
    return any(
        now >= end + after and (counted_at is None or counted_at < end + after) for after in COUNTED_AFTER
    )


def count(day: date, now: datetime) -> Day:
    """Count the messages of one day as they stand ``now``. Nothing is written."""
    begin, end = _begin(day), _begin(day + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH message AS (
                SELECT lane, {sql.seconds("coalesce(sent_at, delivered_at)", "caused_at")} AS took,
                    {sql.seconds("%s", "caused_at")} AS age,
                    coalesce(delivered_at, seen_at) IS NOT NULL AS arrived,
                    state = 'failed' AS failed,
                    state = 'cancelled' OR state = 'failed' AND EXISTS (
                        SELECT 1 FROM messaging_attempt a
                        WHERE a.message_id = messaging_message.id AND a.outcome = 'unreachable'
                    ) AS taken_back
                FROM messaging_message
                WHERE id >= %s AND id < %s AND created_at >= %s AND created_at < %s AND caused_at IS NOT NULL
            ), counted AS (
                SELECT *, lane = %s AS is_answer, CASE WHEN lane = %s THEN %s ELSE %s END AS within FROM message
            ), told AS (
                SELECT *, took <= within AS in_time FROM counted WHERE NOT taken_back AND (took IS NOT NULL OR age > within)
            )
            SELECT
                count(CASE WHEN NOT is_answer THEN 1 END), count(CASE WHEN NOT is_answer AND in_time THEN 1 END),
                count(CASE WHEN is_answer THEN 1 END), count(CASE WHEN is_answer AND in_time THEN 1 END),
                count(CASE WHEN arrived THEN 1 END), count(CASE WHEN failed THEN 1 END),
                (SELECT count(*) FROM counted WHERE taken_back)
            FROM told
            """,  # noqa: S608  (built from constants)
            [
                sql.stamp(now), _first_id(begin - LONGEST_TRANSACTION), _first_id(end + LONGEST_TRANSACTION),
                sql.stamp(begin), sql.stamp(end), Lane.ANSWER, Lane.ANSWER, ANSWER_WITHIN.total_seconds(),
                NOTICE_WITHIN.total_seconds(),
            ],
        )  # fmt: skip
        totals = cursor.fetchone()
    return Day(day=day, counted_at=now, **dict(zip(TOTALS, totals, strict=True)))


def _first_id(since: datetime) -> int:
    """An id that no message written since then is below. Found by halving: ids grow with time, and no index of times is needed."""
    low, high = 1, _asked("SELECT coalesce(max(id), 0) + 1 FROM messaging_message")[0]
    while low < high:
        middle = (low + high) // 2
        id_, created_at = _asked(
            "SELECT id, created_at FROM messaging_message WHERE id >= %s ORDER BY id LIMIT 1", middle
        )
        if sql.as_time(created_at) < since:
            low = id_ + 1
        else:
            high = middle
    return low


def _asked(question: str, *parameters: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question, parameters)
        return cursor.fetchone()


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
