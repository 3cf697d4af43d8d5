"""Does it cost more when years have passed? The same figures with millions of old messages in the tables, and without.

Two variants: just vacuumed; and worn, as late as autovacuum may let it get by its own thresholds.
"""

import time

import psycopg

from bench import announce, dispatch, latency, municipality, webhook
from bench.double import platform
from bench.place import Place, wait_for
from bench.report import Table
from tests.house import free_port

PEOPLE = 100_000
# Each figure with history is at least so much of the one without; a latency at most so much more.
AT_LEAST = 0.85

EMPTY, VACUUMED, WORN = "nothing old", "vacuumed", "worn"


def bench(messages: int, rounds: int, seconds: float) -> list[Table]:
    with platform(None) as api, Place("postgresql", api=api) as empty, Place("postgresql", api=api) as full:
        began = time.perf_counter()
        first = full.do(seed, PEOPLE)
        fill(full, messages, first)
        print(
            f"history: {messages:,} old messages made in {time.perf_counter() - began:.0f} s; {size(full)}",
            flush=True,
        )
        for place in (empty, full):
            announce.prepare(place)
        tables = [_compare(VACUUMED, empty, full, api, rounds, seconds)]
        wear(full, messages)
        return [*tables, _compare(WORN, empty, full, api, rounds, seconds)]


def _compare(variant: str, empty: Place, full: Place, api: str, rounds: int, seconds: float) -> Table:
    figures: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for name, place in ((EMPTY, empty), (variant, full)):
            for what, figure in _measure(place, api, seconds).items():
                figures.setdefault(what, {}).setdefault(name, []).append(figure)
    table = Table(f"history: {variant}", "see each line")
    for what, sides in figures.items():
        for name, values in sides.items():
            table.add(f"{what}, {name}", values)
        pairs = zip(sides[variant], sides[EMPTY], strict=True)
        is_a_time = " ms" in what
        table.goal(
            f"{what}, {variant} against {EMPTY}",
            [b / a if is_a_time else a / b for a, b in pairs],
            at_least=AT_LEAST,
        )
    return table


def _measure(place: Place, api: str, seconds: float) -> dict[str, float]:
    figures = {
        "webhook, requests/s": _webhook(place, seconds),
        "dispatch, messages/s": _dispatch(place, api),
        "announce, events/s": place.do(announce.announce, announce.TOLD, announce.EACH),
    }
    with latency.opened(place) as house:
        measured = latency.measure(place, house, api)
    for name, times in (("change", measured.changes), ("question", measured.questions)):
        figures |= {
            f"{name}, p{share:.0%} in ms".replace("%", ""): latency.percentile(times, share)
            for share in (0.5, 0.99)
        }
    return figures | {"processor to keep pace, ms a second": 1000 * sum(measured.shares.values())}


def _webhook(place: Place, seconds: float) -> float:
    port = free_port()
    with place.running(webhook.serve, port, True):
        wait_for(f"http://127.0.0.1:{port}/health/live")
        (result,) = webhook.measure({webhook.OURS: port}, 1, seconds)[webhook.OURS]
    place.do(_forget_callbacks)
    return result.rate


def _forget_callbacks() -> None:
    """As if they had been answered."""
    from django.utils import timezone

    from telal.messaging.models import Inbound

    Inbound.objects.filter(handled_at=None).update(handled_at=timezone.now(), body="")
    municipality.tidy()


def _dispatch(place: Place, api: str) -> float:
    place.do(dispatch.fill, dispatch.people(dispatch.NUMBER // dispatch.EACH))
    rate: float = dispatch.NUMBER / place.do(dispatch.dispatch, api)
    return rate


# ── What lies in the tables ──────────────────────────────────────────────────────────────────────────────────


def seed(people: int) -> dict[str, int]:
    """People with a case each, and one old row of each kind to be multiplied; returns the first id of each."""
    from django.utils import timezone

    from telal.cases.models import Case, CaseEvent
    from telal.messaging.channel import Button
    from telal.messaging.models import Attempt, Contact, Inbound, Lane, Message
    from telal.messaging.outbox import Cause, Owed, owe
    from telal.notices.models import Notice, Subscription

    municipality.settle("history", [f"history{n:018d}==" for n in range(people)])
    firsts = {
        model._meta.db_table: model.objects.order_by("id").values_list("id", flat=True)[0]
        for model in (Contact, Case, CaseEvent, Subscription)
    }
    now = timezone.now()
    keys = [Button("Moji predmeti", "Moji predmeti", 3), Button("Pomoć", "Pomoć", 3)]
    contact_id = firsts["messaging_contact"]
    (message_id,) = owe([Owed(contact_id, Lane.NOTICE, dispatch.TEXT, keys, Cause(None, now))], now)
    Message.objects.filter(pk=message_id).update(
        state="seen", due_at=None, attempts_count=1, started_at=now, sent_at=now, delivered_at=now, seen_at=now, billing=1
    )  # fmt: skip
    attempt = Attempt.objects.create(message_id=message_id, started_at=now, ended_at=now, outcome="accepted")
    inbound = Inbound.objects.create(
        channel="viber", kind="seen", at=now, received_at=now, handled_at=now, body=""
    )
    notice = Notice.objects.create(
        event_id=firsts["cases_caseevent"], subscription_id=firsts["notices_subscription"], message_id=message_id, created_at=now
    )  # fmt: skip
    made = {"message": message_id, "attempt": attempt.pk, "inbound": inbound.pk}
    return firsts | {f"messaging_{name}": id_ for name, id_ in made.items()} | {"notices_notice": notice.pk}


def fill(place: Place, messages: int, first: dict[str, int]) -> None:
    """So many old messages of the last weeks: three in five are notices of a change, the others answers to somebody who asks often;
    each with its attempt and two callbacks. Then VACUUM ANALYZE.
    """
    contact, case = first["messaging_contact"], first["cases_case"]
    subscription, message = first["notices_subscription"], first["messaging_message"]
    last_event = first["cases_caseevent"] + PEOPLE - 1
    changes = messages // 5 * 3
    # n counts rows from 1.
    change_of = "((n - 1) / 5 * 3 + (n - 1) % 5)"
    is_notice = "(n - 1) % 5 < 3"
    often = f"floor({PEOPLE} * power(random(), 2))"
    multiplied = {
        "messaging_message": (messages, {
            "contact_id": f"{contact} + CASE WHEN {is_notice} THEN {change_of} % {PEOPLE} ELSE {often} END",
            "lane": f"CASE WHEN {is_notice} THEN 1 ELSE 0 END",
            "state": "CASE WHEN n % 10 = 0 THEN 'delivered' WHEN n % 97 = 0 THEN 'failed' ELSE 'seen' END",
            "token": "4000000000000000000 + n",
        }),
        "messaging_attempt": (messages, {"message_id": f"{message} + n"}),
        "cases_caseevent": (changes, {
            "id": f"{last_event} + n",
            "case_id": f"{case} + (n - 1) % {PEOPLE}", "no": f"2 + (n - 1) / {PEOPLE}", "source": "'api'",
        }),
        "notices_notice": (changes, {
            "event_id": f"{last_event} + n", "subscription_id": f"{subscription} + (n - 1) % {PEOPLE}",
            "message_id": f"{message} + (n - 1) / 3 * 5 + (n - 1) % 3 + 1",
        }),
        "messaging_inbound": (2 * messages, {
            "key": "CASE WHEN n % 2 = 0 THEN 'seen ' ELSE 'delivered ' END || (4000000000000000000 + n / 2) || ' ' || md5(n::text)",
        }),
    }  # fmt: skip
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"], autocommit=True) as database:
        database.execute(
            "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off"
        )
        for table, (number, changed) in multiplied.items():
            multiply(database, table, first[table], number, changed)
        database.execute(
            f"UPDATE cases_case SET events_count = {1 + changes // PEOPLE + 1} WHERE ref LIKE 'history-%'"
        )
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")


def multiply(
    database: psycopg.Connection, table: str, id_: int, number: int, changed: dict[str, str], key: str = "id"
) -> None:
    """Copies of this row, as long ago as their place says; indexes are built afterwards, which is several times faster."""
    columns = database.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table]
    ).fetchall()
    values = {}
    for column, kind in columns:
        values[column] = f"t.{column}"
        if kind == "timestamp with time zone":
            values[column] = f"t.{column} - interval '80 days' * (1 - n / {number}::float8)"
        if column == "trace":
            values[column] = "gen_random_uuid()"
    values |= {key: f"{id_} + n"} | changed
    database.execute(f"UPDATE pg_index SET indisready = false WHERE indrelid = '{table}'::regclass")
    database.execute(
        f"INSERT INTO {table} ({', '.join(values)}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values.values())} "
        f"FROM (SELECT * FROM {table} WHERE {key} = {id_}) AS t, generate_series(1::bigint, {number}) AS n"
    )
    database.execute(f"UPDATE pg_index SET indisready = true WHERE indrelid = '{table}'::regclass")
    database.execute(f"REINDEX TABLE {table}")
    database.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), (SELECT max({key}) FROM {table}))"
    )


def wear(place: Place, messages: int) -> None:
    """Receipts for the newest messages: 15 % of the rows lie dead, 6 % have changed since the statistics were made."""
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"], autocommit=True) as database:
        for share, then in ((0.09, "ANALYZE"), (0.06, "CHECKPOINT")):
            for table, column, rows in (
                ("messaging_message", "seen_at", messages),
                ("messaging_inbound", "handled_at", 2 * messages),
            ):
                newest = f"id > (SELECT max(id) FROM {table}) - {int(rows * share)}"
                database.execute(f"UPDATE {table} SET {column} = now() WHERE {newest}")
            database.execute(then)


def size(place: Place) -> str:
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"]) as database:
        (size,) = database.execute(
            "SELECT pg_size_pretty(pg_database_size(current_database()))"
        ).fetchone() or ("",)
    return str(size)
