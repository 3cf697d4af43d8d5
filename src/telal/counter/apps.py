"""The Django app."""

from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "telal.counter"

    def ready(self) -> None:
        """Whoever signs in begins a session and leaves a line in the audit log, by whatever way they come."""
        from telal.counter import noting, sessions

        noting.listen()
        sessions.listen()
