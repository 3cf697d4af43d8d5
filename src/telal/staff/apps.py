"""The Django app."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "telal.staff"
