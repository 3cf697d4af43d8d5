"""The Django app."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "telal.public"
