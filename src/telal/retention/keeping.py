"""How long each class of data is kept now. Three layers, and the first that says something holds: the environment of the server
(``TELAL_KEEP_…``), what an administrator has chosen on the screen, and what Telal proposes.

So whoever runs the server has the last word, and what the screen shows is always what holds.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from telal.retention.classes import CLASSES, in_step
from telal.retention.models import Choice


def days() -> dict[str, int]:
    """Days by class, as they hold now, in every process."""
    chosen = dict(Choice.objects.values_list("code", "days"))
    return in_step({**settings.TELAL_KEEP, **{code: chosen[code] for code in chosen if not is_fixed(code)}})


def is_fixed(code: str) -> bool:
    """Does the environment of the server say it?"""
    return code in settings.TELAL_KEEP_FIXED or code not in settings.TELAL_KEEP


def choose(wanted: Mapping[str, int], by: str) -> None:
    """Keep each class so long from now on; what the environment says stays. Raises ValueError for days out of bounds."""
    now = days()
    changed = {code: count for code, count in wanted.items() if count != now[code] and not is_fixed(code)}
    bounds = {kept.code: range(kept.least, kept.most + 1) for kept in CLASSES}
    if any(count not in bounds[code] for code, count in changed.items()):
        raise ValueError("days out of bounds")
    with transaction.atomic():
        for code, count in changed.items():
            Choice.objects.update_or_create(
                pk=code, defaults={"days": count, "chosen_by": by, "chosen_at": timezone.now()}
            )
