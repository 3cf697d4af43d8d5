"""Forms that arrive when their session is over: not lost, but sent on by whoever sent them, when they have signed in again.

Meanwhile a form lies sealed in the session that begins, readable for them alone, until they send anything.
"""

import json
from dataclasses import asdict, dataclass

from django.http import HttpRequest

from telal.sealing import seals
from telal.sealing.keyring import Unreadable

# What somebody has typed; a list to paste is a few dozen kilobytes.
LARGEST = 200_000
_KEPT = "unsent"


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """Where it was going, and its fields as they were."""

    address: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest, user_id: int) -> bool:
    """Keep the form of this user, who is signed in no longer. False where there is none, or one that cannot be kept."""
    if request.method != "POST" or request.headers.get("HX-Request") or request.FILES:
        return False
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    written = json.dumps(asdict(UnsentForm(request.get_full_path(), fields)))
    if len(written) > LARGEST:
        return False
    request.session[_KEPT] = seals.seal(written, _place(user_id))
    return True


def kept(request: HttpRequest) -> UnsentForm | None:
    """The form that waits for whoever asks."""
    try:
        written = seals.unseal(request.session.get(_KEPT, ""), _place(request.user.pk))
    except Unreadable:
        return None
    return UnsentForm(**json.loads(written)) if written else None


def drop(request: HttpRequest) -> None:
    """They have sent it, or something else instead."""
    request.session.pop(_KEPT, None)


def _place(user_id: int | None) -> str:
    return f"unsent of {user_id}"
