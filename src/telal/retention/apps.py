"""The Django app."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "telal.retention"
