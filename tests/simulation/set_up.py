"""Django for a process of the simulation. Imports nothing of the house, so that a new process can begin here."""

import os

import django


def set_up() -> None:
    """The tests' settings, and their own Postgres."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callboard.settings.test")
    django.setup()
