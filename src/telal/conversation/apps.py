"""The Django app."""

from django.apps import AppConfig


class ConversationConfig(AppConfig):
    name = "telal.conversation"
