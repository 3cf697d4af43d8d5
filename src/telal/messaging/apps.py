"""The Django app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "telal.messaging"
