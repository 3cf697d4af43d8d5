"""Question → answer: what people did in the chat, in the order in which it came in, each dealt with once."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from telal import spans, sql
from telal.cases.models import Case, CaseEvent, taken_back_by
from telal.cases.office import Office
from telal.conversation import bot, floods, house, proving, restraint
from telal.conversation.bot import CaseView, HistoryLine, Reply
from telal.conversation.doing import Deed, perform
from telal.conversation.floods import Heed
from telal.conversation.proving import NumberAndPin, Offer, Outcome, SharedPhone, StillMe
from telal.conversation.restraint import Tally
from telal.conversation.understand import Understood, understand
from telal.messaging import receipts
from telal.messaging.channel import Button, Channel, Joined, Left, Opened, Person, Receipt, Said
from telal.messaging.models import INBOUND_BODY, Contact, Inbound, Lane, Pump
from telal.messaging.outbox import Cause, Echo, Owed, cancel_open, owe, prove_arrival
from telal.notices import binding, compose, doubts, pins, proofs
from telal.notices.facts import Line, lines
from telal.notices.models import Way
from telal.sealing.fields import as_kept
from telal.sealing.keyring import KeyMissing
from telal.sealing.seals import unseal

LARGEST_BATCH = 200
# Of one person no more than this goes before what others have said, who are looked for so far ahead.
SHARE, LOOK_AHEAD = 20, 5000
# Whoever has more than this to say at once may be flooding us.
_MUCH_AT_ONCE = 3

# A tap on *Počni*, or a question that the state of the newly connected case answers.
_ANSWERED_BY_THE_FIRST_WORDS = {"smalltalk.greet", "smalltalk.thanks", "status.mine", "unclear"}

# Not worth a message of its own when more follows: the beginning of a question that comes in pieces.
_NO_QUESTION = {"smalltalk.greet", "smalltalk.thanks", "unclear"}

# After these the contact is no longer asked whether it is still them.
_SETTLING = ("still_you_yes", "still_you_no")

_Event = Opened | Joined | Left | Said

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Act:
    """Something that somebody did in the chat, and the callback that told us. ``goes_on``: they have written more since."""

    inbound: Inbound
    event: _Event
    goes_on: bool = False

    @property
    def cause(self) -> Cause:
        return Cause(self.inbound.trace, self.inbound.received_at)

    @property
    def person(self) -> Person:
        return Person(self.event.address) if isinstance(self.event, Left) else self.event.person


@dataclass(frozen=True, slots=True)
class _Question:
    contact: Contact
    said: Said
    understood: Understood
    offer: Offer | None
    cause: Cause
    goes_on: bool
    heed: Heed


@dataclass(frozen=True, slots=True)
class _Proof:
    """What came of an offer, and the cases that it has connected."""

    outcome: Outcome
    cases: Sequence[Case] = ()


def listen(channel: Channel) -> int:
    """Deal with the next callbacks. Returns how many there were.

    One listener works at a time, so that what a person said is answered in its order. A callback that cannot be dealt with is
    kept with its error and spoils no other.
    """
    with transaction.atomic():
        if not _is_listener():
            return 0
        batch = _next_callbacks()
        if batch:
            _deal_with(channel, batch)
    return len(batch)


def greet() -> int:
    """Connect whoever has proven the number of a consent that has just been recorded. Returns how many such consents there were.

    It counts as listening: a number is proven before or after, and never beside it.
    """
    with transaction.atomic():
        if not _is_listener():
            return 0
        consents = proofs.next_new_consents()
        if consents:
            now = sql.database_now()
            _greet(proofs.connect_holders(consents, now), now)
    return len(consents)


def _is_listener() -> bool:
    """For this transaction, and nobody else."""
    return Pump.objects.select_for_update(skip_locked=True).filter(pk="listen").exists()


def _next_callbacks() -> list[tuple[Inbound, str]]:
    """Each with its body still sealed, and opened when its turn comes: a damaged one spoils no other."""
    waiting = (
        Inbound.objects.filter(handled_at=None).order_by("id").defer("body").annotate(sealed=as_kept("body"))
    )
    batch = list(waiting[:LARGEST_BATCH])
    if len(batch) == LARGEST_BATCH and _is_crowded(batch):
        batch = list(waiting.filter(pk__in=_shared_out()))
    return [(inbound, inbound.sealed) for inbound in batch]


def _is_crowded(batch: Iterable[Inbound]) -> bool:
    """Does one person take the place of others?"""
    of_each = Counter(inbound.address for inbound in batch if inbound.address)
    return any(number > SHARE for number in of_each.values())


def _shared_out() -> list[int]:
    """The next batch with everybody's share first, and then, if there is room, with the rest; nobody's order changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM (
                SELECT id, address, row_number() OVER (PARTITION BY channel, address ORDER BY id) AS turn
                FROM (
                    SELECT id, channel, address FROM messaging_inbound WHERE handled_at IS NULL ORDER BY id LIMIT %s
                ) AS ahead
            ) AS shared
            ORDER BY turn > %s AND address <> '', id LIMIT %s
            """,
            [LOOK_AHEAD, SHARE, LARGEST_BATCH],
        )
        return [id_ for (id_,) in cursor.fetchall()]


def _deal_with(channel: Channel, batch: Sequence[tuple[Inbound, str]]) -> None:
    now = sql.database_now()
    acts, arrived, spoilt = _decoded(channel, batch)
    for acts_together in _rounds(_without_floods(channel.name, _with_what_follows(acts), now)):
        spoilt |= _work_on(channel.name, acts_together, now)
    receipts.apply(channel.name, arrived, now)
    for inbound_id, error in spoilt.items():
        Inbound.objects.filter(pk=inbound_id).update(handled_at=now, error=error)
    # What was said has been answered: the words themselves are not kept.
    done = [inbound.pk for inbound, _ in batch if inbound.pk not in spoilt]
    Inbound.objects.filter(pk__in=done).update(handled_at=now, body="")
    handled = [act.inbound for act in acts if act.inbound.pk not in spoilt]
    transaction.on_commit(partial(_tell_handled, handled, now))


def _decoded(
    channel: Channel, batch: Sequence[tuple[Inbound, str]]
) -> tuple[list[_Act], list[Receipt], dict[int, str]]:
    """What people did, the receipts, and the errors of what cannot be read, by its id."""
    acts: list[_Act] = []
    arrived: list[Receipt] = []
    spoilt: dict[int, str] = {}
    for inbound, sealed in batch:
        try:
            event = channel.decode(unseal(sealed, INBOUND_BODY))
        except KeyMissing:
            raise  # not this callback's fault: the whole batch comes again
        except Exception as error:
            spoilt[inbound.pk] = _say_spoilt(inbound, error)
            continue
        if isinstance(event, Receipt):
            arrived.append(event)
        elif event is not None:
            acts.append(_Act(inbound, event))
    return acts, arrived, spoilt


def _with_what_follows(acts: Sequence[_Act]) -> list[_Act]:
    """Marks of what people wrote all but their last words."""
    marked: list[_Act] = []
    writing: set[str] = set()
    for act in reversed(acts):
        marked.append(replace(act, goes_on=act.person.address in writing))
        if isinstance(act.event, Said):
            writing.add(act.person.address)
    return marked[::-1]


def _without_floods(channel: str, acts: Sequence[_Act], now: datetime) -> Sequence[_Act]:
    """Without what is certainly not answered any more: a thousand words of one person take no thousand turns.

    The first words after anything else, the last of all and what people have a right to keep their turn.
    """
    words = Counter(act.person.address for act in acts if isinstance(act.event, Said))
    writers = [address for address, number in words.items() if number > _MUCH_AT_ONCE]
    if not writers:
        return acts
    lately = restraint.said_lately(channel, writers, now)
    room = {address: floods.room(lately[address]) for address in writers}
    kept: list[_Act] = []
    right_said: dict[str, str] = {}  # last, since they have done anything else than write
    for act in acts:
        address, event = act.person.address, act.event
        if not isinstance(event, Said):
            right_said.pop(address, None)
        elif address in room and address in right_said and act.goes_on and room[address] <= 0:
            if event.text == right_said[address] or not _is_right(event):
                continue
            right_said[address] = event.text
        else:
            right_said.setdefault(address, "")
        if address in room:
            room[address] -= isinstance(event, Said)
        kept.append(act)
    transaction.on_commit(partial(restraint.count_unanswered, "flood", len(acts) - len(kept)))
    return kept


def _is_right(said: Said) -> bool:
    try:
        return floods.is_right(said, understand(said.text, year=said.at.year))
    except Exception:
        return True  # it fails again when its turn comes, and spoils no other


def _rounds(acts: Iterable[_Act]) -> list[list[_Act]]:
    """What each person did first, then what each did next: nobody is in a round twice, so all of it can be dealt with at once."""
    rounds: list[list[_Act]] = []
    turns: Counter[str] = Counter()
    for act in acts:
        turn = turns[act.person.address]
        turns[act.person.address] += 1
        rounds[turn:] = rounds[turn:] or [[]]
        rounds[turn].append(act)
    return rounds


def _work_on(channel: str, acts: Sequence[_Act], now: datetime) -> dict[int, str]:
    """All at once; if that fails, each alone, so that one's failure stays its own. Returns the errors, by the callback's id."""
    try:
        with transaction.atomic():
            for kind, handle in _HANDLERS.items():
                handle(channel, [act for act in acts if type(act.event) is kind], now)
    except (*sql.OUT_OF_REACH, KeyMissing):
        raise  # nobody's fault: the whole batch comes again
    except Exception as error:
        if len(acts) == 1:
            return {acts[0].inbound.pk: _say_spoilt(acts[0].inbound, error)}
        return {id_: name for act in acts for id_, name in _work_on(channel, [act], now).items()}
    return {}


def _say_spoilt(inbound: Inbound, error: Exception) -> str:
    log.error("callback_not_understood", inbound=inbound.pk, kind=inbound.kind, exc_info=error)
    return type(error).__name__


def _tell_handled(handled: Iterable[Inbound], began: datetime) -> None:
    """What follows from these callbacks is on disk."""
    for inbound in handled:
        trace = inbound.trace.hex if inbound.trace else ""
        log.info("callback_handled", trace=trace, inbound=inbound.pk, kind=inbound.kind)
        if spans.on and trace:
            spans.tell(
                "handle", trace, began, parent=spans.of_callback(trace), inbound=inbound.pk, kind=inbound.kind
            )


# ── What people did, many of them at a time ──────────────────────────────────────────────────────────────────────────


def _opened(channel: str, acts: Sequence[_Act], now: datetime) -> None:
    for contact, act in _present(channel, acts, now):
        event = act.event
        assert isinstance(event, Opened)
        if not event.context:
            continue
        trouble = binding.open_link(contact, event.context, now)
        if trouble:
            # They may not be written to yet; the explanation waits for their first word.
            binding.keep_trouble(contact, trouble)
        elif contact.reachable and (event.subscribed or _has_written_since(contact, event)):
            _say_bound(contact, act.cause, now)


def _has_written_since(contact: Contact, event: Opened) -> bool:
    """Callbacks may overtake each other: this one may come after the first word that followed it."""
    return contact.heard_at is not None and contact.heard_at >= event.at


def _joined(channel: str, acts: Sequence[_Act], now: datetime) -> None:
    for contact, act in _present(channel, acts, now):
        if contact.reachable:
            _say_bound(contact, act.cause, now)


def _left(channel: str, acts: Sequence[_Act], now: datetime) -> None:
    """Leaving holds at once, unless they have written since: callbacks may overtake each other."""
    for contact, act in _present(channel, acts, now):
        at = act.event.at
        not_since = Q(presence_at=None) | Q(presence_at__lte=at)
        gone = Contact.objects.filter(not_since, pk=contact.pk)
        if gone.update(reachable=False, unreachable_because="left", presence_at=at):
            cancel_open(contact.pk, "left", now)


def _said(channel: str, acts: Sequence[_Act], now: datetime) -> None:
    year = timezone.localdate(now).year
    questions, echoes = [], []
    heard = {act.event: understand(act.event.text, year=year) for act in acts if isinstance(act.event, Said)}
    tallies = restraint.tallies(channel, heard)
    for contact, act in _present(channel, acts, now, tallies):
        said = act.event
        assert isinstance(said, Said)
        echoes.append(Echo(contact.pk, said.reference, said.at))
        if contact.reachable:
            heed = floods.heed(
                contact.said_in_while,
                contact.rights_in_while,
                contact.said_times,
                right=tallies[contact.address].is_right,
            )
            restraint.show(contact.pk, heed)
            offer = proving.offered(said, heard[said], proofs.TOKEN_BEGINS)
            questions.append(_Question(contact, said, heard[said], offer, act.cause, act.goes_on, heed))
    prove_arrival(echoes)
    _answer(questions, now)


_HANDLERS: dict[type, Callable[[str, Sequence[_Act], datetime], None]] = {
    Opened: _opened,
    Joined: _joined,
    Left: _left,
    Said: _said,
}


# ── The contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


# They may be written to, unless they have left since. ``created_at`` of what is written is now.
_IF_NEWER = """(channel, address) DO UPDATE SET
    reachable = {newer} OR messaging_contact.reachable,
    unreachable_because = CASE WHEN {newer} THEN '' ELSE messaging_contact.unreachable_because END,
    presence_at = CASE WHEN {newer} THEN excluded.presence_at ELSE messaging_contact.presence_at END,
    heard_at = CASE WHEN {heard} THEN excluded.heard_at ELSE messaging_contact.heard_at END,
    while_ends = CASE WHEN {same_while} THEN messaging_contact.while_ends ELSE excluded.while_ends END,
    said_in_while = excluded.said_in_while + CASE WHEN {same_while} THEN messaging_contact.said_in_while ELSE 0 END,
    rights_in_while = excluded.rights_in_while + CASE WHEN {same_while} THEN messaging_contact.rights_in_while ELSE 0 END,
    said_mark = CASE WHEN {said} THEN excluded.said_mark ELSE messaging_contact.said_mark END,
    said_times = excluded.said_times + CASE WHEN {same_words} THEN messaging_contact.said_times ELSE 0 END,
    said_until = coalesce(excluded.said_until, messaging_contact.said_until)
""".format(
    said="excluded.said_until IS NOT NULL",
    same_while="(excluded.while_ends IS NULL OR coalesce(messaging_contact.while_ends > excluded.created_at, false))",
    same_words="""(excluded.said_until IS NULL OR (messaging_contact.said_mark = excluded.said_mark
        AND coalesce(messaging_contact.said_until > excluded.created_at, false)))""",
    newer="""(excluded.presence_at IS NOT NULL
        AND coalesce(messaging_contact.presence_at <= excluded.presence_at, true))""",
    heard="""(excluded.heard_at IS NOT NULL
        AND coalesce(messaging_contact.heard_at < excluded.heard_at, true))""",
)

_NOTHING_SAID: Mapping[str, Tally] = {}


def _present(
    channel: str, acts: Sequence[_Act], now: datetime, tallies: Mapping[str, Tally] = _NOTHING_SAID
) -> Iterator[tuple[Contact, _Act]]:
    """Who did it. Made when they are new, and reachable when they have subscribed or written and not left since.

    ``tallies`` are of what they have said, by their address.
    """
    rows = [
        {
            "address": act.person.address,
            "reachable": isinstance(act.event, Joined | Said),
            "presence_at": act.event.at if isinstance(act.event, Joined | Said) else None,
            "heard_at": act.event.at if isinstance(act.event, Said) else None,
            **_counted(tallies.get(act.person.address), now),
        }
        for act in acts
    ]
    sql.upsert(Contact, rows, _IF_NEWER, channel=channel, created_at=now)
    known = Contact.objects.filter(channel=channel, address__in=[row["address"] for row in rows])
    contacts = {contact.address: contact for contact in known}
    for act in acts:
        contact = contacts[act.person.address]
        _keep_name(contact, act.person.name[:200])
        yield contact, act


def _counted(tally: Tally | None, now: datetime) -> dict[str, sql.Value]:
    """That somebody has said something once more, if they have."""
    return {
        "while_ends": now + floods.A_WHILE if tally else None,
        "said_in_while": 1 if tally else 0,
        "rights_in_while": int(tally.is_right) if tally else 0,
        "said_mark": tally.mark if tally else "",
        "said_times": 1 if tally else 0,
        "said_until": now + floods.FORGOTTEN_AFTER if tally else None,
    }


def _keep_name(contact: Contact, name: str) -> None:
    if name and name != contact.name:
        Contact.objects.filter(pk=contact.pk).update(name=name)


# ── The answers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _answer(questions: Sequence[_Question], now: datetime) -> None:
    asking = [question.contact.pk for question in questions]
    by_link, doubted = binding.noted_of(asking, now)
    connected = {
        question.contact.pk: binding.bind_opened(question.contact, now)
        for question in questions
        if question.contact.pk in by_link and not bot.wants_out(question.understood)
    }
    proven = {
        question.contact.pk: proof
        for question in questions
        if question.offer
        and question.heed.is_done
        and (proof := _prove(question, question.contact.pk in doubted, now))
    }
    views = _views(asking)
    office = house.office(now, with_hours=any(bot.needs_hours(question.understood) for question in questions))
    owed, deeds = [], []
    for question in questions:
        id_, understood = question.contact.pk, question.understood
        proof = proven.get(id_)
        first = _first_words(question, connected.get(id_, []), came_by_link=id_ in by_link)
        is_settled = bot.wants_out(understood) or (proof and proof.outcome in _SETTLING)
        asks_again = id_ in doubted and not is_settled
        replies = _replies(question, views[id_], office, proof, asks_again=asks_again, now=now)
        if question.heed.is_done:
            deeds += [Deed(id_, effect, question.said.text) for reply in replies for effect in reply.effects]
        told = (*first, *_worth_saying(question, replies, first, proof))
        owed += [_owed(question.contact, reply, question.cause) for reply in told]
    perform(deeds, now)
    moving = {question.contact.pk for question in questions if "phone.change" in question.understood.intents}
    owe(_with_tokens(owed, moving, now), now)


def _first_words(question: _Question, connected: Sequence[Case], *, came_by_link: bool) -> list[Reply]:
    """What came of the link by which they came, if they did."""
    explained = binding.take_trouble(question.contact) if came_by_link else []
    words = [_bound(question.contact, case) for case in connected]
    return words + [bot.link_problem(reason, _language(question)) for reason in explained]


def _replies(
    question: _Question,
    cases: Sequence[CaseView],
    office: Office,
    proof: _Proof | None,
    *,
    asks_again: bool,
    now: datetime,
) -> list[Reply]:
    """What came of a proof, and *is it still you?* where that is open; else the answer."""
    language = _language(question)
    replies = [_what_came_of(proof, question.contact, language, cases, office)] if proof else []
    if asks_again:
        replies.append(Reply(*compose.still_you(language)))
    return replies or [_reply(question, cases, office, now)]


def _reply(question: _Question, cases: Sequence[CaseView], office: Office, now: datetime) -> Reply:
    contact = question.contact
    return proving.reply(
        question.understood,
        cases,
        _language(question),
        office=office,
        said_kind=question.said.kind,
        with_human=contact.with_human_until is not None and contact.with_human_until > now,
    )


def _worth_saying(
    question: _Question, replies: Sequence[Reply], first: Sequence[Reply], proof: _Proof | None
) -> Sequence[Reply]:
    """Of the replies, what the first words do not say and the next will not; of too many, what has just been connected."""
    if proof and (proof.cases or not question.heed.because):
        return replies
    if because := question.heed.because:
        return [bot.enough(because, _language(question))] if question.heed.is_told else []
    intents = set(question.understood.intents)
    has_effects = any(reply.effects for reply in replies)
    if question.goes_on and intents <= _NO_QUESTION and not has_effects:
        return []
    return replies if not first or has_effects or intents - _ANSWERED_BY_THE_FIRST_WORDS else []


def _language(question: _Question) -> str:
    contact = question.contact
    if contact.language_chosen:
        return contact.language
    return bot.answer_language(contact.language, question.understood.script)


# ── Proofs of who is asking ──────────────────────────────────────────────────────────────────────────────────────────────


def _prove(question: _Question, is_doubted: bool, now: datetime) -> _Proof | None:
    """Check what was offered: few do, and each needs statements of its own. None for an answer to what nobody has asked."""
    contact, offer = question.contact, question.offer
    if isinstance(offer, SharedPhone):
        return _share(contact, offer, is_doubted, now)
    if isinstance(offer, NumberAndPin):
        return _try_pin(contact, offer, now)
    return _confirm(contact, offer, now) if offer and is_doubted else None


def _share(contact: Contact, shared: SharedPhone, is_doubted: bool, now: datetime) -> _Proof:
    request = proofs.take(contact, shared.token, now)
    if not shared.phone and shared.token.startswith(proofs.TOKEN_BEGINS):
        return _Proof("phone_not_sent")
    if request is None or not shared.phone:
        return _Proof("phone_refused")
    cases = proofs.prove(contact, shared.phone, now, moves=request.moves)
    return _Proof("still_you_yes" if is_doubted else "phone_proven", cases)


def _try_pin(contact: Contact, offer: NumberAndPin, now: datetime) -> _Proof:
    consent = pins.consent_behind(offer.reference, offer.pin, contact.pk, now)
    if consent is None:
        return _Proof("pin_refused")
    binding.speak(contact, consent.language)
    binding.connect([(contact.pk, consent)], Way.PIN, now)
    return _Proof("bound", [consent.case])


def _confirm(contact: Contact, answer: StillMe, now: datetime) -> _Proof:
    if answer.yes:
        doubts.settle(contact)
        return _Proof("still_you_yes")
    binding.release([contact.pk], "released", now)
    return _Proof("still_you_no")


def _what_came_of(
    proof: _Proof, contact: Contact, language: str, cases: Sequence[CaseView], office: Office
) -> Reply:
    if proof.outcome == "still_you_yes":
        return proving.confirmed(language, cases, office)
    if len(proof.cases) == 1:
        return _bound(contact, proof.cases[0])
    if proof.cases:
        return proving.all_bound(language, cases, office)
    return proving.words(proof.outcome, language)


def _greet(new: Sequence[binding.Connected], now: datetime) -> None:
    """Told as if they had been connected just now; to who is discreet, that there is news."""
    contacts = Contact.objects.in_bulk({one.contact_id for one in new})
    views, office = _views(contacts), house.office(now, with_hours=False)
    owed = []
    for contact in contacts.values():
        proof = _Proof("phone_proven", [one.case for one in new if one.contact_id == contact.pk])
        if contact.reachable:
            reply = _what_came_of(proof, contact, contact.language, views[contact.pk], office)
            if contact.discreet:
                reply = Reply(compose.news(contact.language), bot.menu(contact.language))
            owed.append(Owed(contact.pk, Lane.NOTICE, reply.text, reply.buttons, Cause(None, now)))
    owe(owed, now)


def _with_tokens(owed: Sequence[Owed], moving: Collection[int], now: datetime) -> list[Owed]:
    """A button that asks for the number says a one-time token of its contact's own."""
    asked = {one.contact_id for one in owed for button in one.buttons if button.asks}
    tokens = proofs.ask({contact_id: contact_id in moving for contact_id in asked}, now)
    return [
        replace(one, buttons=[_with_token(button, tokens[one.contact_id]) for button in one.buttons])
        if one.contact_id in tokens
        else one
        for one in owed
    ]


def _with_token(button: Button, token: str) -> Button:
    return replace(button, says=token) if button.asks else button


def _say_bound(contact: Contact, cause: Cause, now: datetime) -> None:
    connected = binding.bind_opened(contact, now)
    owe([_owed(contact, _bound(contact, case), cause) for case in connected], now)


def _bound(contact: Contact, case: Case) -> Reply:
    """The chat is connected: say so, and at once, in the same message, how the case stands."""
    welcome = bot.bound(contact.language)
    (newest,) = lines(CaseEvent.objects.filter(case=case).order_by("-no")[:1])
    status = compose.status(newest.facts, contact.language)
    return replace(welcome, text=f"{welcome.text}\n\n{status}")


def _owed(contact: Contact, reply: Reply, cause: Cause) -> Owed:
    return Owed(contact.pk, Lane.ANSWER, reply.text, reply.buttons, cause)


def _views(contact_ids: Collection[int]) -> dict[int, list[CaseView]]:
    """What each of these contacts may ask about."""
    cases = binding.cases_of(contact_ids)
    case_ids = {case.case_id for own in cases.values() for case in own}
    newest_first = lines(CaseEvent.objects.filter(case__in=case_ids).order_by("case_id", "-no"))
    history = {
        case_id: list(of_case) for case_id, of_case in groupby(newest_first, lambda line: line.case_id)
    }
    return {
        contact_id: [_view(case, history[case.case_id]) for case in cases[contact_id]]
        for contact_id in contact_ids
    }


def _view(case: binding.OwnCase, newest_first: Sequence[Line]) -> CaseView:
    taken_back = {taken_back_by(line.key) for line in newest_first if not line.is_news}
    news = (line.facts for line in newest_first if line.is_news and line.no not in taken_back)
    changes = [
        HistoryLine(facts.occurred_on, facts.status, facts.waiting_for, facts.outcome, facts.department)
        for facts in news
    ]
    return CaseView(case.case_id, case.key, case.barcode, newest_first[0].facts, changes)
