"""Some rules whose mutants are known: what `claims.py` beside it notices, and what nobody could."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.identity.models import User

GRACE = timedelta(minutes=10)


def is_late(at: datetime, *, due_at: datetime) -> bool:
    """Claimed to the second."""
    return at > due_at + GRACE


def longer(one: int, other: int) -> int:
    """Nobody can tell `>` from `>=` here."""
    return one if one > other else other


@transaction.atomic
def let_go(user: User) -> None:
    """Under a decorator, and in the database."""
    user.is_active = False
    user.save(update_fields=["is_active"])


def never_asked(number: int) -> bool:
    return number > 0
