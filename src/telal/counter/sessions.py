"""How long somebody stays signed in: until they have done nothing for an hour, and never longer than a working day."""

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

# What somebody does within a minute is one sign of life, and written down once.
_NOTED_EVERY = 60

_BEGAN, _SEEN = "signed_in_at", "seen_at"


def goes_on(request: HttpRequest) -> bool:
    """Is the session still good? One that is over is ended here. What a page asks by itself is no sign of life, and ends none:
    the form on it may still be sent.
    """
    now = int(timezone.now().timestamp())
    session = request.session
    if _is_over(session, now):
        if not _asks_by_itself(request):
            logout(request)
        return False
    if now - session.get(_SEEN, 0) >= _NOTED_EVERY and not _asks_by_itself(request):
        session[_SEEN] = now
    return True


def _is_over(session: SessionBase, now: int) -> bool:
    began, seen = session.get(_BEGAN, 0), session.get(_SEEN, 0)
    return bool(now - began >= settings.SESSION_COOKIE_AGE or now - seen >= settings.TELAL_IDLE_SECONDS)


def _asks_by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and "HX-Request" in request.headers


def _begin(sender: type[User], request: HttpRequest, **_: object) -> None:  # noqa: ARG001 (a signal's words)
    request.session[_BEGAN] = request.session[_SEEN] = int(timezone.now().timestamp())


def listen() -> None:
    user_logged_in.connect(_begin)
