"""What the API could not take in and somebody of the staff should see: kept beside the answer, which stays as it is."""

from collections import deque
from collections.abc import Sequence

from telal.api.v1 import recording
from telal.api.v1.problems import Problem
from telal.api.v1.schemas import EventIn
from telal.cases import unmatched
from telal.cases.unmatched import Refusal

# Why nothing will come of it when it is sent again; what is dropped for good (410) or our fault is not for the staff.
_REASONS = {400: "unreadable", 404: "unknown_case", 409: "conflict", 413: "too_long", 422: "invalid"}


def is_for_staff(status: int) -> bool:
    return status in _REASONS


def of_event(
    status: int, ref: str, sent: EventIn, *, key: str, fingerprint: str, said: bytes, line: int | None = None
) -> Refusal:
    """An event that could be read. Of a case that is not known it can be tried again."""
    is_unmatched = status == 404
    return Refusal(
        _REASONS[status],
        _text(said),
        ref=ref,
        key=key,
        line=line,
        status=sent.status,
        occurred_at=sent.occurred_at,
        change=recording.change(sent, key, fingerprint) if is_unmatched else None,
    )


def unread(
    status: int, fields: Sequence[str], said: bytes, *, ref: str = "", line: int | None = None
) -> Refusal:
    """Something that could not be read, and which fields were to blame."""
    return Refusal(
        ": ".join(filter(None, (_REASONS[status], ", ".join(fields)))), _text(said), ref=ref, line=line
    )


def fields_of(problem: Problem) -> list[str]:
    return [each.field for each in problem.errors][:5]


class Kept:
    """Refusals of one request: the newest, and how many there were."""

    def __init__(self) -> None:
        self._newest: deque[Refusal] = deque(maxlen=unmatched.MOST_KEPT)
        self._total = 0

    def add(self, refusal: Refusal) -> None:
        self._newest.append(refusal)
        self._total += 1

    def keep(self, sender: str) -> None:
        unmatched.keep(list(self._newest), source=recording.SOURCE, sender=sender, total=self._total)


def keep_one(refusal: Refusal, *, sender: str) -> None:
    unmatched.keep([refusal], source=recording.SOURCE, sender=sender)


def _text(said: bytes) -> str:
    # A NUL is no text to PostgreSQL.
    return said[: unmatched.LONGEST_SAID].decode("utf-8", "replace").replace("\0", "\ufffd")
