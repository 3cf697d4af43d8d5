"""Another number on a consent. What was signed is never edited: the old consent ends, and one with the new number takes its place.

Either the citizen has another number now, and the old one is somebody else's or will be; or it was written down wrongly, and then
nothing has changed in the world.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from telal.cases.models import Applicant, Case
from telal.messaging.models import Contact
from telal.notices import doubts
from telal.notices.consents import Signatory, let_announcing_end, record_consent, withdraw_all
from telal.notices.models import Consent, Doubt, GivenAs, ProvenPhone, Subscription


def others_of(consent: Consent) -> QuerySet[Consent]:
    """The other consents that this person has given with the same number and that stand."""
    same = Consent.objects.filter(phone_hash=consent.phone_hash, person=consent.person, withdrawal=None)
    return same.exclude(pk=consent.pk).exclude(phone_hash="")


def change(consent_ids: Sequence[int], phone: str, *, recorded_by: str) -> dict[int, Consent]:
    """The citizen has signed again, with their new number (E.164). Returns the new consents by the ids of the old ones.

    The old number proves nothing any more. Whoever has proven it, or has heard of these cases, is asked whether it is still them
    where they follow anything else.
    """
    now = timezone.now()
    with transaction.atomic():
        old = _standing(consent_ids)
        chats = _behind(old)
        new = _replace(old, phone, "number", recorded_by)
        ProvenPhone.objects.filter(phone_hash__in={consent.phone_hash for consent in old}).delete()
        following = Subscription.objects.filter(contact__in=chats, ended_at=None).values("contact")
        doubts.ask(Contact.objects.filter(pk__in=following), Doubt.Because.NUMBER, now)
    return new


def correct(consent_ids: Sequence[int], phone: str, *, recorded_by: str) -> dict[int, Consent]:
    """The number had been written down wrongly: what was signed stays signed. Whoever heard of the cases by it hears no more."""
    with transaction.atomic():
        return _replace(_standing(consent_ids), phone, "correction", recorded_by, is_signed_anew=False)


def _standing(consent_ids: Sequence[int]) -> list[Consent]:
    """Locked, the cases first; one that has been withdrawn meanwhile is not among them."""
    let_announcing_end()
    cases = Case.objects.select_for_update(no_key=True).filter(consents__in=consent_ids).order_by("pk")
    list(cases.values_list("pk"))
    list(Consent.objects.select_for_update().filter(pk__in=consent_ids).order_by("pk").values_list("pk"))
    standing = Consent.objects.select_related("case__applicant").filter(pk__in=consent_ids, withdrawal=None)
    return list(standing.order_by("pk"))


def _behind(consents: Sequence[Consent]) -> set[int]:
    """The chats that hear of these cases by these consents, and those that have proven their numbers."""
    numbers = {consent.phone_hash for consent in consents if consent.phone_hash}
    hearing = Q(subscriptions__consent__in=consents, subscriptions__ended_at=None)
    proven = Q(proven_phones__phone_hash__in=numbers)
    return set(Contact.objects.filter(hearing | proven).values_list("pk", flat=True))


def _replace(
    old: Sequence[Consent], phone: str, medium: str, recorded_by: str, *, is_signed_anew: bool = True
) -> dict[int, Consent]:
    withdraw_all([consent.pk for consent in old], recorded_by=recorded_by, medium=medium)
    return {
        consent.pk: record_consent(
            consent.case,
            recorded_by=recorded_by,
            medium="paper" if is_signed_anew else consent.medium,
            given_at=None if is_signed_anew else consent.given_at,
            text_version="" if is_signed_anew else consent.text_version,
            language=consent.language,
            signatory=_with_number(consent, phone),
        )
        for consent in old
    }


def _with_number(consent: Consent, phone: str) -> Signatory:
    """The same person with the new number; of an applicant the case knows it, too."""
    if consent.given_as == GivenAs.APPLICANT:
        consent.case.applicant = Applicant.called(consent.case.applicant.name, phone)
        consent.case.save(update_fields=["applicant"])
    return Signatory(consent.person, phone, consent.given_as)
