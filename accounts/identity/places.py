"""A person loses a place: what they made by it, and what works by itself, ends with it and does not come back with them."""

from dataclasses import dataclass
from datetime import datetime

from django.dispatch import Signal

from accounts.identity.models import User

# Sent within the change, with `place` and `at`. Each room ends what is its own.
lost = Signal()


@dataclass(frozen=True)
class Place:
    """Whose it was: to run that company, to administer the house, or, `everywhere`, to be anybody at all."""

    user: User
    company_id: int | None = None
    everywhere: bool = False


def is_lost(place: Place, *, at: datetime) -> None:
    """Let every room know. In the caller's transaction."""
    lost.send(sender=Place, place=place, at=at)
