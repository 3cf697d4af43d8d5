"""Is the citizen of a case reached? One word for a list, from the consents and the chats behind it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from telal.notices.models import Consent, Subscription

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Reach:
    """What to show: the words, the icon, the tone of its colour."""

    words: "StrOrPromise"
    icon: str
    tone: str


CONNECTED = Reach(_("Viber povezan"), "check", "good")
LEFT = Reach(_("poruke isključene"), "cross", "bad")
WAITING = Reach(_("čeka povezivanje"), "clock", "wait")
WITHDRAWN = Reach(_("saglasnost povučena"), "minus", "calm")
NO_CONSENT = Reach(_("bez saglasnosti"), "minus", "calm")


def reach_of(case_ids: Collection[int]) -> dict[int, Reach]:
    """The reach of each of these cases, in two queries however many they are."""
    reachable: dict[int, set[bool]] = defaultdict(set)
    live = Subscription.objects.filter(case__in=case_ids, ended_at=None, consent__withdrawal=None)
    for case_id, is_reachable in live.values_list("case_id", "contact__reachable"):
        reachable[case_id].add(is_reachable)
    standing: dict[int, set[bool]] = defaultdict(set)
    for case_id, withdrawal in Consent.objects.filter(case__in=case_ids).values_list(
        "case_id", "withdrawal__id"
    ):
        standing[case_id].add(withdrawal is None)
    return {case_id: _reach(reachable[case_id], standing[case_id]) for case_id in case_ids}


def _reach(reachable: set[bool], standing: set[bool]) -> Reach:
    if reachable:
        return CONNECTED if True in reachable else LEFT
    if standing:
        return WAITING if True in standing else WITHDRAWN
    return NO_CONSENT
