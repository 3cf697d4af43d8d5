"""The Django app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "telal.cases"
