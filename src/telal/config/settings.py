"""Every setting, read from the environment once. What is wrong is said at start, all of it at once.

The names are listed in docs/operations.md. Nothing else in Telal reads the environment.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from telal.config.database import database
from telal.retention.classes import CLASSES, LONGEST_DAYS, troubles
from telal.sealing.keyring import key_from, read_key

_wrong: list[str] = []


def _home() -> Path:
    home = Path(os.environ.get("TELAL_HOME") or "var").expanduser().absolute()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        _wrong.append(
            f"TELAL_HOME: cannot use {home} ({error.strerror}); name a folder that this user may write to"
        )
    return home


def _database() -> dict[str, object]:
    try:
        return database(os.environ.get("TELAL_DATABASE_URL", ""), TELAL_HOME)
    except ValueError as error:
        _wrong.append(f"TELAL_DATABASE_URL: {error}")
        return database("", TELAL_HOME)


def _secret_key() -> str:
    """The given key, or one made at the first start of an embedded installation and kept in TELAL_HOME."""
    key = os.environ.get("TELAL_SECRET_KEY", "")
    if key:
        return key
    if os.environ.get("TELAL_DATABASE_URL", "").startswith("postgres"):
        _wrong.append(
            "TELAL_SECRET_KEY: set one long random value, the same for every process on this database"
        )
        return secrets.token_urlsafe()
    kept = TELAL_HOME / "secret_key"
    try:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text()
    except OSError as error:
        _wrong.append(f"TELAL_HOME: cannot write {kept} ({error.strerror})")
        return secrets.token_urlsafe()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key


def _data_keys() -> tuple[bytes, ...]:
    """What personal data is sealed with, the newest first. The key made from the secret key comes last, so that an installation
    can go over to keys of its own.
    """
    try:
        given = [
            read_key(written) for written in os.environ.get("TELAL_DATA_KEYS", "").replace(",", " ").split()
        ]
    except ValueError:
        _wrong.append(
            "TELAL_DATA_KEYS: give keys that telal keys new has made, the newest first, separated by commas"
        )
        given = []
    return (*given, key_from(SECRET_KEY))


def _public_url() -> str:
    url = os.environ.get("TELAL_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    if not _is_address(url):
        _wrong.append("TELAL_PUBLIC_URL: give the whole address, such as https://predmeti.example.ba")
    return url


def _keep() -> dict[str, int]:
    """Days to keep each class of data. What is no number counts as none, and so is found to be too few."""
    given = {kept.code: os.environ.get(kept.variable, str(kept.days)) for kept in CLASSES}
    days = {code: int(text) if text.isascii() and text.isdecimal() else 0 for code, text in given.items()}
    _wrong.extend(troubles(days))
    return days


def _days(name: str, given: str) -> int:
    days = int(given) if given.isascii() and given.isdecimal() else 0
    if not 1 <= days <= LONGEST_DAYS:
        _wrong.append(f"{name}: say a whole number of days from 1 to {LONGEST_DAYS}")
    return days


def _deadman_url() -> str:
    url = os.environ.get("TELAL_DEADMAN_URL", "")
    if url and not _is_address(url):
        _wrong.append(
            "TELAL_DEADMAN_URL: give the whole address, such as https://hc-ping.com/…, or leave it out"
        )
    return url


def _traces() -> bool:
    """Is a collector of OpenTelemetry configured? All else about it, its own library reads from the environment."""
    os.environ.setdefault("OTEL_SERVICE_NAME", "telal")
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or os.environ.get(
        "OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    return bool(endpoint) and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _rate(given: str) -> float | None:
    """Messages a second; none given means as many as Viber bears."""
    try:
        rate = float(given) if given else None
    except ValueError:
        rate = 0.0
    if rate is not None and not 0 < rate < float("inf"):
        _wrong.append("TELAL_VIBER_RATE: a number of messages a second, such as 50")
    return rate


TELAL_HOME = _home()
TELAL_PUBLIC_URL = _public_url()
TELAL_LOG = os.environ.get("TELAL_LOG", "text")
if TELAL_LOG not in ("text", "json"):
    _wrong.append("TELAL_LOG: say text or json")
TELAL_DEADMAN_URL = _deadman_url()
TELAL_TRACES = _traces()

SECRET_KEY = _secret_key()
# Where an embedded installation keeps it; None when it is given.
TELAL_KEPT_KEY = None if os.environ.get("TELAL_SECRET_KEY") else TELAL_HOME / "secret_key"
TELAL_DATA_KEYS = _data_keys()
DATABASES = {"default": _database()}

# ── The municipality ─────────────────────────────────────────────────────────────────────────────────────────────────

TELAL_MUNICIPALITY = {
    "name": os.environ.get("TELAL_MUNICIPALITY", "Općina Stari Grad Sarajevo"),
    "address": os.environ.get("TELAL_MUNICIPALITY_ADDRESS", "Zelenih beretki 4, 71000 Sarajevo"),
    "phone": os.environ.get("TELAL_MUNICIPALITY_PHONE", "033 282 300"),
    "email": os.environ.get("TELAL_MUNICIPALITY_EMAIL", "info@starigrad.ba"),
    "dpo": os.environ.get("TELAL_MUNICIPALITY_DPO", "info@starigrad.ba"),
}
TELAL_INVITATION_DAYS = 30
TELAL_RECONFIRM_DAYS = _days("TELAL_RECONFIRM_DAYS", os.environ.get("TELAL_RECONFIRM_DAYS", "180"))
TELAL_KEEP = _keep()

# ── The channel ──────────────────────────────────────────────────────────────────────────────────────────────────────

TELAL_VIBER_URI = os.environ.get("TELAL_VIBER_URI", "")
TELAL_CHANNEL: dict[str, Any] = {
    "class": "telal.channels.viber.Viber",
    "options": {
        "token": os.environ.get("TELAL_VIBER_TOKEN", ""),
        "api": os.environ.get("TELAL_VIBER_API", "https://chatapi.viber.com/pa").rstrip("/"),
        "name": TELAL_MUNICIPALITY["name"],
        "rate": _rate(os.environ.get("TELAL_VIBER_RATE", "")),
    },
}

# ── Django ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_public = urlsplit(TELAL_PUBLIC_URL)
_https = _public.scheme == "https"

ROOT_URLCONF = "telal.config.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "telal.sealing",
    "telal.cases",
    "telal.staff",
    "telal.messaging",
    "telal.notices",
    "telal.conversation",
    "telal.retention",
    "telal.intake",
    "telal.counter",
    "telal.public",
    "telal.api",
    "telal.worker",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "telal.public.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "telal.api.tracing.FollowCaller",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "telal.public.context.municipality",
                "telal.public.context.speech",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Behind the proxy the Host header is the public one; on loopback, machines ask health and hooks directly.
ALLOWED_HOSTS = [_public.hostname or "", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
LOGIN_URL = "counter:sign_in"
LOGIN_REDIRECT_URL = "counter:home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "bs"
LANGUAGES = [("bs", _("Bosnian")), ("hr", _("Croatian")), ("sr", _("Serbian")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Sarajevo"

STATIC_URL = "/static/"
# Files are served from where they lie: no collection step before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LOGGING_CONFIG = None

if _wrong:
    raise ImproperlyConfigured("Telal cannot start:\n  - " + "\n  - ".join(_wrong))
