"""The Django app."""

from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "telal.counter"
