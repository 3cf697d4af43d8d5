"""What happened: cases, the people and offices in them, and the timeline.

A case changes through one door, ``Case.move_to``. It writes one ``CaseEvent`` and one ``Untold`` in the same transaction and
knows nothing more; whoever tells people about it takes it from there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, ClassVar, Literal, Self

import structlog
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from telal import spans, sql, tracing
from telal.cases import statuses
from telal.cases.numbers import canonical_key
from telal.sealing.fields import KeyedHashField, SealedTextField
from telal.sealing.known_keys import keyed_hash

# Where the announcer, which does without models, finds what is sealed.
CASE_SUBJECT = "cases_case.subject"

log = structlog.get_logger(__name__)


def _named(name: str) -> str:
    return " ".join(name.split())


class Named(models.Model):
    """Something that is known by its name, and made when it is first mentioned."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(cls, name: str, known: Self | None = None) -> Self | None:
        """The one of this name, made on first mention; None for an empty name. ``known`` saves the look-up where it is it."""
        if known and known.name == _named(name):
            return known
        return cls._default_manager.get_or_create(name=_named(name))[0] if name.strip() else None


class Department(Named):
    """Služba: who a case is assigned to."""


class Institution(Named):
    """Another body whose opinion or consent a case may await."""


class Officer(models.Model):
    """Službenik: who works on a case. ``phone`` and ``room`` are shown to citizens as written."""

    name = models.CharField(max_length=200, unique=True)
    phone = models.CharField(max_length=60, blank=True)
    room = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(
        cls, name: str, phone: str = "", room: str = "", known: "Officer | None" = None
    ) -> "Officer | None":
        """The officer of this name, made on first mention; a phone or room given now replaces the known one.

        ``known`` saves the look-up where it is they.
        """
        if not name.strip():
            return None
        officer = known
        if officer is None or officer.name != _named(name):
            officer, _ = cls.objects.get_or_create(name=_named(name), defaults={"phone": phone, "room": room})
        changed = {
            field: value
            for field, value in (("phone", phone), ("room", room))
            if value and getattr(officer, field) != value
        }
        if changed:
            for field, value in changed.items():
                setattr(officer, field, value)
            officer.save(update_fields=list(changed))
        return officer


class Applicant(models.Model):
    """Stranka: a name and, where left, a phone number (E.164). A value: changed data is another row."""

    name = models.CharField(max_length=200)
    phone = SealedTextField(blank=True)
    phone_hash = KeyedHashField(of="phone")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "phone_hash"], name="applicant_once")
        ]
        indexes: ClassVar = [models.Index(fields=["phone_hash"], name="applicant_by_phone")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(cls, name: str, phone: str = "") -> "Applicant":
        known = cls.objects.get_or_create(
            name=_named(name), phone_hash=keyed_hash(phone), defaults={"phone": phone}
        )
        return known[0]


class Kind(models.TextChoices):
    ADMINISTRATIVE = "administrative", "Upravni postupak"
    NON_ADMINISTRATIVE = "non_administrative", "Vanupravni predmet"
    CERTIFICATE = "certificate", "Uvjerenje ili izvod"


@dataclass(frozen=True, slots=True)
class Change:
    """What a move brings. None leaves a field of the case as it is; an empty string clears it.

    ``occurred_at`` is when it happened in the world (now, if not given); ``key`` makes a repeated move harmless.
    """

    status: str
    occurred_at: datetime | None = None
    department: str | None = None
    officer: str | None = None
    officer_phone: str = ""
    officer_room: str = ""
    waiting_for: str | None = None
    outcome: str | None = None
    due_on: date | None = None
    note: str = ""
    key: str | None = None
    fingerprint: str = ""


class Reduced(Exception):
    """This belongs to a time whose data has been dropped: it is known, and is not taken in again."""


class Case(models.Model):
    """Predmet.

    ``ref`` is its id in the municipality's own system; ``number`` the one on paper; ``number_key`` its canonical form.
    ``reduced_at`` is when the copy of its data was dropped: what is left says of nobody anything, and keeps it from coming back.
    """

    ref = models.CharField(max_length=200, unique=True)
    number = models.CharField(max_length=100)
    number_key = models.CharField(max_length=100, db_index=True)
    barcode = models.CharField(max_length=20, blank=True, db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject = SealedTextField()
    sensitive = models.BooleanField(default=False)
    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="cases")

    received_on = models.DateField()
    complete_since = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)

    status = models.CharField(max_length=30)
    outcome = models.CharField(max_length=20, blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    officer = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    waiting_for = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    waiting_since = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()
    events_count = models.PositiveIntegerField(default=0)
    reduced_at = models.DateTimeField(null=True, blank=True)

    # The last line of the timeline; read with the lock.
    newest: "CaseEvent | None"

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-changed_at", "-id"], name="case_by_change")]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def register(
        cls, *, source: str, actor: str = "", occurred_at: datetime | None = None, **fields: Any
    ) -> "Case":
        """Open a case: the row and the first line of its timeline, *received*. Raises IntegrityError when ``ref`` is taken."""
        with transaction.atomic():
            case = cls(status="received", changed_at=timezone.now(), **fields)
            case.number_key = number_key(case.number, case.received_on.year)
            case.save(force_insert=True)
            case.newest = None
            change = Change("received", occurred_at=occurred_at or _start_of(case.received_on))
            case.write_down(change, source=source, actor=actor)
        return case

    def move_to(self, change: Change, *, source: str, actor: str = "") -> "CaseEvent":
        """The one door: write one line of the timeline and what the case now is, in one transaction.

        ``source`` is where it came from (``counter``, ``api``, ``import``), ``actor`` who did it. An unusual move is accepted and
        marked ``expected=False``, because registers are corrected by hand.
        Raises KeyError for an unknown status or outcome, and Reduced for what happened before the case was reduced; what happened
        later opens the case again.
        """
        with transaction.atomic():
            (case,) = Case.locked("id", [self.pk])
            event = case.write_down(change, source=source, actor=actor)
            self.refresh_from_db()
        return event

    @classmethod
    def locked(cls, column: Literal["id", "ref"], values: Sequence[int | str]) -> list["Case"]:
        """Cases to be changed, with all that a change needs, in the order of their ids. Unknown ones are missing.

        Two clerks, one case: the second waits here and then sees what the first did. So the lock comes first and a statement of
        its own: one that reads while it waits sees all other tables as they were before.
        """
        if not values:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM cases_case WHERE {column} IN ({sql.places(values)}) ORDER BY id {sql.locked()}",  # noqa: S608
                values,
            )
            ids = [id_ for (id_,) in cursor.fetchall()]
        return list(cls._with_all(ids)) if ids else []

    @classmethod
    def _with_all(cls, ids: Sequence[int]) -> Iterator["Case"]:
        rows = sql.read(
            f"""
            SELECT {sql.columns(c=Case)}, {sql.looked_up(Department, "c.department_id")}, {sql.looked_up(Officer, "c.officer_id")},
                {sql.looked_up(Institution, "c.waiting_for_id")}, {sql.columns(e=CaseEvent)}
            FROM cases_case c
            LEFT JOIN cases_caseevent e ON e.case_id = c.id AND e.no = c.events_count
            WHERE c.id IN ({sql.places(ids)}) ORDER BY c.id
            """,  # noqa: S608  (built from the models and constants)
            ids, Case, Department, Officer, Institution, CaseEvent,
        )  # fmt: skip
        for case, case.department, case.officer, case.waiting_for, case.newest in rows:
            yield case

    @classmethod
    def reduce(cls, pks: Sequence[int], now: datetime) -> int:
        """The one way out for a timeline: drop the copy of these closed cases' data, and leave what keeps them from coming back.

        What was told must be gone before, and nothing may be untold (the database refuses). Returns how many cases there were.
        """
        with transaction.atomic():
            cases = cls.objects.filter(pk__in=pks, reduced_at=None)
            applicants = list(cases.values_list("applicant", flat=True))
            Review.objects.filter(event__case__in=cases).delete()
            # As it is, without following relations: a line that is still to be told holds its case.
            lines = CaseEvent.objects.filter(case__in=cases)
            lines._raw_delete(lines.db)
            reduced = cases.update(
                reduced_at=now,
                applicant=Applicant.called(""),
                subject="",
                barcode="",
                officer=None,
                waiting_for=None,
            )
            Applicant.objects.filter(pk__in=applicants, cases=None).only("pk").delete()
        return reduced

    def write_down(self, change: Change, *, source: str, actor: str = "") -> "CaseEvent":
        """``move_to`` for one who has the case ``locked`` already."""
        statuses.STATUSES[change.status]
        if change.outcome:
            statuses.OUTCOMES[change.outcome]
        occurred_at = change.occurred_at or timezone.now()
        if self.reduced_at and occurred_at <= self.reduced_at:
            raise Reduced
        self.reduced_at = None
        before = self.newest
        self._take(change, timezone.localdate(occurred_at))
        self.events_count += 1
        event = CaseEvent(
            case=self,
            no=self.events_count,
            status=self.status,
            outcome=self.outcome,
            department=self.department.name if self.department else "",
            officer=self.officer.name if self.officer else "",
            officer_phone=self.officer.phone if self.officer else "",
            officer_room=self.officer.room if self.officer else "",
            waiting_for=self.waiting_for.name if self.waiting_for else "",
            waiting_since=self.waiting_since,
            due_on=self.due_on,
            note=change.note,
            occurred_at=occurred_at,
            recorded_at=timezone.now(),
            source=source,
            actor=actor,
            key=change.key,
            fingerprint=change.fingerprint,
            expected=_is_expected(before, self.status, self.kind, occurred_at),
            trace=tracing.current(),
        )
        event.is_news = before is None or event.told_facts() != before.told_facts()
        event.pk = self._keep_with(event)
        if source in _FROM_THE_DMS and _wants_a_look(before, event):
            Review.objects.create(event=event)
        self.newest = event
        transaction.on_commit(partial(event._tell_recorded, tracing.callers_span()))
        return event

    def _keep_with(self, event: "CaseEvent") -> int:
        """Write what the case now is, the new line, and that nobody has been told of it. Returns the id of the line.

        PostgreSQL, a journey away, gets it in one statement.
        """
        moved, line = _kept(self, _MOVING), _kept(event, _LINE)
        move = f"UPDATE cases_case SET {' = %s, '.join(moved)} = %s WHERE id = %s"  # noqa: S608
        add = f"INSERT INTO cases_caseevent ({', '.join(line)}) VALUES ({sql.places(line)}) RETURNING id"  # noqa: S608
        moving, adding = [*moved.values(), self.pk], list(line.values())
        if sql.on_postgres():
            leave_untold = "INSERT INTO cases_untold (event_id) SELECT id FROM line RETURNING event_id"
            return sql.write(f"WITH moved AS ({move}), line AS ({add}) {leave_untold}", moving + adding)
        sql.write(f"{move} RETURNING id", moving)
        return sql.write(
            "INSERT INTO cases_untold (event_id) VALUES (%s) RETURNING event_id", [sql.write(add, adding)]
        )

    def _take(self, change: Change, on: date) -> None:
        """The fields of the case after the change. Waiting ends by itself when the status says so."""
        self.status = change.status
        if change.department is not None:
            self.department = Department.called(change.department, self.department)
        if change.officer is not None:
            self.officer = Officer.called(
                change.officer, change.officer_phone, change.officer_room, self.officer
            )
        if change.due_on is not None:
            self.due_on = change.due_on
        if change.outcome is not None:
            self.outcome = change.outcome
        elif not statuses.may_carry_outcome(change.status):
            self.outcome = ""
        waiting_for = (
            self.waiting_for
            if change.waiting_for is None
            else Institution.called(change.waiting_for, self.waiting_for)
        )
        if change.status != "awaiting_other_body":
            self.waiting_for, self.waiting_since = None, None
        elif self.waiting_since is None or waiting_for != self.waiting_for:
            self.waiting_for, self.waiting_since = waiting_for, on
        self.changed_at = timezone.now()


# The municipality's own system: nobody has seen on a screen of ours what it was about to say.
_FROM_THE_DMS = ("api", "import")


def _wants_a_look(before: "CaseEvent | None", event: "CaseEvent") -> bool:
    """An unusual change, or one that takes back what a citizen may have read already."""
    return before is not None and (not event.expected or statuses.is_step_back(before.status, event.status))


def _kept(row: models.Model, fields: Iterable[Any]) -> dict[str, Any]:
    """What the database keeps of these fields, by column."""
    return {field.column: field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields}


def _start_of(day: date) -> datetime | None:
    """The beginning of a past day; None, for now, when the day is today."""
    if day >= timezone.localdate():
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


def _is_expected(before: "CaseEvent | None", status: str, kind: str, occurred_at: datetime) -> bool:
    if before is not None and occurred_at < before.occurred_at:
        return False
    return statuses.is_expected(before.status if before else None, status, kind)


def number_key(number: str, year: int) -> str:
    """The canonical key of a number as the register writes it; the number itself, tidied, where the grammar does not know it."""
    return canonical_key(number, year) or " ".join(number.upper().split())


class CaseEvent(models.Model):
    """One line of the timeline: what the case was after the change. Written once, never edited (the database refuses; only the
    note may be sealed anew, with another key).

    Names are copied, not referenced: a department renamed next year was still called so on that day.
    ``is_news`` is false when nothing a citizen is told differs from the line before. ``trace`` is the id of its path.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    no = models.PositiveIntegerField()
    status = models.CharField(max_length=30)
    outcome = models.CharField(max_length=20, blank=True)
    department = models.CharField(max_length=200, blank=True)
    officer = models.CharField(max_length=200, blank=True)
    officer_phone = models.CharField(max_length=60, blank=True)
    officer_room = models.CharField(max_length=60, blank=True)
    waiting_for = models.CharField(max_length=200, blank=True)
    waiting_since = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    note = SealedTextField(blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=20)
    actor = models.CharField(max_length=150, blank=True)
    key = models.CharField(max_length=200, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    expected = models.BooleanField()
    is_news = models.BooleanField()
    trace = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["case_id", "no"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "no"], name="event_number_once"),
            models.UniqueConstraint(fields=["case", "key"], name="event_key_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["trace"], name="event_by_trace", condition=Q(trace__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.no} {self.status}"

    def _tell_recorded(self, callers_span: int) -> None:
        """The line is on disk."""
        trace = self.trace.hex if self.trace else ""
        spans.tell(
            "change",
            trace,
            self.recorded_at,
            id_=spans.of_change(self.pk),
            parent=callers_span,
            case=self.case_id,
            case_event=self.pk,
            source=self.source,
        )
        log.info(
            "event_recorded",
            trace=trace,
            case=self.case_id,
            case_event=self.pk,
            status=self.status,
            source=self.source,
        )

    def told_facts(self) -> tuple[object, ...]:
        """What a citizen would read in a message about this line."""
        return (self.status, self.outcome, self.department, self.officer, self.waiting_for, self.due_on)


# What a move may change of a case, and what it writes.
_MOVING = [
    Case._meta.get_field(name)
    for name in (
        "status", "outcome", "department", "officer", "waiting_for", "waiting_since", "due_on", "changed_at", "events_count",
        "reduced_at",
    )
]  # fmt: skip
_LINE = [field for field in CaseEvent._meta.concrete_fields if not field.primary_key]


class Untold(models.Model):
    """A line of the timeline that nobody has dealt with yet. Whoever tells people deletes it when they have."""

    event = models.OneToOneField(CaseEvent, on_delete=models.CASCADE, primary_key=True, related_name="untold")

    def __str__(self) -> str:
        return str(self.event_id)


class Review(models.Model):
    """A change that came from the municipality's system and wants a look: is it right, and what has the citizen been told?

    ``looked_at`` and ``looked_by`` are of whoever found it right.
    """

    event = models.OneToOneField(CaseEvent, on_delete=models.CASCADE, primary_key=True, related_name="review")
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-event"], name="review_open", condition=Q(looked_at__isnull=True))
        ]

    def __str__(self) -> str:
        return str(self.event_id)


class Unmatched(models.Model):
    """Something from the municipality's system that Telal could not take in: kept, so that nothing is lost.

    ``source`` is how it came (``api``, ``import``), ``sender`` by which key or file, ``line`` where in it. ``said`` is what came,
    and ``change`` the same as a change (JSON), where it was understood and only the case was not known: it can be tried again.
    ``mark`` is the same for what comes again: it is counted (``times``) and not kept twice.
    """

    class End(models.TextChoices):
        TAKEN_IN = "taken_in", "raspoređeno"
        DISMISSED = "dismissed", "odbačeno"

    source = models.CharField(max_length=10)
    sender = models.CharField(max_length=150)
    line = models.PositiveIntegerField(null=True, blank=True)
    ref = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=30, blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    said = SealedTextField(blank=True)
    change = SealedTextField(blank=True)
    mark = models.CharField(max_length=64, unique=True)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=10, choices=End.choices, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-id"], name="unmatched_open", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["source", "sender", "-last_at", "-id"], name="unmatched_of_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"


class UnmatchedCount(models.Model):
    """How much of one sender's could not be taken in, ever: also what is kept no longer."""

    source = models.CharField(max_length=10)
    sender = models.CharField(max_length=150)
    total = models.PositiveBigIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "sender"], name="unmatched_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.total}"
