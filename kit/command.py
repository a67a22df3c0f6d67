"""What every command of ours has: it says in one sentence what it cannot do without, or what a rule refuses."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, connection

from kit.errors import DomainError

NOT_MIGRATED = ("42P01", "42703", "42883")  # no such table, column, function


class HouseCommand(BaseCommand):
    """Ends with one sentence and exit code 1 where the database is away or empty, or an operation refuses."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        except DatabaseError as error:
            sentence = _of_database(error)
            if sentence is None:
                raise
            raise CommandError(sentence) from error


def _of_database(error: DatabaseError) -> str | None:
    """The sentence for a database that is not ready; None for a fault of ours."""
    if getattr(error.__cause__, "sqlstate", None) in NOT_MIGRATED:
        empty = not connection.introspection.table_names()
        lacks = "has no tables yet" if empty else "lacks what this version adds"
        return f"The database {lacks}: run `{_python()} manage.py migrate` first."
    if isinstance(error, OperationalError):
        return f"The database does not answer: {str(error).strip().splitlines()[-1]}"
    return None


def _python() -> str:
    """This interpreter, as one would type it here."""
    here, ours = Path.cwd(), Path(sys.executable)
    return str(ours.relative_to(here) if ours.is_relative_to(here) else ours)
