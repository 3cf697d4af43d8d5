"""The municipality's own OpenID Connect server, as a process of its own: django-oauth-toolkit, with two people who may sign in.

``python -m tests.issuer PORT REDIRECT_URI``; it says ``ready`` when it answers. ``ISSUER`` is its address behind the port.
"""

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from tempfile import TemporaryDirectory
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

ISSUER = "/o"
CLIENT, SECRET = "telal", "a secret between the two"
NAME, STRANGER, PASSWORD = "amra", "mirza", "lozinka-iz-općine"

_SIGN_IN = '<form method="post">{% csrf_token %}{{ form }}<button>Prijava u općini</button></form>'


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None: ...


def _configure(home: Path) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY="of the issuer",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.issuer_inside",
        LOGIN_URL="/sign-in",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        # Its tables are made as they are today: it lives for a minute.
        MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "sessions", "oauth2_provider")),
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": home / "issuer.sqlite3"}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": _SIGN_IN})
                    ]
                },
            }
        ],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": key.decode(),
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "", "profile": "", "email": ""},
            "OAUTH2_VALIDATOR_CLASS": "tests.issuer_inside.Claims",
        },
    )


def _fill(redirect_uri: str) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
    for name in (NAME, STRANGER):
        User.objects.create_user(name, password=PASSWORD)
    Application.objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        redirect_uris=redirect_uri,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


def main() -> None:
    port, redirect_uri = sys.argv[1:]
    with TemporaryDirectory() as home:
        _configure(Path(home))
        django.setup()
        _fill(redirect_uri)
        from django.core.wsgi import get_wsgi_application

        with make_server("127.0.0.1", int(port), get_wsgi_application(), Server, Quiet) as server:
            print("ready", flush=True)
            server.serve_forever()


if __name__ == "__main__":
    main()
