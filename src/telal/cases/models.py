"""What happened: cases, the people and offices in them, and the timeline.

A case changes through one door, ``Case.move_to``. It writes one ``CaseEvent`` and one ``Untold`` in the same transaction and
knows nothing more; whoever tells people about it takes it from there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar, Literal

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from telal import spans, sql, tracing
from telal.cases import deadlines, rules, statuses
from telal.cases.deadlines import Clock, Moment, Reckoning
from telal.cases.names import DEPARTMENT, INSTITUTION, OFFICER, Named, tidied
from telal.cases.names import Department as Department
from telal.cases.names import Institution as Institution
from telal.cases.names import Officer as Officer
from telal.cases.numbers import canonical_key
from telal.cases.rules import Kind as Kind
from telal.cases.rules import Service as Service
from telal.cases.standing import due, is_open, standing
from telal.cases.words import LONGEST_WORD, name_words
from telal.sealing.fields import KeyedHashField, SealedTextField
from telal.sealing.known_keys import keyed_hash

# Where the announcer, which does without models, finds what is sealed.
CASE_SUBJECT = "cases_case.subject"
# The source of a line that says only that the deadline is another one now.
CLOCK = "clock"

log = structlog.get_logger(__name__)


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
        with transaction.atomic(savepoint=False):
            applicant, is_new = cls.objects.get_or_create(
                name=tidied(name), phone_hash=keyed_hash(phone), defaults={"phone": phone}
            )
            if is_new:
                NameWord.objects.bulk_create(NameWord.of(applicant))
        return applicant


class NameWord(models.Model):
    """A word of an applicant's name, folded: what a clerk who types its beginning finds them by."""

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=LONGEST_WORD)

    class Meta:
        indexes: ClassVar = [
            # A beginning is found in an index only where letters are compared one by one.
            models.Index(
                fields=["word", "applicant"], name="name_word", opclasses=["varchar_pattern_ops", "int8_ops"]
            )
        ]

    def __str__(self) -> str:
        return self.word

    @classmethod
    def of(cls, applicant: Applicant) -> "list[NameWord]":
        return [cls(applicant=applicant, word=word) for word in name_words(applicant.name)]

    @staticmethod
    def beginning_with(start: str) -> Q:
        # SQLite does not look for LIKE in an index.
        return (
            Q(word__startswith=start)
            if sql.on_postgres()
            else Q(word__gte=start, word__lt=f"{start}\U0010ffff")
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What a move brings. None leaves a field of the case as it is; an empty string clears it.

    ``occurred_at`` is when it happened in the world (now, if not given); ``key`` makes a repeated move harmless. ``due_counted``
    gives a deadline that somebody had given back to the clock.
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
    due_counted: bool = False


class Serial(models.Func):
    """The serial of a canonical number: ``1847`` of ``06-23-1847/2026``.

    Without parameters, for SQLite would not find the index of an expression with any.
    """

    _base = "RTRIM(RTRIM(%(expressions)s, '0123456789?'), '/')"
    template = f"SUBSTR({_base}, LENGTH(RTRIM({_base}, '0123456789')) + 1)"
    arity = 1
    output_field = models.CharField()


class Reduced(Exception):
    """This belongs to a time whose data has been dropped: it is known, and is not taken in again."""


class Case(models.Model):
    """Predmet.

    ``ref`` is its id in the municipality's own system; ``number`` the one on paper; ``number_key`` its canonical form.
    ``due_on`` is the deadline for deciding: as somebody has given it (``due_given``), else as the clock has it. The next four
    fields are the clock's (see ``deadlines.Clock``), so that a change need not read the timeline; where it must, ``held_days`` is
    None.
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
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    due_on = models.DateField(null=True, blank=True)
    due_given = models.BooleanField(default=False)
    counted_from = models.DateField(null=True, blank=True)
    held_days = models.PositiveIntegerField(null=True, blank=True, default=0)
    held_since = models.DateField(null=True, blank=True)
    asked_others = models.BooleanField(default=False)

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
        indexes: ClassVar = [
            models.Index(fields=["-changed_at", "-id"], name="case_by_change"),
            # Work lists: of one officer, of one department, of all. A closed case is in none of them.
            models.Index("officer", standing(), due(), "id", name="open_of_officer", condition=is_open()),
            models.Index(
                "department", standing(), due(), "id", name="open_of_department", condition=is_open()
            ),
            models.Index(standing(), due(), "id", name="open_of_all", condition=is_open()),
            models.Index(Serial("number_key"), name="case_by_serial"),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def register(
        cls, *, source: str, actor: str = "", occurred_at: datetime | None = None, **fields: Any
    ) -> "Case":
        """Open a case: the row and the first line of its timeline, *received*. Raises IntegrityError when ``ref`` is taken."""
        with transaction.atomic():
            case = cls(status="received", changed_at=timezone.now(), **fields)
            case.due_given = case.due_on is not None
            case.number_key = number_key(case.number, case.received_on.year)
            case.save(force_insert=True)
            case.newest = None
            change = Change("received", occurred_at=occurred_at or _start_of(case.received_on))
            case.write_down(change, source=source, actor=actor)
        return case

    def move_to(
        self, change: Change, *, source: str, actor: str = "", hold: timedelta = timedelta()
    ) -> "CaseEvent":
        """The one door: write one line of the timeline and what the case now is, in one transaction.

        ``source`` is where it came from (``counter``, ``api``, ``import``), ``actor`` who did it. An unusual move is accepted and
        marked ``expected=False``, because registers are corrected by hand. For as long as ``hold`` nobody is told, and the move can
        be taken back.
        Raises KeyError for an unknown status or outcome, and Reduced for what happened before the case was reduced; what happened
        later opens the case again.
        """
        with transaction.atomic():
            (case,) = Case.locked("id", [self.pk])
            event = case.write_down(change, source=source, actor=actor, hold=hold)
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
            SELECT {sql.columns(c=Case)}, {sql.looked_up(DEPARTMENT, "c.department_id")}, {sql.looked_up(OFFICER, "c.officer_id")},
                {sql.looked_up(INSTITUTION, "c.waiting_for_id")}, {sql.columns(e=CaseEvent)}
            FROM cases_case c
            LEFT JOIN cases_caseevent e ON e.case_id = c.id AND e.no = c.events_count
            WHERE c.id IN ({sql.places(ids)}) ORDER BY c.id
            """,  # noqa: S608  (built from the models and constants)
            ids, Case, DEPARTMENT, OFFICER, INSTITUTION, CaseEvent,
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
            Opinion.objects.filter(case__in=cases).delete()
            Note.objects.filter(case__in=cases).delete()
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

    def write_down(
        self, change: Change, *, source: str, actor: str = "", hold: timedelta = timedelta()
    ) -> "CaseEvent":
        """``move_to`` for one who has the case ``locked`` already."""
        statuses.STATUSES[change.status]
        if change.outcome:
            statuses.OUTCOMES[change.outcome]
        occurred_at = change.occurred_at or timezone.now()
        if self.reduced_at and occurred_at <= self.reduced_at:
            raise Reduced
        self.reduced_at = None
        before, held = self.newest, self._held(hold)
        self._take(change, timezone.localdate(occurred_at))
        self._run_clock(before, occurred_at)
        event = self._line(change.note, occurred_at, source, actor)
        event.key, event.fingerprint = change.key, change.fingerprint
        event.expected = _is_expected(before, self.status, self.kind, occurred_at)
        event.is_news = before is None or event.tells_more_than(before)
        self._add(event, held)
        if source in _FROM_THE_DMS and _wants_a_look(before, event):
            Review.objects.create(event=event)
        return event

    def take_back(self, held: "Untold", *, actor: str, is_news: bool) -> "CaseEvent":
        """Undo the newest line, whose hold the caller has ended: the case is what it was, and a new line says so.

        For one who has the case ``locked``. ``is_news``: may somebody have heard of what is taken back?
        """
        undone = self.newest
        assert undone is not None
        assert undone.pk == held.event_id
        earlier = self.events.get(no=undone.no - 1)
        for name, value in (held.before or {}).items():
            field = Case._meta.get_field(name)
            setattr(self, field.attname, field.to_python(value))  # type: ignore[union-attr]
        self.changed_at = timezone.now()
        event = self._line("", earlier.occurred_at, undone.source, actor)
        event.key = f"{TAKING_BACK}{undone.no}"
        event.expected, event.is_news = True, is_news
        Opinion.objects.filter(asked_in=undone).delete()
        Opinion.objects.filter(answered_in=undone).update(
            answered_in=None, answered_on=None, answer="", answered_by=""
        )
        return self._add(event, None)

    def _held(self, hold: timedelta) -> "Untold | None":
        """What the case is before a move that may be taken back, and until when; None for one that may not."""
        if not hold:
            return None
        before = _kept(self, [field for field in _MOVING if field.name not in _NOT_TAKEN_BACK])
        return Untold(not_before=sql.database_now() + hold, before=before)

    def _line(self, note: str, occurred_at: datetime, source: str, actor: str) -> "CaseEvent":
        """The next line of the timeline: what the case is now."""
        self.events_count += 1
        return CaseEvent(
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
            note=note,
            occurred_at=occurred_at,
            recorded_at=timezone.now(),
            source=source,
            actor=actor,
            trace=tracing.current(),
        )

    def _add(self, event: "CaseEvent", held: "Untold | None") -> "CaseEvent":
        event.pk = self._keep_with(event, held)
        self.newest = event
        transaction.on_commit(partial(event._tell_recorded, tracing.callers_span()))
        return event

    def _keep_with(self, event: "CaseEvent", held: "Untold | None") -> int:
        """Write what the case now is, the new line, and that nobody has been told of it. Returns the id of the line.

        PostgreSQL, a journey away, gets it in one statement.
        """
        moved, line = _kept(self, _MOVING), _kept(event, _LINE)
        waits = _kept(held, _WAITING) if held else {}
        columns, marks = (
            "".join(f", {column}" for column in waits),
            "".join(f", {mark}" for mark in _marks(waits)),
        )
        move = f"UPDATE cases_case SET {' = %s, '.join(moved)} = %s WHERE id = %s"  # noqa: S608
        add = f"INSERT INTO cases_caseevent ({', '.join(line)}) VALUES ({sql.places(line)}) RETURNING id"  # noqa: S608
        moving, adding, waiting = [*moved.values(), self.pk], list(line.values()), list(waits.values())
        leave = f"INSERT INTO cases_untold (event_id{columns}) SELECT "
        if sql.on_postgres():
            leave_untold = f"{leave}id{marks} FROM line RETURNING event_id"
            return sql.write(
                f"WITH moved AS ({move}), line AS ({add}) {leave_untold}", moving + adding + waiting
            )
        sql.write(f"{move} RETURNING id", moving)
        return sql.write(f"{leave}%s{marks} RETURNING event_id", [sql.write(add, adding), *waiting])

    def _take(self, change: Change, on: date) -> None:
        """The fields of the case after the change. Waiting ends by itself when the status says so."""
        self.status = change.status
        if change.department is not None:
            self.department = Department.called(change.department, known=self.department)
        if change.officer is not None:
            self.officer = Officer.called(
                change.officer, change.officer_phone, change.officer_room, known=self.officer
            )
        if change.due_on is not None:
            self.due_on, self.due_given = change.due_on, True
        elif change.due_counted:
            self.due_given = False
        if change.outcome is not None:
            self.outcome = change.outcome
        elif not statuses.may_carry_outcome(change.status):
            self.outcome = ""
        waiting_for = (
            self.waiting_for
            if change.waiting_for is None
            else Institution.called(change.waiting_for, known=self.waiting_for)
        )
        if change.status != "awaiting_other_body":
            self.waiting_for, self.waiting_since = None, None
        elif self.waiting_since is None or waiting_for != self.waiting_for:
            self.waiting_for, self.waiting_since = waiting_for, on
        self.changed_at = timezone.now()

    # ── Its deadline ─────────────────────────────────────────────────────────────────────────────────────────────

    def reckoning(self, moments: Sequence[Moment] | None = None) -> Reckoning | None:
        """The deadline as the clock has it now, and how it comes about; None where nothing sets one, or somebody has given it.

        ``moments``, where they are read already, are the case's.
        """
        if self.due_given:
            return None
        kept = rules.in_force()
        clock = self.clock(moments)
        days = deadlines.days_for(self.kind, kept.terms(self.service_id), clock, kept.rules)
        return deadlines.reckon(self.counts_from(), days, clock, kept.working_days)

    def counts_from(self) -> date | None:
        return deadlines.start(rules.in_force().rules, self.received_on, self.complete_since)

    def clock(self, moments: Sequence[Moment] | None = None) -> Clock:
        """What the timeline has done to the deadline."""
        return self._clock() or deadlines.wound(
            moments_of([self.pk]).get(self.pk, []) if moments is None else moments, self.counts_from()
        )

    def count_anew(self, *, source: str, actor: str = "") -> "CaseEvent | None":
        """For one who has the case ``locked``: if the deadline is another one by now, a line of the timeline that says so.

        It happens when the line did on which it stands: nothing else has happened since.
        """
        if self.due_given or self.newest is None or not deadlines.is_ticking(self.status):
            return None
        reckoning = self.reckoning()
        if self.due_on == (reckoning.due_on if reckoning else None):
            return None
        change = Change(self.status, occurred_at=self.newest.occurred_at)
        return self.write_down(change, source=source, actor=actor)

    def _run_clock(self, before: "CaseEvent | None", occurred_at: datetime) -> None:
        """What this line does to the deadline. A date that somebody has given stays.

        What the clock would have, the timeline knows, should it be wanted again.
        """
        if self.due_given:
            self.held_days = None
            return
        clock = self._clock()
        line = Moment(occurred_at, self.events_count + 1, timezone.localdate(occurred_at), self.status)
        earlier: Sequence[Moment] = ()
        if clock and (before is None or before.occurred_at <= occurred_at):
            after = clock.after(before.status if before else "", line.status, line.on, self.counts_from())
        else:
            earlier = moments_of([self.pk]).get(self.pk, [])
            after = deadlines.wound([*earlier, line], self.counts_from())
        self._keep_clock(after)
        if deadlines.is_ticking(self.status) or (clock and clock != after):
            reckoning = self.reckoning()
            self.due_on = reckoning.due_on if reckoning else None
        if any(line < moment for moment in earlier) or (after.counted_from or self.counts_from()) is None:
            # News that came late, or nobody knows yet from when it counts: who comes next cannot go by the last line alone.
            self.held_days = None

    def _clock(self) -> Clock | None:
        if self.held_days is None:
            return None
        return Clock(self.counted_from, self.held_days, self.held_since, self.asked_others)

    def _keep_clock(self, clock: Clock) -> None:
        self.counted_from, self.held_days = clock.counted_from, clock.held
        self.held_since, self.asked_others = clock.held_since, clock.asked_others


def _is_same(one: Named | None, name: str) -> bool:
    return one.is_known_as(name) if one else not name


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

    def tells_more_than(self, before: "CaseEvent") -> bool:
        """Would a citizen who has read ``before`` learn something? Not when one and the same is only called something else now."""
        return self.told_facts() != before.told_facts() and (
            (self.status, self.outcome, self.due_on) != (before.status, before.outcome, before.due_on)
            or not all(
                _is_same(now, name)
                for now, name in (
                    (self.case.department, before.department),
                    (self.case.officer, before.officer),
                    (self.case.waiting_for, before.waiting_for),
                )
            )
        )


# Begins the key of a line that takes another back; the number of that one follows.
TAKING_BACK = "counter:undo:"


def taken_back_by(key: str | None) -> int | None:
    """The number of the line that the one with this key takes back, if it is such a one."""
    begins, _, no = (key or "").rpartition(":")
    return int(no) if f"{begins}:" == TAKING_BACK and no.isdecimal() else None


def moments_of(case_ids: Collection[int]) -> dict[int, list[Moment]]:
    """Timelines as the clock sees them, by the id of their case: without what was taken back."""
    found: dict[int, list[Moment]] = defaultdict(list)
    undone: set[tuple[int, int]] = set()
    lines = CaseEvent.objects.filter(case__in=case_ids).order_by()
    for case_id, at, no, status, key in lines.values_list("case_id", "occurred_at", "no", "status", "key"):
        if (taken_back := taken_back_by(key)) is not None:
            undone |= {(case_id, taken_back), (case_id, no)}
        found[case_id].append(Moment(at, no, timezone.localdate(at), status))
    return {
        case_id: [moment for moment in moments if (case_id, moment.no) not in undone]
        for case_id, moments in found.items()
    }


# What a move may change of a case, and what it writes.
_MOVING = [
    Case._meta.get_field(name)
    for name in (
        "status", "outcome", "department", "officer", "waiting_for", "waiting_since", "due_on", "changed_at", "events_count",
        "reduced_at", "due_given", "counted_from", "held_days", "held_since", "asked_others",
    )
]  # fmt: skip
_NOT_TAKEN_BACK = ("changed_at", "events_count", "reduced_at")
_LINE = [field for field in CaseEvent._meta.concrete_fields if not field.primary_key]


class Untold(models.Model):
    """A line of the timeline that nobody has dealt with yet. Whoever tells people deletes it when they have.

    ``not_before``: until then nobody is told, and the line may be taken back, which makes the case again what it was ``before``.
    """

    event = models.OneToOneField(CaseEvent, on_delete=models.CASCADE, primary_key=True, related_name="untold")
    not_before = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["not_before"], name="untold_held", condition=Q(not_before__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.event_id)


_WAITING = [field for field in Untold._meta.concrete_fields if not field.primary_key]


def _marks(columns: Iterable[str]) -> list[str]:
    """Placeholders whose types PostgreSQL cannot guess in a SELECT."""
    kinds = {field.column: field.db_type(connection) for field in _WAITING}
    return [f"%s::{kinds[column]}" if sql.on_postgres() else "%s" for column in columns]


class Opinion(models.Model):
    """Mišljenje ili saglasnost: what another body was asked for in a case, by when, and what came of it.

    ``answer`` is for the staff alone. ``asked_in`` and ``answered_in`` are the lines of the timeline that were written with it:
    taking one back takes this back.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="opinions")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="opinions")
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=150)
    asked_in = models.ForeignKey(
        CaseEvent, on_delete=models.CASCADE, null=True, blank=True, related_name="opinions_asked"
    )
    due_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_in = models.ForeignKey(
        CaseEvent, on_delete=models.SET_NULL, null=True, blank=True, related_name="opinions_answered"
    )
    answer = SealedTextField(blank=True)

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "institution"],
                name="opinion_asked_once",
                condition=Q(answered_on__isnull=True),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on", "id"], name="opinion_by_due", condition=Q(answered_on__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.institution_id}"

    @property
    def days_late(self) -> int:
        """Not yet answered, and so many days after it was due."""
        return 0 if self.answered_on else max(0, (timezone.localdate() - self.due_on).days)


class Note(models.Model):
    """What the staff tell each other about a case; citizens never see it. Written once, never edited (the database refuses)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    text = SealedTextField()
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField()
    key = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return str(self.pk)


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
