"""What ``floods`` has to know of those who write, and what is to be seen of those who are not answered."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import prometheus_client
import structlog
from django.db import connection, transaction

from telal import sql
from telal.conversation import floods
from telal.conversation.floods import Because, Heed
from telal.conversation.understand import Understood
from telal.messaging.channel import Said
from telal.messaging.models import MESSAGE_TEXT, Contact
from telal.sealing.known_keys import keyed_hash
from telal.sealing.seals import legible

# An echo is of one of so many messages that we have written to them last.
_LAST_WORDS = 5
_ECHO = "echo"

log = structlog.get_logger(__name__)
_unanswered = prometheus_client.Counter(
    "telal_questions_unanswered", "What people wrote and was not answered, by why not.", ["reason"]
)
for _reason in ("flood", "repeated"):
    _unanswered.labels(_reason)  # from the first look on, so that the first of its kind shows as an increase


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted of a message. ``mark`` it has in common with the same written again, and all that only echoes us has one."""

    mark: str
    is_right: bool


def tallies(channel: str, words: Mapping[Said, Understood]) -> dict[str, Tally]:
    """Of what some have said, at most once each, by their address."""
    long = {said.person.address: said.text for said in words if len(said.text) >= floods.SHORTEST_ECHO}
    ours = _last_words(channel, long) if long else {}
    return {
        said.person.address: Tally(
            _mark(said, ours.get(said.person.address, ())), floods.is_right(said, understood)
        )
        for said, understood in words.items()
    }


def _mark(said: Said, ours: Collection[str]) -> str:
    bare = _bare(said.text)
    return _ECHO if bare in ours else keyed_hash(f"{said.kind} {bare}")[:16]


def _last_words(channel: str, addresses: Collection[str]) -> dict[str, set[str]]:
    """What we have last written to each of them."""
    one = "(SELECT text FROM messaging_message WHERE contact_id = contact.id ORDER BY id DESC LIMIT 1 OFFSET {})"
    last = ", ".join(one.format(place) for place in range(_LAST_WORDS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT address, {last} FROM messaging_contact contact
            WHERE channel = %s AND address IN ({sql.places(addresses)})
            """,  # noqa: S608  (built from constants)
            [channel, *addresses],
        )
        rows = cursor.fetchall()
    return {
        address: {_bare(legible(text, MESSAGE_TEXT) or "") for text in texts if text}
        for address, *texts in rows
    }


def _bare(text: str) -> str:
    return " ".join(text.split())


def said_lately(channel: str, addresses: Collection[str], now: datetime) -> Mapping[str, int]:
    """How much each of them has written in the while that still lasts."""
    writing = Contact.objects.filter(channel=channel, address__in=addresses, while_ends__gt=now)
    return Counter(dict(writing.values_list("address", "said_in_while")))


def show(contact_id: int, heed: Heed) -> None:
    """That this contact has not been answered, once that is on disk."""
    if heed.because:
        transaction.on_commit(partial(_show, contact_id, heed.because, heed.is_told))


def _show(contact_id: int, because: Because, is_told: bool) -> None:
    count_unanswered(because, 1)
    if is_told:
        log.warning("contact_not_answered", contact=contact_id, reason=because)


def count_unanswered(because: Because, number: int) -> None:
    _unanswered.labels(because).inc(number)
