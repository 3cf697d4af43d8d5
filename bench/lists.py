"""How long do the staff's lists take with a million cases? Server time of whole pages, and how the database finds what they show.

The tables are filled by statements that copy rows a million times; a plan of every list's own statement is kept with the figures.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench import history
from bench.place import Place
from bench.report import Table

APPLICANTS = 400_000
CONTACTS = 300_000
GOAL_MS = 50

_FIRST = [
    "Amra",
    "Emir",
    "Lejla",
    "Senad",
    "Ivana",
    "Marko",
    "Đenana",
    "Đuro",
    "Zlatan",
    "Željka",
    "Haris",
    "Selma",
    "Mirza",
    "Aida",
    "Nermin",
    "Jasmina",
    "Adnan",
    "Azra",
    "Tarik",
    "Merima",
    "Davor",
    "Ana",
    "Nikola",
    "Jelena",
    "Milan",
    "Dragana",
    "Stefan",
    "Vesna",
    "Goran",
    "Sanja",
    "Damir",
    "Maja",
    "Edin",
    "Alma",
    "Kenan",
    "Belma",
    "Faruk",
    "Emina",
    "Samir",
    "Dženana",
]
_LAST = [
    "Hodžić",
    "Hadžić",
    "Čengić",
    "Delić",
    "Demirović",
    "Kovačević",
    "Suljić",
    "Kovač",
    "Marić",
    "Kurtović",
    "Mehmedović",
    "Bašić",
    "Begić",
    "Petrović",
    "Jovanović",
    "Softić",
    "Đozić",
    "Šarić",
    "Žunić",
    "Imamović",
    "Perić",
    "Tomić",
    "Savić",
    "Lukić",
    "Babić",
    "Vuković",
    "Pavlović",
    "Radić",
    "Ćosić",
    "Osmanović",
    "Salihović",
    "Zukić",
    "Mujić",
    "Halilović",
]


@dataclass(frozen=True, slots=True)
class Visit:
    """A page to measure. Names in braces are filled in with the middle of the list; ``sought`` is typed into the search box."""

    name: str
    address: str = ""
    sought: str = ""


# Every list of the staff's, on its first page and deep inside. A new list is a line.
VISITS = (
    Visit("cases, first page", "/counter/"),
    Visit("cases, deep", "/counter/?before={changed_at}_{case}"),
    Visit("search: whole number", sought="06-23-1847/26"),
    Visit("search: number without year", sought="23-1847"),
    Visit("search: serial alone", sought="1847"),
    Visit("search: barcode", sought="500000"),
    Visit("search: phone", sought="061 123 456"),
    Visit("search: first and last name", sought="amra hodzic"),
    Visit("search: last name", sought="Đozić"),
    Visit("search: beginning of a name", sought="hodz"),
    Visit("search: one letter", sought="a"),
    Visit("search: two letters, both frequent", sought="a h"),
    Visit("search: nothing found", sought="nepostojeći"),
    Visit("unreached, first page", "/counter/unreached"),
    Visit("unreached, deep", "/counter/unreached?before={message}"),
    Visit("questions, first page", "/counter/questions"),
    Visit("questions, deep", "/counter/questions?after={question}"),
    Visit("everything that waits", "/counter/work"),
    Visit("unbound", "/counter/unbound"),
    Visit("reviews", "/counter/reviews"),
    Visit("unmatched", "/counter/unmatched"),
    Visit("one case", "/counter/cases/{case}"),
)


def bench(cases: int, rounds: int, plans: Path | None) -> list[Table]:
    with Place("postgresql") as place:
        began = time.perf_counter()
        fill(place, cases, place.do(seed))
        print(
            f"lists: {cases:,} cases made in {time.perf_counter() - began:.0f} s; {history.size(place)}",
            flush=True,
        )
        deep = _middle(place)
        table = Table(f"lists: pages with {cases:,} cases", "ms of server time")
        found: dict[str, str] = {}
        for visit in VISITS:
            times, processor, found[visit.name] = place.do(look, visit, deep, rounds)
            table.add(visit.name, times, f"{median(processor):.0f} ms of the web's processor")
            table.goal(visit.name, times, below=GOAL_MS)
        if plans:
            plans.write_text(_written(found, cases))
    return [table]


def seed() -> dict[str, int]:
    """One row of each kind, to be multiplied; returns their ids."""
    from django.utils import timezone

    from telal.cases.models import Case, Institution, NameWord
    from telal.conversation.models import Question
    from telal.notices.models import Consent

    first = history.seed(1)
    now = timezone.now()
    Institution.called("KJKP Vodovod i kanalizacija")
    NameWord.objects.all().delete()
    case = Case.objects.get(pk=first["cases_case"])
    question = Question.objects.create(
        contact_id=first["messaging_contact"], kind="human", text="Kome da se javim?", asked_at=now
    )
    return first | {
        "cases_applicant": case.applicant_id,
        "conversation_question": question.pk,
        "notices_consent": Consent.objects.get(case=case).pk,
    }


def fill(place: Place, cases: int, first: dict[str, int]) -> None:
    """So many cases of the last years, each with its first line, a message and its notice; two in three with consent."""
    case, applicant, contact = first["cases_case"], first["cases_applicant"], first["messaging_contact"]
    consent, event, message = first["notices_consent"], first["cases_caseevent"], first["messaging_message"]
    statuses = [
        "received",
        "assigned",
        "in_progress",
        "awaiting_applicant",
        "awaiting_other_body",
        "decided",
        "served",
        "archived",
    ]
    year = "(2026 - n / 20000 % 10)"
    number = f"'06-' || lpad((23 + n / 200000 % 5)::text, 2, '0') || '-' || n % 20000 || '/' || {year}"
    multiplied: dict[str, tuple[int, dict[str, str]]] = {
        "cases_applicant": (APPLICANTS, {
            "name": f"{_one_of(_FIRST, 'n')} || ' ' || {_one_of(_LAST, 'n / 7')}", "phone_hash": "md5(n::text)",
        }),
        "cases_case": (cases, {
            "ref": "'lists-' || n", "number": number, "number_key": number, "barcode": "n::text",
            "applicant_id": f"{applicant} + 1 + n % {APPLICANTS}", "status": _one_of(statuses, "n / 3"),
        }),
        "cases_caseevent": (cases, {"case_id": f"{case} + n"}),
        "messaging_contact": (CONTACTS, {"address": "'lists' || n"}),
        "notices_consent": (cases * 2 // 3, {"case_id": f"{case} + n"}),
        "notices_subscription": (cases // 2, {
            "consent_id": f"{consent} + n", "case_id": f"{case} + n", "contact_id": f"{contact} + 1 + n % {CONTACTS}",
        }),
        # Of those that did not get through, one in ten is still to be told.
        "messaging_message": (cases, {
            "contact_id": f"{contact} + 1 + n % {CONTACTS}", "state": "CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'seen' END",
            "token": "4000000000000000000 + n",
            "ended_at": f"CASE WHEN n % 100 = 0 THEN now() - interval '80 days' * (1 - n / {cases}::float8) END",
            "settled_at": "CASE WHEN n % 100 = 0 AND n % 1000 > 0 THEN now() END",
        }),
        "notices_notice": (cases // 2, {
            "event_id": f"{event} + n", "subscription_id": f"{first['notices_subscription']} + n", "message_id": f"{message} + n",
        }),
        "conversation_question": (20_000, {
            "contact_id": f"{contact} + 1 + n", "answered_at": "CASE WHEN n % 20 > 0 THEN now() END",
        }),
    }  # fmt: skip
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"], autocommit=True) as database:
        database.execute(
            "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off"
        )
        for table, (rows, changed) in multiplied.items():
            history.multiply(database, table, first[table], rows, changed)
        _give_words(database, applicant)
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")


def _one_of(words: list[str], n: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{listed}])[1 + ({n}) % {len(words)}]"


def _give_words(database: psycopg.Connection[Any], applicant: int) -> None:
    """As the product would when it makes them."""
    from telal.cases.words import name_words

    known = {word: name_words(word)[0] for word in (*_FIRST, *_LAST)}
    cases = " ".join(f"WHEN '{word}' THEN '{folded}'" for word, folded in known.items())
    database.execute(
        f"INSERT INTO cases_nameword (applicant_id, word) SELECT id, CASE word {cases} END "
        f"FROM cases_applicant, unnest(string_to_array(name, ' ')) AS word WHERE id > {applicant}"
    )


def _middle(place: Place) -> dict[str, object]:
    """Where the middle of each list is."""
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"]) as database:
        rows = {
            name: database.execute(
                f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM {table}"
            ).fetchone()
            for name, table in (
                ("case", "cases_case"),
                ("message", "messaging_message"),
                ("question", "conversation_question"),
            )
        }
        middle = {name: row[0] for name, row in rows.items() if row}
        row = database.execute("SELECT changed_at FROM cases_case WHERE id = %s", [middle["case"]]).fetchone()
    assert row
    return middle | {"changed_at": row[0].isoformat().replace("+", "%2B")}


def look(visit: Visit, deep: dict[str, Any], rounds: int) -> tuple[list[float], list[float], str]:
    """The milliseconds that each round took, after one to warm up, by the clock and of this processor; and the plan of the page's
    slowest statement.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from telal.counter.home import list_of

    address = list_of(visit.sought) if visit.sought else visit.address.format(**deep)
    client = _clerk()
    times, processor = [], []
    for _ in range(rounds + 1):
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(address, headers={"host": "127.0.0.1"})
        times.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
        assert answer.status_code == 200, (address, answer.status_code)
    with CaptureQueriesContext(connection) as captured:
        client.get(address, headers={"host": "127.0.0.1"})
    asked = [one for one in captured.captured_queries if one["sql"].startswith("SELECT")]
    slowest = max(asked, key=lambda one: float(one["time"]))["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {slowest}".replace("%", "%%"), [])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    return times[1:], processor[1:], f"{len(captured)} statements.\n\n```\n{plan}\n```"


def _clerk() -> Any:
    from django.contrib.auth.models import Group, User
    from django.test import Client

    user, _ = User.objects.get_or_create(username="amra")
    user.groups.set([Group.objects.get_or_create(name="administrator")[0]])
    client = Client()
    client.force_login(user)
    return client


def _written(plans: dict[str, str], cases: int) -> str:
    parts = [
        "# How the lists find what they show",
        f"Made by `python -m bench lists --plans docs/lists.md` with {cases:,} cases and as many messages, of {APPLICANTS:,} "
        "applicants: of each page, the plan of its slowest statement. The figures are in [performance.md](performance.md).",
        *(f"## {name}\n\n{plan}" for name, plan in plans.items()),
    ]
    return "\n\n".join(parts) + "\n"
