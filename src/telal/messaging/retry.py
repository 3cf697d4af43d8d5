"""What becomes of a message after a try: pure rules.

docs/delivery.md states them as a promise; the numbers are here.
"""

from dataclasses import dataclass
from datetime import timedelta

from telal.messaging.channel import Accepted, Outcome, Refused, Stopped, TryLater, Uncertain, Unreachable

# An uncertain send waits this long for a receipt before it is sent again.
RECEIPT_PATIENCE = timedelta(seconds=5)
# After this time without success we give up and a human is told.
GIVE_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)
# A stop that waits for a human is probed this often; a mere pause sooner at first, then as seldom.
PROBE_EVERY = timedelta(seconds=30)
FIRST_PROBE = timedelta(seconds=1)
# A worker may die with a message in hand this often before we suspect the message.
CRASHES_FORGIVEN = 10

CRASHED = "crashed"

# Whoever has left too many messages of an hour unanswered is looked at again after this time.
CROWDED = "crowded"
CROWDED_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Next:
    """The state to go to, and after what time to act again; ``wait`` None closes the message."""

    state: str
    wait: timedelta | None = None
    resent: bool = False


def after_attempt(outcome: Outcome, *, attempts: int, age: timedelta, luck: float) -> Next:
    """What to do after this outcome.

    ``attempts`` counts this one; ``age`` is how long we have owed the message; ``luck`` in 0..1 spreads the retries of many.
    """
    match outcome:
        case Accepted():
            return Next("sent")
        case Refused() | Unreachable():
            return Next("failed")
        case Stopped(only_paid=True):
            # We may have taken for free what is not: then nothing else holds it back. It may be the next probe.
            return Next("queued", PROBE_EVERY / 2)
        case Stopped():
            return Next("queued", timedelta())
        case Uncertain():
            return Next("uncertain", RECEIPT_PATIENCE)
        case TryLater(after=after):
            return _again(attempts, age, luck, at_least=after or timedelta())


def after_patience(
    *, code: str, answered: bool, resent: bool, attempts: int, crashes: int, age: timedelta, luck: float
) -> Next:
    """What to do with an uncertain message when no receipt has settled it in time.

    An error answer of the platform is retried like any failure. A worker's death is not the message's fault. A silence is
    answered by one more try; a second silence is left to a human, for a third copy would annoy more than it helps.
    """
    if answered:
        return _again(attempts, age, luck)
    if code == CRASHED:
        return Next("queued", timedelta(), resent) if crashes < CRASHES_FORGIVEN else Next("failed")
    return Next("uncertain") if resent else Next("queued", timedelta(), resent=True)


def pause(attempts: int, luck: float) -> timedelta:
    """Exponential, from FIRST_PAUSE to LONGEST_PAUSE, spread over its upper half so that many do not return at once."""
    full = min(LONGEST_PAUSE, FIRST_PAUSE * int(2 ** min(attempts - 1, 20)))
    spread: timedelta = full * (0.5 + luck / 2)
    return spread


def until_probe(probes: int, needs_human: bool, luck: float) -> timedelta:
    """How long a stop that has been probed so often lasts before one message is tried."""
    if needs_human:
        return PROBE_EVERY
    full = min(PROBE_EVERY, FIRST_PROBE * int(2 ** min(probes, 20)))
    spread: timedelta = full * (0.75 + luck / 4)
    return spread


def _again(attempts: int, age: timedelta, luck: float, at_least: timedelta = timedelta()) -> Next:
    if age >= GIVE_UP_AFTER and not at_least:
        return Next("failed")
    return Next("queued", max(at_least, pause(attempts, luck)))
