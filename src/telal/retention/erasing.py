"""*Obrišite sve o meni*: a person's data goes, at once and everywhere, and a proof that says nothing of them stays.

What the law obliges to keep is kept without what it does not need; ``KEPT`` gives the reasons. Names of applicants on cases belong
to the case, and go with it.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from telal import sql
from telal.cases.models import Applicant, Case, CaseEvent, Note, Opinion, Unmatched
from telal.cases.phones import find_phones
from telal.conversation.models import Question
from telal.messaging.models import Contact, Inbound, Message, Pump, State, StrayReceipt
from telal.notices import pins
from telal.notices.binding import forget_proofs, theirs
from telal.notices.consents import withdraw
from telal.notices.models import Consent, Invitation, LinkTrouble, ProvenPhone, Subscription
from telal.retention.models import Asker, Erasure, Progress
from telal.sealing.known_keys import keyed_hash


@dataclass(frozen=True, slots=True)
class Person:
    """All that we know somebody by, as ids. ``shared`` are chats that also follow cases of other people; ``proven`` is where chats
    have proven their number.
    """

    found_by: str
    contacts: frozenset[int]
    shared: frozenset[int]
    consents: frozenset[int]
    applicants: frozenset[int]
    proven: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.contacts or self.shared or self.consents or self.applicants or self.proven)


# ── Who is it? ───────────────────────────────────────────────────────────────────────────────────────────────────────


def of_phone(phone: str) -> Person:
    """Everybody who left this number (E.164)."""
    hashed = keyed_hash(phone)
    consents = Consent.objects.filter(phone_hash=hashed)
    return _person("phone", consents, Applicant.objects.filter(phone_hash=hashed), hashed)


def of_case(case: Case) -> Person:
    """The applicant of this case, in all cases where they left the same name and number."""
    applicant = case.applicant
    same = Consent.objects.filter(person=applicant.name, phone_hash=applicant.phone_hash)
    if not applicant.phone:
        # Somebody of the same name in another case may be somebody else.
        return _person("case", same.filter(case=case), Applicant.objects.none(), "")
    return _person("case", same, Applicant.objects.filter(pk=applicant.pk), applicant.phone_hash)


def of_contact(contact: Contact) -> Person:
    """Who writes in this chat, with every consent behind what they alone follow: what others follow by it, too, is not theirs."""
    consents = Consent.objects.filter(pk__in=theirs(contact))
    left = {(consent.person, consent.phone_hash) for consent in consents if consent.phone_hash}
    applicants = Applicant.objects.filter(phone_hash__in=[phone_hash for _, phone_hash in left])
    known = [one.pk for one in applicants if (one.name, one.phone_hash) in left]
    return Person(
        "contact",
        frozenset([contact.pk]),
        frozenset(),
        frozenset(consents.values_list("pk", flat=True)),
        frozenset(known),
        frozenset(contact.proven_phones.values_list("pk", flat=True)),
    )


def _person(
    found_by: str, consents: QuerySet[Consent], applicants: QuerySet[Applicant], number: str
) -> Person:
    """``number`` is the hash of the one they left, or empty."""
    consent_ids = frozenset(consents.values_list("pk", flat=True))
    proven = frozenset(
        ProvenPhone.objects.filter(phone_hash=number).values_list("pk", flat=True) if number else ()
    )
    chats = Contact.objects.filter(
        Q(subscriptions__consent__in=consent_ids)
        | Q(invitations__consent__in=consent_ids)
        | Q(proven_phones__in=proven)
    )
    others = Subscription.objects.filter(contact=OuterRef("pk"), ended_at=None).exclude(
        consent__in=consent_ids
    )
    shared = frozenset(chats.filter(Exists(others)).values_list("pk", flat=True))
    contacts = frozenset(chats.values_list("pk", flat=True)) - shared
    applicant_ids = frozenset(applicants.values_list("pk", flat=True))
    return Person(found_by, contacts, shared, consent_ids, applicant_ids, proven)


# ── Erasing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def erase(person: Person, *, asked_by: Asker, done_by: str, request: str = "") -> Erasure:
    """Erase all of it in one transaction, and write the proof. What is being sent at this moment is beyond recall."""
    # Nobody takes up what is going: listener, announcer and broom wait for us, and we for them.
    list(Pump.objects.select_for_update().order_by("pk"))
    now = sql.database_now()
    erased = Counter(
        subscriptions=_end_consents(person, done_by, now),
        messages=_empty_messages(person, now),
        callbacks=_empty_callbacks(person, now),
        questions=_drop_questions(person),
        contacts=_forget_contacts(person),
        notes=_empty_notes(person),
        unmatched=_drop_unmatched(person),
        phones=_remove_phones(person),
        slips=Invitation.objects.filter(consent__in=person.consents).delete()[0],
    )
    erasure = Erasure(
        asked_by=asked_by,
        request=request,
        found_by=person.found_by,
        done_by=done_by,
        done_at=now,
        erased=dict(erased),
        kept=_kept(person),
    )
    erasure.seal()
    erasure.save(force_insert=True)
    return erasure


def _end_consents(person: Person, done_by: str, now: datetime) -> int:
    live = Subscription.objects.filter(Q(consent__in=person.consents) | Q(contact__in=person.contacts))
    ended = live.filter(ended_at=None).count()
    for consent in Consent.objects.filter(pk__in=person.consents):
        withdraw(consent, recorded_by=done_by, medium="erasure")
    # What they followed by somebody else's consent goes on for the others.
    Subscription.objects.filter(contact__in=person.contacts, ended_at=None).update(ended_at=now)
    return ended


def _empty_messages(person: Person, now: datetime) -> int:
    """Nothing more leaves, and no text is left. In a shared chat only what has ended is emptied: the rest is other people's."""
    theirs = Message.objects.filter(contact__in=person.contacts)
    # Those in hand, too: whoever sends them finds on their return that they were taken back.
    theirs.filter(Q(due_at__isnull=False) | Q(sender__isnull=False)).update(
        state=State.CANCELLED, due_at=None, sender=None, ended_at=now, error="erased"
    )
    ended = Message.objects.filter(contact__in=person.contacts | person.shared, due_at=None)
    return ended.exclude(text="").update(text="", buttons=[], error_detail="")


def _empty_callbacks(person: Person, now: datetime) -> int:
    """Those that wait are not answered any more. Older ones than the broom has seen to are empty already."""
    emptied = 0
    swept = Progress.objects.filter(pk="callbacks").values_list("through", flat=True).first() or 0
    for contact in Contact.objects.filter(pk__in=person.contacts):
        StrayReceipt.objects.filter(channel=contact.channel, address=contact.address).delete()
        callbacks = Inbound.objects.filter(pk__gt=swept, channel=contact.channel, address=contact.address)
        callbacks.filter(handled_at=None).update(handled_at=now)
        emptied += callbacks.update(body="", address="", trace=None)
    return emptied


def _drop_questions(person: Person) -> int:
    """What they asked a human, and that they asked to be erased. In a shared chat only what has been answered."""
    answered = Q(contact__in=person.shared, answered_at__isnull=False)
    return Question.objects.filter(Q(contact__in=person.contacts) | answered).delete()[0]


def _forget_contacts(person: Person) -> int:
    """The row stays, of nobody, for the delivery log that hangs on it, and goes with it."""
    LinkTrouble.objects.filter(contact__in=person.contacts).delete()
    forget_proofs(person.contacts)
    pins.forget(person.contacts)
    for pk in person.contacts:
        Contact.objects.filter(pk=pk).update(
            address=f"erased {uuid.uuid4().hex}",
            name="",
            reachable=False,
            unreachable_because="erased",
            language="bs",
            language_chosen=False,
            discreet=False,
            with_human_until=None,
            presence_at=None,
            heard_at=None,
            while_ends=None,
            said_in_while=0,
            rights_in_while=0,
            said_mark="",
            said_times=0,
            said_until=None,
        )
    return len(person.contacts)


# Where the staff write something about a case for each other.
_WRITTEN_BESIDE: tuple[tuple[type[Model], str], ...] = (
    (CaseEvent, "note"),
    (Note, "text"),
    (Opinion, "answer"),
)


def _empty_notes(person: Person) -> int:
    """What a clerk wrote down beside the case stays, unless it holds one of the person's numbers."""
    phones, emptied = set(_phones(person)), 0
    for model, name in _WRITTEN_BESIDE:
        written = model._default_manager.filter(case__in=_cases(person)).exclude(**{name: ""})
        texts = written.values_list("pk", name)
        holding = [pk for pk, text in texts if phones & set(find_phones(text))]
        emptied += model._default_manager.filter(pk__in=holding).update(**{name: ""})
    return emptied


def _drop_unmatched(person: Person) -> int:
    """What came of their cases and could not be taken in, and what holds one of their numbers. Few are kept."""
    phones = set(_phones(person))
    refs = set(_cases(person).values_list("ref", flat=True))
    going = [
        pk
        for pk, ref, said in Unmatched.objects.values_list("pk", "ref", "said")
        if ref in refs or phones & set(find_phones(said))
    ]
    return Unmatched.objects.filter(pk__in=going).delete()[0]


def _remove_phones(person: Person) -> int:
    """From the consents, which stay as proof, from the applicants of cases, and from the chats that had proven them."""
    ProvenPhone.objects.filter(pk__in=person.proven).delete()
    removed = _signed(person).exclude(phone="").update(phone="", phone_hash="")
    for applicant in Applicant.objects.filter(pk__in=person.applicants).exclude(phone=""):
        removed += applicant.cases.update(applicant=Applicant.called(applicant.name))
        applicant.delete()
    return removed


def _phones(person: Person) -> Iterable[str]:
    yield from _signed(person).exclude(phone="").values_list("phone", flat=True)
    yield from (
        Applicant.objects.filter(pk__in=person.applicants).exclude(phone="").values_list("phone", flat=True)
    )


def _signed(person: Person) -> QuerySet[Consent]:
    """Their consents, and what they had signed for the same cases with another number before. Whose chat that number led to, only
    they could say.
    """
    theirs = Consent.objects.filter(
        pk__in=person.consents,
        case=OuterRef("case"),
        person=OuterRef("person"),
        given_as=OuterRef("given_as"),
    )
    return Consent.objects.filter(Exists(theirs))


def _cases(person: Person) -> QuerySet[Case]:
    return Case.objects.filter(Q(applicant__in=person.applicants) | Q(consents__in=person.consents))


# ── What stays ───────────────────────────────────────────────────────────────────────────────────────────────────────


def found(person: Person) -> dict[str, int]:
    """What an erasure would touch: rows by class."""
    chats = person.contacts | person.shared
    return {
        "contacts": len(person.contacts),
        "shared_contacts": len(person.shared),
        "consents": len(person.consents),
        "cases": _cases(person).distinct().count(),
        "messages": Message.objects.filter(contact__in=chats).count(),
    }


def _kept(person: Person) -> dict[str, int]:
    chats = person.contacts | person.shared
    cases = Case.objects.filter(consents__in=person.consents).distinct()
    return {
        "consent_proof": len(person.consents),
        "delivery_log": Message.objects.filter(contact__in=chats).count(),
        "case_data": cases.count(),
    }
