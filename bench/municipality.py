"""A register to measure with: people, their cases, what happens to them. Made in bulk, in a process with Django set up."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice

# Few municipalities write to everybody in the same language.
_LANGUAGES = ("bs", "bs", "bs", "bs", "bs", "bs", "hr", "sr", "sr", "en")

# What happens to a case, in turn; no line says the same as the one before.
_WAYS = (
    {"status": "assigned"},
    {"status": "in_progress"},
    {"status": "awaiting_other_body", "waiting_for": "KJKP Vodovod i kanalizacija"},
    {"status": "decided", "outcome": "granted"},
)


def settle(name: str, people: list[str], connected: bool = True, each: int = 1) -> list[str]:
    """So many cases for each of these addresses, one person's after another's; heard of by them if they are ``connected``.

    Returns the cases' references.
    """
    from django.db import transaction

    refs = [f"{name}-{n}" for n in range(len(people) * each)]
    for first in range(0, len(people), _AT_ONCE):
        some = people[first : first + _AT_ONCE]
        with transaction.atomic():
            cases = _open_cases(refs[first * each : (first + len(some)) * each])
            if connected:
                _connect(cases, some, each)
    return refs


def number(ref: str) -> str:
    """What is written on the slip of the case of this reference."""
    return f"06-23-{ref.rpartition('-')[2]}/26"


# A case that has lived has at most so many lines.
_STAGES = 5

# No transaction stays open for long: the product does not allow it.
_AT_ONCE = 2000


def _open_cases(refs: list[str]) -> list:  # type: ignore[type-arg]
    from django.utils import timezone

    from telal.cases.models import Applicant, Case, CaseEvent, Department, Officer, number_key

    now = timezone.now()
    department = Department.called("Služba za urbanizam")
    officer = Officer.called("Alma Destanović", "033 282 385", "14")
    applicants = Applicant.objects.bulk_create(Applicant(name=f"Ivana {ref}") for ref in refs)
    numbers = [number(ref) for ref in refs]
    cases = Case.objects.bulk_create(
        Case(
            ref=ref, number=written, number_key=number_key(written, now.year), kind="administrative",
            subject="Urbanistička saglasnost", applicant=applicant, received_on=now.date(), status="received",
            department=department, officer=officer, changed_at=now, events_count=1,
        )
        for ref, written, applicant in zip(refs, numbers, applicants, strict=True)
    )  # fmt: skip
    CaseEvent.objects.bulk_create(_line(case, 1, {"status": "received"}) for case in cases)
    return cases


def _connect(cases: list, addresses: list[str], each: int) -> None:  # type: ignore[type-arg]
    from django.utils import timezone

    from telal.messaging.models import Contact
    from telal.notices.models import Consent, Subscription

    now = timezone.now()
    contacts = Contact.objects.bulk_create(
        Contact(channel="viber", address=address, name="Ivana", language=language, reachable=True)
        for address, language in zip(addresses, cycle(_LANGUAGES), strict=False)
    )
    heard_by = [contact for contact in contacts for _ in range(each)]
    consents = Consent.objects.bulk_create(
        Consent(
            case=case, person=case.applicant.name, language=contact.language, given_at=now, recorded_by="Amra",
            medium="paper", text_version="2026-1",
        )
        for case, contact in zip(cases, heard_by, strict=True)
    )  # fmt: skip
    Subscription.objects.bulk_create(
        Subscription(consent=consent, case=consent.case, contact=contact, created_at=now, told_through=1)
        for consent, contact in zip(consents, heard_by, strict=True)
    )


def change(name: str, each: int) -> int:
    """So many untold lines for each case of this name; returns how many that is."""
    from telal.cases.models import Case, CaseEvent, Untold

    cases = list(Case.objects.filter(ref__startswith=f"{name}-").order_by("id"))
    lines = _lines(cases, each)
    while some := list(islice(lines, _AT_ONCE)):
        Untold.objects.bulk_create(Untold(event=event) for event in CaseEvent.objects.bulk_create(some))
    Case.objects.filter(ref__startswith=f"{name}-").update(events_count=cases[0].events_count + each)
    return len(cases) * each


def live(name: str) -> None:
    """The cases of this name come to stand at different stages, as if all of it had been told."""
    from telal.cases.models import Case, CaseEvent

    cases = list(Case.objects.filter(ref__startswith=f"{name}-").order_by("id"))
    for stage in range(1, _STAGES):
        further = [case for place, case in enumerate(cases) if place % _STAGES >= stage]
        for first in range(0, len(further), _AT_ONCE):
            CaseEvent.objects.bulk_create(_lines(further[first : first + _AT_ONCE], 1))
        for case in further:
            case.events_count += 1
        Case.objects.filter(pk__in=[case.pk for case in further]).update(events_count=stage + 1)


def _lines(cases: list, each: int) -> Iterator:  # type: ignore[type-arg]
    for n in range(each):
        for case in cases:
            no = case.events_count + 1 + n
            yield _line(case, no, _WAYS[no % len(_WAYS)])


def _line(case, no: int, way: dict[str, str]):  # type: ignore[no-untyped-def]
    from telal.cases.models import CaseEvent

    return CaseEvent(
        case=case, no=no, department="Služba za urbanizam", officer="Alma Destanović",
        officer_phone="033 282 385", officer_room="14",
        due_on=case.received_on + timedelta(days=30), occurred_at=case.changed_at, recorded_at=case.changed_at, source="api",
        expected=True, is_news=True, **way,
    )  # fmt: skip


def tidy() -> None:
    """What PostgreSQL does by itself within a minute, by its own thresholds, so that no round depends on when it comes by."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("ANALYZE")
            return
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            """
            SELECT relname, n_mod_since_analyze > 50 + 0.1 * n_live_tup,
                n_dead_tup > 50 + 0.2 * n_live_tup OR n_ins_since_vacuum > 1000 + 0.2 * n_live_tup
            FROM pg_stat_user_tables
            """
        )
        for table, is_out_of_date, is_worn in cursor.fetchall():
            if is_out_of_date or is_worn:
                cursor.execute(f"{'VACUUM ANALYZE' if is_worn else 'ANALYZE'} {table}")
