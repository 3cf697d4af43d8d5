"""From what somebody typed to the person meant. Raises Nobody, in words."""

from uuid import UUID

from telal.cases.models import Case
from telal.cases.phones import normalise_phone
from telal.messaging.models import Contact
from telal.retention.erasing import Person, of_case, of_contact, of_phone
from telal.retention.models import Erasure


class Nobody(Exception):
    """There is nobody like that."""


def by_phone(text: str) -> Person:
    try:
        return _somebody(of_phone(normalise_phone(text)))
    except ValueError as error:
        raise Nobody(str(error)) from None


def by_case(ref: str) -> Person:
    """By the DMS's id of the case, or by its number where only one case has it."""
    cases = Case.objects.select_related("applicant").filter(ref=ref)
    found = list(cases or Case.objects.select_related("applicant").filter(number=ref)[:2])
    if len(found) != 1:
        raise Nobody("Several cases have this number: give the ref." if found else "There is no such case.")
    return _somebody(of_case(found[0]))


def by_contact(number: str) -> Person:
    contact = Contact.objects.filter(pk=int(number) if number.isdecimal() else 0).first()
    if contact is None or contact.unreachable_because == "erased":
        raise Nobody("There is no such chat.")
    return of_contact(contact)


def proof(reference: str) -> Erasure:
    try:
        found = Erasure.objects.filter(pk=UUID(reference)).first()
    except ValueError:
        found = None
    if found is None:
        raise Nobody("There is no such proof.")
    return found


def _somebody(person: Person) -> Person:
    if not person:
        raise Nobody("Nobody has left this.")
    return person
