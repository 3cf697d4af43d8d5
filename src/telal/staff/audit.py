"""The audit log: written, verified and cut. Who records is asked for nothing: the doors do it for every screen, call and command.

Each entry is chained to the one before by a keyed hash. Whoever changes, removes or adds a line in the database shows, unless they
hold the installation's keys and the end of the chain was never noted elsewhere.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Thread

import structlog
from django.db import connection, transaction
from django.utils import timezone

from telal.sealing.known_keys import keyed_hash
from telal.sql import OUT_OF_REACH, healthy_connection
from telal.staff.models import Cut, Door, Entry, Mention, Tail

log = structlog.get_logger(__name__)

AT_ONCE = 2_000
LONGEST_MENTION = 210


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that has yet to find its place in the chain."""

    door: Door
    who: str
    action: str
    result: int
    address: str = ""
    about: tuple[str, ...] = ()
    at: datetime = field(default_factory=timezone.now)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the chain is worth: how many entries hold, which is the last, and the first that does not, and why."""

    entries: int
    head: Tail
    broken_at: int | None = None
    why: str = ""


def record(drafts: Sequence[Draft]) -> None:
    """Append them, in their order and in one transaction: one writer at a time has the end of the chain."""
    with transaction.atomic():
        tail, _ = Tail.objects.select_for_update().get_or_create(pk=1)
        entries = [_chained(tail, draft) for draft in drafts]
        Entry.objects.bulk_create(entries)
        Mention.objects.bulk_create(
            Mention(entry=entry, about=about)
            for entry, draft in zip(entries, drafts, strict=True)
            for about in draft.about
        )
        tail.save()


def _chained(tail: Tail, draft: Draft) -> Entry:
    said = asdict(draft) | {"about": " ".join(draft.about)}
    entry = Entry(no=tail.no + 1, **said)
    entry.digest = _digest(tail.digest, entry)
    tail.no, tail.digest = entry.no, entry.digest
    return entry


def _digest(before: str, entry: Entry) -> str:
    said = [before, entry.no, entry.at.astimezone(UTC).isoformat(), entry.door, entry.who, entry.address, entry.action,
            entry.result, entry.about]  # fmt: skip
    return keyed_hash(json.dumps(said, ensure_ascii=False, separators=(",", ":")))


# ── Does the chain hold? ─────────────────────────────────────────────────────────────────────────────────────────────


def verify() -> Verdict:
    """Reads all of it, as it is at this moment."""
    head, _ = Tail.objects.get_or_create(pk=1)
    cut = Cut.objects.order_by("-through").first()
    no, digest = (cut.through, cut.digest) if cut else (0, "")
    count = 0
    for entry in _in_order(no, head.no):
        if entry.no != no + 1:
            return Verdict(count, head, no + 1, "is missing")
        if entry.digest != _digest(digest, entry):
            return Verdict(count, head, entry.no, "was changed, or the one before it")
        no, digest, count = entry.no, entry.digest, count + 1
    if (no, digest) != (head.no, head.digest) or _goes_on_past_its_end():
        return Verdict(count, head, no + 1, "is missing, or the end of the chain was changed")
    return Verdict(count, head)


def _goes_on_past_its_end() -> bool:
    """Is there an entry that the end does not know? Whoever writes one moves the end with it; so the entries are asked first."""
    newest = Entry.objects.order_by("-no").values_list("no", flat=True).first() or 0
    return newest > Tail.objects.get(pk=1).no


def holds(digest: str) -> bool:
    """Is this a digest of the chain? For one that was noted elsewhere, earlier."""
    return bool(digest) and (
        Entry.objects.filter(digest=digest).exists() or Cut.objects.filter(digest=digest).exists()
    )


def _in_order(after: int, through: int) -> Iterator[Entry]:
    while batch := list(Entry.objects.filter(no__gt=after, no__lte=through).order_by("no")[:AT_ONCE]):
        yield from batch
        after = batch[-1].no


# ── The end of life ──────────────────────────────────────────────────────────────────────────────────────────────────


def cut(nos: Sequence[int], now: datetime) -> int:
    """Drop the beginning of the log, up to the last of these; the chain goes on from there. The database refuses young entries."""
    last = Entry.objects.get(no=max(nos))
    with transaction.atomic():
        Cut.objects.create(through=last.no, digest=last.digest, cut_at=now)
        Mention.objects.filter(entry__lte=last.no)._raw_delete("default")
        return Entry.objects.filter(no__lte=last.no)._raw_delete("default")


# ── At the doors ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Recorder:
    """Entries of the API, where hundreds of calls a second come in: written by a thread of its own, as many as there are at once.

    What is not written yet is lost with the process: less than a second. The changes themselves are in the timelines, which name
    their source and actor. Until ``start``, and after ``close``, entries are written at once.
    """

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Draft | None] = SimpleQueue()
        self._thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._write, name="audit", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Returns when everything is written."""
        if self._thread:
            thread, self._thread = self._thread, None
            self._waiting.put(None)
            thread.join()

    def __call__(self, draft: Draft) -> None:
        if self._thread:
            self._waiting.put(draft)
        else:
            record([draft])

    def _write(self) -> None:
        goes_on = True
        while goes_on:
            drafts, goes_on = self._gathered()
            if drafts:
                self._record(drafts)
        connection.close()

    def _gathered(self) -> tuple[list[Draft], bool]:
        """Waits for one, and takes along what came meanwhile; and whether to go on."""
        drafts: list[Draft] = []
        following = self._waiting.get()
        while following is not None:
            drafts.append(following)
            if len(drafts) == AT_ONCE or self._waiting.empty():
                return drafts, True
            following = self._waiting.get()
        return drafts, False

    def _record(self, drafts: list[Draft]) -> None:
        while True:
            try:
                with healthy_connection():
                    record(drafts)
            except OUT_OF_REACH:
                log.warning("audit_waits_for_the_database", entries=len(drafts))
                if self._thread is None:
                    return
                time.sleep(1)
            else:
                return


later = Recorder()
