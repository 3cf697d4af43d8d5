"""The Django app."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class SealingConfig(AppConfig):
    name = "telal.sealing"

    def ready(self) -> None:
        post_migrate.connect(_know_the_keys, sender=self)


def _know_the_keys(using: str, **_: Any) -> None:
    from telal.sealing.known_keys import know, table_exists

    if table_exists(connections[using]):
        know(connections[using])
