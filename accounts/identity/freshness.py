"""How lately a person proved who they are: by the house's clock, in the session by which they act."""

from datetime import datetime

from allauth.account.signals import authentication_step_completed
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.identity.models import User
from kit import clock

PROVED = "proved"


@receiver(authentication_step_completed)
def _note(*, request: HttpRequest, user: User, **_: object) -> None:
    # allauth keeps records too, but in the machine's time: a laptop's house may live in another week.
    request.session[PROVED] = [user.public_id, clock.now().isoformat()]


def proved_at(*, session: SessionBase, user: User) -> datetime | None:
    """When `user` last gave a password or second factor in this session; None when never."""
    who, at = session.get(PROVED, ("", ""))
    return datetime.fromisoformat(at) if who == user.public_id else None
