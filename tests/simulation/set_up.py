"""Django for a process of the simulation. Imports nothing of the house, so that a new process can begin here."""

import gc
import os

import django

# Stories make millions of small objects that are soon gone: looking for cycles seldom saves a twelfth of the time.
SELDOM = (100_000, 50, 100)


def set_up() -> None:
    """The tests' settings, and their own Postgres."""
    gc.set_threshold(*SELDOM)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callboard.settings.test")
    django.setup()
