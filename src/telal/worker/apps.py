"""The Django app."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "telal.worker"
