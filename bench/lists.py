"""How long do the staff's lists take with a million cases? Server time of whole pages, and how the database finds what they show.

The tables are filled by statements that copy rows a million times; a plan of every list's own statement is kept with the figures.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench import history
from bench.place import Place
from bench.report import Table

APPLICANTS = 400_000
CONTACTS = 300_000
# Primes, so that everybody has cases in every state.
DEPARTMENTS, OFFICERS, INSTITUTIONS = 13, 61, 41
SERVICES, USERS, SENDERS = 250, 150, 3
GOAL_MS = 50
HOST = {"host": "127.0.0.1"}

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
    address: str = "/counter/"
    sought: str = ""


# Every list of the staff's, on its first page and deep inside, and each way to search it. A new list is a line; that none is
# forgotten is seen by the screens.
VISITS = (
    Visit("cases, first page", "/counter/"),
    Visit("cases, deep", "/counter/?after={changed_at}_{case}"),
    Visit("search: whole number", "/counter/?q=06-23-1847/26"),
    Visit("search: number without year", "/counter/?q=23-1847"),
    Visit("search: serial alone", "/counter/?q=1847"),
    Visit("search: barcode", "/counter/?q=500000"),
    Visit("search: phone", "/counter/?q=061 123 456"),
    Visit("search: first and last name", sought="amra hodzic"),
    Visit("search: last name", sought="Đozić"),
    Visit("search: beginning of a name", sought="hodz"),
    Visit("search: one letter", sought="a"),
    Visit("search: two letters, both frequent", sought="a h"),
    Visit("search: nothing found", sought="nepostojeći"),
    Visit("an officer's cases, first page", "/counter/mine"),
    Visit("an officer's cases, deep", "/counter/mine?after=work_{due}_{case}"),
    Visit("an officer's cases: one institution", "/counter/mine?waiting_for={institution}"),
    Visit("a department's cases, first page", "/counter/mine?whose=departments"),
    Visit("everybody's cases, first page", "/counter/mine?whose=all"),
    Visit("everybody's cases, deep", "/counter/mine?whose=all&after=work_{due}_{case}"),
    Visit("everybody's cases: late opinions", "/counter/mine?whose=all&opinion=late"),
    Visit(
        "everybody's cases: one officer, one institution",
        "/counter/mine?whose=all&officer={officer}&waiting_for={institution}",
    ),
    Visit("opinions, first page", "/counter/opinions"),
    Visit("opinions, deep", "/counter/opinions?after={due}_{opinion}"),
    Visit("opinions: one institution", "/counter/opinions?institution={institution}"),
    Visit("everything that waits", "/counter/work"),
    Visit("unreached, first page", "/counter/unreached"),
    Visit("unreached, deep", "/counter/unreached?after={message}"),
    Visit("unreached: of a kind", "/counter/unreached?kind=gone"),
    Visit("unreached: of a kind that there is none of", "/counter/unreached?kind=maybe"),
    Visit("questions, first page", "/counter/questions"),
    Visit("questions, deep", "/counter/questions?after={question}"),
    Visit("unbound, first page", "/counter/unbound"),
    Visit("unbound, deep", "/counter/unbound?after={unbound}"),
    Visit("unbound: of a kind that there is none of", "/counter/unbound?why=opened"),
    Visit("reviews, first page", "/counter/reviews"),
    Visit("reviews, deep", "/counter/reviews?after={review}"),
    Visit("unmatched, first page", "/counter/unmatched"),
    Visit("unmatched, deep", "/counter/unmatched?after={unmatched}"),
    Visit("unmatched: from one sender", "/counter/unmatched?from=1"),
    Visit("audit log, first page", "/counter/audit"),
    Visit("audit log, deep", "/counter/audit?after={entry}"),
    Visit("audit log: one case", "/counter/audit?cases={case}"),
    Visit("audit log: one user", "/counter/audit?who=user7"),
    Visit("audit log: who has left", "/counter/audit?who=left"),
    Visit("audit log: an action that nobody takes any more", "/counter/audit?action=counter:bulk"),
    Visit("audit log: days long ago", "/counter/audit?first={day}&last={day}"),
    Visit("audit log: a user and days", "/counter/audit?who=user7&first={day}&last={day}"),
    Visit("users, first page", "/counter/users"),
    Visit("users, deep", "/counter/users?after=user50"),
    Visit("departments", "/counter/settings/departments"),
    Visit("officers, first page", "/counter/settings/officers"),
    Visit("officers, deep", "/counter/settings/officers?after={officer}"),
    Visit("officers: by name", "/counter/settings/officers?q=hodz"),
    Visit("institutions", "/counter/settings/institutions"),
    Visit("services, first page", "/counter/services"),
    Visit("services: by name", "/counter/services?q=usluga"),
    Visit("one case", "/counter/cases/{case}"),
    Visit("one case with a long timeline", "/counter/cases/{long}"),
)
# Screens that show no list, or one that does not grow.
NO_LISTS = {
    "consent_wording", "deadlines", "export_services", "first", "first_steps", "hours", "municipality", "new_service", "new_user",
    "recount", "register", "retention", "settings", "sign_in", "start", "texts", "undo_bar", "unsent", "viber",
}  # fmt: skip

SAID = '{"status": "served", "occurred_at": "2026-11-01"}'
# What happens to the case that is looked at with all its timeline.
LONG_LIFE: tuple[dict[str, str], ...] = (
    {"status": "assigned", "department": "Služba 1"},
    {"status": "in_progress"},
    {"status": "awaiting_applicant", "note": "Dopunite prilog."},
    {"status": "in_progress"},
    {"status": "awaiting_other_body", "waiting_for": "KJKP 1"},
    {"status": "in_progress"},
    {"status": "decided", "outcome": "granted"},
    {"status": "dispatched"},
)

STATUSES = (
    "received", "assigned", "in_progress", "awaiting_applicant", "awaiting_other_body", "decided", "served", "archived",
)  # fmt: skip


def bench(cases: int, rounds: int, plans: Path | None) -> list[Table]:
    with Place("postgresql") as place:
        began = time.perf_counter()
        fill(place, cases, place.do(seed))
        print(
            f"lists: {cases:,} cases made in {time.perf_counter() - began:.0f} s; {history.size(place)}",
            flush=True,
        )
        place.do(all_are_visited)
        return [measure(place, cases, rounds, plans)]


def measure(place: Place, cases: int, rounds: int, plans: Path | None) -> Table:
    deep = _middle(place)
    table = Table(f"lists: pages with {cases:,} cases", "ms of server time")
    found: dict[str, str] = {}
    for visit in VISITS:
        times, processor, found[visit.name] = place.do(look, visit, deep, rounds)
        table.add(visit.name, times, f"{median(processor):.0f} ms of the web's processor")
        table.goal(visit.name, times, below=GOAL_MS)
    if plans:
        plans.write_text(
            _written({"what the menu counts on every page": place.do(look_at_menu)} | found, cases)
        )
    return table


def all_are_visited() -> None:
    """Of the screens that can be opened by their address alone, each has a line above."""
    from django.urls import resolve

    from telal.counter.urls import urlpatterns

    client = _clerk()
    addresses = {p.name: f"/counter/{p.pattern}" for p in urlpatterns if not p.pattern.converters}
    allowed = {
        name: client.options(where, headers=HOST).get("Allow", "GET") for name, where in addresses.items()
    }
    opened = {name for name, methods in allowed.items() if "GET" in methods}
    visited = {
        resolve(urlsplit(visit.address).path).url_name for visit in VISITS if "/{" not in visit.address
    }
    forgotten = opened - visited - NO_LISTS
    assert not forgotten, f"Not visited, and not said to show no list: {', '.join(sorted(forgotten))}"


def seed() -> dict[str, int]:
    """Who works there, and one row of each kind, to be multiplied; returns their ids."""
    from django.utils import timezone

    from telal.cases.models import Case, NameWord, Opinion, Review, Unmatched, UnmatchedCount
    from telal.conversation.models import Question
    from telal.notices.consents import invite
    from telal.notices.models import Consent, Unbound
    from telal.staff import audit
    from telal.staff.models import Door

    first = history.seed(1)
    now, today = timezone.now(), timezone.localdate()
    NameWord.objects.all().delete()
    case = Case.objects.get(pk=first["cases_case"])
    consent, event = Consent.objects.get(case=case), case.events.get()
    of_staff = _employ()
    question = Question.objects.create(
        contact_id=first["messaging_contact"], kind="human", text="Kome da se javim?", asked_at=now
    )
    opinion = Opinion.objects.create(
        case=case, institution_id=of_staff["institution"], asked_on=today, due_on=today, asked_by="user7"
    )
    Review.objects.create(event=event)
    kept = Unmatched.objects.create(
        source="api", sender="DMS", ref="A-1", status="served", reason="unknown_case", said=SAID, change=SAID,
        mark="first", first_at=now, last_at=now,
    )  # fmt: skip
    UnmatchedCount.objects.bulk_create(
        UnmatchedCount(source="api", sender=f"DMS {n}", total=10_000, since=now) for n in range(SENDERS)
    )
    audit.record([audit.Draft(Door.COUNTER, "user7", "counter:case", 200, "10.0.0.7", (f"cases/{case.pk}",))])
    return first | of_staff | {
        "cases_applicant": case.applicant_id,
        "cases_opinion": opinion.pk,
        "cases_review": event.pk,
        "cases_unmatched": kept.pk,
        "conversation_question": question.pk,
        "notices_consent": consent.pk,
        "notices_invitation": invite(consent).consent.invitations.get().pk,
        "notices_unbound": Unbound.objects.create(consent=consent, since=now).pk,
        "staff_entry": 1,
        "staff_mention": 1,
    }  # fmt: skip


def _employ() -> dict[str, int]:
    """The staff and what they work with, as a municipality has them; the ids of the first of each."""
    from django.contrib.auth.models import Group, User

    from telal.cases.models import Department, Institution, Officer
    from telal.cases.rules import Service
    from telal.staff.models import Member

    names = [f"{first} {last}" for first, last in product(_FIRST, _LAST)]
    departments = Department.objects.bulk_create(Department(name=f"Služba {n}") for n in range(DEPARTMENTS))
    officers = Officer.objects.bulk_create(
        Officer(name=name, phone="033 282 385", room="14", department=departments[n % DEPARTMENTS])
        for n, name in enumerate(names[:OFFICERS])
    )
    institutions = Institution.objects.bulk_create(Institution(name=f"KJKP {n}") for n in range(INSTITUTIONS))
    Service.objects.bulk_create(Service(name=f"Usluga {n}", code=f"08-{n}", days=15) for n in range(SERVICES))
    users = User.objects.bulk_create(User(username=f"user{n}") for n in range(USERS))
    Group.objects.get_or_create(name="officer")[0].user_set.set(users)
    Member.objects.bulk_create(
        Member(user=user, officer=officer) for user, officer in zip(users, officers[:-1], strict=False)
    )
    member = Member.objects.create(user=_administrator(), officer=officers[-1])
    member.departments.set(departments[:1])
    return {"department": departments[0].pk, "officer": officers[0].pk, "institution": institutions[0].pk}


def fill(place: Place, cases: int, first: dict[str, int]) -> None:
    """So many cases of the last years, each with its first line, a message and its notice; two in three with consent."""
    case, applicant, contact = first["cases_case"], first["cases_applicant"], first["messaging_contact"]
    consent, event, message = first["notices_consent"], first["cases_caseevent"], first["messaging_message"]
    year = "(2026 - n / 20000 % 10)"
    number = f"'06-' || lpad((23 + n / 200000 % 5)::text, 2, '0') || '-' || n % 20000 || '/' || {year}"
    awaiting = f"n / 3 % {len(STATUSES)} = {STATUSES.index('awaiting_other_body')}"
    # Those that no chat hears by come after those that one does.
    lonely = f"{consent} + {cases // 2} + n"
    multiplied: dict[str, tuple[int, dict[str, str]]] = {
        "cases_applicant": (APPLICANTS, {
            "name": f"{_one_of(_FIRST, 'n')} || ' ' || {_one_of(_LAST, 'n / 7')}", "phone_hash": "md5(n::text)",
        }),
        "cases_case": (cases, {
            "ref": "'lists-' || n", "number": number, "number_key": number, "barcode": "n::text",
            "applicant_id": f"{applicant} + 1 + n % {APPLICANTS}", "status": _one_of(STATUSES, "n / 3"),
            "officer_id": f"{first['officer']} + n % {OFFICERS}", "department_id": f"{first['department']} + n % {DEPARTMENTS}",
            "due_on": "current_date + 30 - n::int / 7 % 47",
            "waiting_for_id": f"CASE WHEN {awaiting} THEN {first['institution']} + n % {INSTITUTIONS} END",
            "waiting_since": f"CASE WHEN {awaiting} THEN current_date - n::int % 30 END",
        }),
        "cases_caseevent": (cases, {"case_id": f"{case} + n"}),
        # Of those that were asked for, one in a hundred is still to come.
        "cases_opinion": (cases // 24, {
            "case_id": f"{case} + 24 * n - 12", "institution_id": f"{first['institution']} + n % {INSTITUTIONS}",
            "due_on": "current_date + 15 - n::int % 40", "answered_on": "CASE WHEN n % 101 > 0 THEN current_date END",
        }),
        "cases_review": (cases // 50, {"looked_at": "CASE WHEN n % 20 > 0 THEN now() END"}),
        "cases_unmatched": (500 * SENDERS, {"sender": f"'DMS ' || n % {SENDERS}", "mark": "md5(n::text)"}),
        "messaging_contact": (CONTACTS, {"address": "'lists' || n"}),
        "notices_consent": (cases * 2 // 3, {"case_id": f"{case} + n"}),
        "notices_subscription": (cases // 2, {
            "consent_id": f"{consent} + n", "case_id": f"{case} + n", "contact_id": f"{contact} + 1 + n % {CONTACTS}",
        }),
        "notices_unbound": (cases // 50, {"consent_id": lonely}),
        "notices_invitation": (cases // 50, {"consent_id": lonely, "token_hash": "md5(n::text)", "opened_by_id": "NULL"}),
        # Of those that did not get through, one in ten is still to be told.
        "messaging_message": (cases, {
            "contact_id": f"{contact} + 1 + n % {CONTACTS}", "state": "CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'seen' END",
            "error": "CASE WHEN n % 100 = 0 THEN '6' ELSE '' END", "token": "4000000000000000000 + n",
            "ended_at": f"CASE WHEN n % 100 = 0 THEN now() - interval '80 days' * (1 - n / {cases}::float8) END",
            "settled_at": "CASE WHEN n % 100 = 0 AND n % 1000 > 0 THEN now() END",
        }),
        "notices_notice": (cases // 2, {
            "event_id": f"{event} + n", "subscription_id": f"{first['notices_subscription']} + n", "message_id": f"{message} + n",
        }),
        "conversation_question": (20_000, {
            "contact_id": f"{contact} + 1 + n", "answered_at": "CASE WHEN n % 20 > 0 THEN now() END",
        }),
        # Somebody has left long ago, and an action is not taken any more.
        "staff_entry": (cases, {
            "who": f"CASE WHEN n < {cases} / 20 THEN 'left' ELSE 'user' || n % {USERS} END",
            "action": f"CASE WHEN n < {cases} / 20 THEN 'counter:bulk' ELSE 'counter:case' END",
            "about": f"'cases/' || {case} + n", "digest": "md5(n::text)",
        }),
        "staff_mention": (cases, {"entry_id": f"{first['staff_entry']} + n", "about": f"'cases/' || {case} + n"}),
    }  # fmt: skip
    keys = {"cases_review": "event_id", "staff_entry": "no"}
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"], autocommit=True) as database:
        database.execute(
            "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off"
        )
        for table, (rows, changed) in multiplied.items():
            history.multiply(database, table, first[table], rows, changed, keys.get(table, "id"))
        _give_words(database, applicant)
        database.execute("UPDATE staff_tail SET no = (SELECT max(no) FROM staff_entry)")
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")
    place.do(_live_long, case)


def _live_long(case_id: int) -> None:
    """The first case gets a timeline, of which its citizen has heard every line."""
    from telal.cases.models import Case, Change
    from telal.conversation import bot
    from telal.notices.announcer import announce

    case = Case.objects.get(pk=case_id)
    for change in LONG_LIFE:
        case.move_to(Change(**change), source="counter", actor="user7")
        while announce(bot.menu):
            pass


def _one_of(words: Sequence[str], n: str) -> str:
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


# What stands in a key: the middle of each list.
_MIDDLES = {
    "case": "SELECT id FROM cases_case",
    "message": "SELECT id FROM messaging_message",
    "question": "SELECT id FROM conversation_question",
    "opinion": "SELECT id FROM cases_opinion",
    "unbound": "SELECT id FROM notices_unbound",
    "review": "SELECT event_id FROM cases_review",
    "unmatched": "SELECT id FROM cases_unmatched",
    "entry": "SELECT no FROM staff_entry",
    "officer": "SELECT id FROM cases_officer",
    "institution": "SELECT id FROM cases_institution",
    "due": "SELECT current_date",
    "day": "SELECT current_date - 60",
    "long": "SELECT min(id) FROM cases_case",
}


def _middle(place: Place) -> dict[str, object]:
    with psycopg.connect(place.environment["TELAL_DATABASE_URL"]) as database:
        middle = {
            name: _only(
                database,
                f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY it) FROM ({rows}) AS listed(it)",
            )
            for name, rows in _MIDDLES.items()
        }
        changed_at = _only(database, f"SELECT changed_at FROM cases_case WHERE id = {middle['case']}")
    return middle | {"changed_at": changed_at.isoformat().replace("+", "%2B")}


def _only(database: psycopg.Connection[Any], statement: str) -> Any:
    row = database.execute(statement).fetchone()
    assert row
    return row[0]


def look(visit: Visit, deep: dict[str, Any], rounds: int) -> tuple[list[float], list[float], str]:
    """The milliseconds that each round took, after one to warm up, by the clock and of this processor; and the plan of the page's
    slowest statement but what the menu counts.
    """
    client = _clerk()
    address = visit.address.format(**deep)
    if visit.sought:
        address = client.post("/counter/search", {"q": visit.sought}, headers=HOST).headers["Location"]
    times, processor = [], []
    for _ in range(rounds + 1):
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(address, headers=HOST)
        times.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
        assert answer.status_code == 200, (address, answer.status_code)
    asked = _asked(client, address)
    own = {statement: took for statement, took in asked.items() if not statement.startswith(_COUNTS)}
    return (
        times[1:],
        processor[1:],
        f"{len(asked)} statements that read.\n\n{_plan(max(own, key=own.__getitem__))}",
    )


def look_at_menu() -> str:
    """The plan of what every page counts."""
    asked = _asked(_clerk(), "/counter/")
    return _plan(next(statement for statement in asked if statement.startswith(_COUNTS)))


_COUNTS = "SELECT (SELECT count(*)"


def _asked(client: Any, address: str) -> dict[str, float]:
    """What the page reads, and how many seconds that took: the least of a few times, for chance only adds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    least: dict[int, tuple[str, float]] = {}
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            client.get(address, headers=HOST)
        reads = [one for one in captured.captured_queries if one["sql"].startswith("SELECT")]
        for place, one in enumerate(reads):
            took = float(one["time"])
            least[place] = one["sql"], min(took, least[place][1] if place in least else took)
    return dict(least.values())


def _plan(statement: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}".replace("%", "%%"), [])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    # Hundreds of ids say no more than a few.
    plan = re.sub(r"(\d+,\d+),[\d,]{200,}", r"\1,…", plan)
    return f"```\n{plan}\n```"


def _administrator() -> Any:
    from django.contrib.auth.models import Group, User

    user, _ = User.objects.get_or_create(username="amra")
    user.groups.set([Group.objects.get_or_create(name="administrator")[0]])
    return user


def _clerk() -> Any:
    from django.test import Client

    client = Client()
    client.force_login(_administrator())
    return client


def _written(plans: dict[str, str], cases: int) -> str:
    parts = [
        "# How the lists find what they show",
        f"Made by `python -m bench lists --plans docs/lists.md` with {cases:,} cases and as many messages, of {APPLICANTS:,} "
        "applicants: of each page, the plan of its slowest statement but the menu's. Figures: [performance.md](performance.md).",
        *(f"## {name}\n\n{plan}" for name, plan in plans.items()),
    ]
    return "\n\n".join(parts) + "\n"
