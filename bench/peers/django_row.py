"""The webhook as a Django view: verify, parse, insert one row, 200. Persistent connections to the database.

The middleware is what ``django-admin startproject`` writes; none with ``PEER_IS_BARE``.
"""

import hashlib
import hmac
import json
import os
from urllib.parse import urlsplit

import django
from django.conf import settings

_database = urlsplit(os.environ["PEER_DATABASE"])
_TOKEN = os.environ["PEER_TOKEN"].encode()

_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

settings.configure(
    MIDDLEWARE=[] if os.environ.get("PEER_IS_BARE") else _MIDDLEWARE,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="bench",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _database.path.lstrip("/"),
            "USER": _database.username or "",
            "PASSWORD": _database.password or "",
            "HOST": _database.hostname or "",
            "PORT": str(_database.port or ""),
            # Under ASGI a kept connection would never be used again: there, a pool.
            **(
                {"OPTIONS": {"pool": {"max_size": 16}}}
                if os.environ.get("PEER_IS_ASGI")
                else {"CONN_MAX_AGE": None}
            ),
        }
    },
)
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import IntegrityError, connection, models  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


class Callback(models.Model):
    key = models.CharField(max_length=300, unique=True)
    kind = models.CharField(max_length=40)
    address = models.CharField(max_length=200)
    body = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "peer"
        db_table = os.environ["PEER_TABLE"]


@csrf_exempt
def hook(request):
    expected = hmac.new(_TOKEN, request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers.get("X-Viber-Content-Signature", ""), expected):
        return HttpResponse(status=403)
    event = json.loads(request.body)
    address = event["sender"]["id"]
    key = f"{event['event']} {event['message_token']} {address}"
    try:
        Callback.objects.create(key=key, kind=event["event"], address=address, body=request.body.decode())
    except IntegrityError:
        pass  # delivered again
    return HttpResponse(headers={"Content-Length": "0"})


def live(request):
    return HttpResponse("Alive.")


urlpatterns = [path("hooks/viber/", hook), path("health/live", live)]
with connection.schema_editor() as schema:
    schema.create_model(Callback)
connection.close()
application = get_wsgi_application()
asgi = get_asgi_application()
