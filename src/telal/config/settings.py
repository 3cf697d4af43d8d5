"""Every setting, read from the environment once. What is wrong is said at start, all of it at once.

The names are listed in docs/operations.md. Nothing else in Telal reads the environment.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from telal.config.coats import find_coat
from telal.config.colours import is_colour
from telal.config.database import database
from telal.retention.classes import CLASSES, LONGEST_DAYS, troubles
from telal.sealing.keyring import key_from, read_key
from telal.staff.permissions import ROLES

_wrong: list[str] = []

# Citizens wait as long for their news.
LONGEST_UNDO = 120


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


def _undo_seconds(given: str) -> int:
    seconds = int(given) if given.isascii() and given.isdecimal() else -1
    if not 0 <= seconds <= LONGEST_UNDO:
        _wrong.append(f"TELAL_UNDO_SECONDS: say a whole number of seconds from 0 (never) to {LONGEST_UNDO}")
    return seconds


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


def _second_factor() -> frozenset[str]:
    """The roles that sign in with a second factor or not at all. Without https this is a trial, where nobody needs one."""
    given = os.environ.get("TELAL_SECOND_FACTOR", "administrator" if _https else "nobody")
    roles = frozenset(given.replace(",", " ").split()) - {"nobody"}
    if strange := roles - set(ROLES):
        _wrong.append(
            f"TELAL_SECOND_FACTOR: {', '.join(sorted(strange))} is no role; name some of {', '.join(ROLES)}, or say nobody"
        )
    return roles


def _single_sign_on() -> dict[str, Any]:
    """The municipality's own OpenID Connect server, where it has one."""
    url, name = os.environ.get("TELAL_OIDC_URL", ""), os.environ.get("TELAL_OIDC_NAME", "")
    client, secret = (os.environ.get(f"TELAL_OIDC_{part}", "") for part in ("CLIENT_ID", "CLIENT_SECRET"))
    if not url:
        return {}
    if not _is_address(url):
        _wrong.append(
            "TELAL_OIDC_URL: give the whole address of the issuer, such as https://prijava.example.ba/realms/x"
        )
    if not client or not secret:
        _wrong.append(
            "TELAL_OIDC_CLIENT_ID, TELAL_OIDC_CLIENT_SECRET: give both, as the server of TELAL_OIDC_URL knows Telal"
        )
    app = {
        "provider_id": "oidc",
        "name": name or "Općinski račun",
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": url.rstrip("/"), "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


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


def _colour(given: str) -> str:
    if given and not is_colour(given):
        _wrong.append("TELAL_COLOUR: give the municipality's colour as #rrggbb, such as #1d5454")
        return ""
    return given


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

# A fact, its variable, and what it is in the municipality that Telal was first made for.
_FACTS = {
    "name": ("TELAL_MUNICIPALITY", "Općina Stari Grad Sarajevo"),
    "address": ("TELAL_MUNICIPALITY_ADDRESS", "Zelenih beretki 4, 71000 Sarajevo"),
    "phone": ("TELAL_MUNICIPALITY_PHONE", "033 282 300"),
    "email": ("TELAL_MUNICIPALITY_EMAIL", "info@starigrad.ba"),
    "dpo": ("TELAL_MUNICIPALITY_DPO", "info@starigrad.ba"),
}
TELAL_MUNICIPALITY = {fact: os.environ.get(variable, usual) for fact, (variable, usual) in _FACTS.items()}
TELAL_MUNICIPALITY_VARIABLES = {fact: variable for fact, (variable, _usual) in _FACTS.items()}
TELAL_COLOUR = _colour(os.environ.get("TELAL_COLOUR", ""))
TELAL_COAT = find_coat(TELAL_HOME)
TELAL_INVITATION_DAYS = 30
TELAL_RECONFIRM_DAYS = _days("TELAL_RECONFIRM_DAYS", os.environ.get("TELAL_RECONFIRM_DAYS", "180"))
TELAL_KEEP = _keep()
# Those that the environment says; for the others, what is chosen on the screen counts more.
TELAL_KEEP_FIXED = frozenset(kept.code for kept in CLASSES if kept.variable in os.environ)
# A change made at the counter can be taken back for so long, and nobody is told of it before.
TELAL_UNDO_SECONDS = _undo_seconds(os.environ.get("TELAL_UNDO_SECONDS", "10"))

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
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "telal.config.static_files.StaticFiles",
    "telal.public.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "telal.counter.language.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
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
# However busy somebody is, and when nobody has done anything: seconds.
SESSION_COOKIE_AGE = 12 * 3600
TELAL_IDLE_SECONDS = 3600
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
LOGIN_URL = "counter:sign_in"
LOGIN_REDIRECT_URL = "counter:start"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# ── Signing in ───────────────────────────────────────────────────────────────────────────────────────────────────────

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# Guesses are counted here, by all processes together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "staff_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # What each process may work out for itself.
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
ACCOUNT_ADAPTER = "telal.staff.signing_in.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = True
# A whole office may come from one address in the morning; a name may be guessed at five times in five minutes.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "30/m/ip,5/300s/key"}
MFA_ADAPTER = "telal.staff.signing_in.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = f"Telal, {TELAL_MUNICIPALITY['name']}"
# Browsers take localhost for safe; anything else without https is not.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https
TELAL_SECOND_FACTOR = _second_factor()
SOCIALACCOUNT_ADAPTER = "telal.staff.signing_in.SingleSignOn"
# By a link: a form may not lead to another host.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = _single_sign_on()

LANGUAGE_CODE = "bs"
# Each called as in itself.
LANGUAGES = [("bs", "Bosanski"), ("hr", "Hrvatski"), ("sr", "Српски"), ("en", "English")]
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
