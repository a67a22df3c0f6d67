"""How lately a person proved who they are: by the house's clock, in the session by which they act."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.signals import authentication_step_completed, user_signed_up
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.identity.models import User
from kit import clock

PROVED = "proved"
PASSWORD, SECOND_FACTOR = "password", "second_factor"


@dataclass(frozen=True)
class Proof:
    """When a person last gave each in a session; None when never."""

    password_at: datetime | None = None
    second_factor_at: datetime | None = None

    def at(self, *, has_second_factor: bool) -> datetime | None:
        """When they last proved who they are: where there is a second factor, a password alone proves nothing."""
        if has_second_factor:
            return self.second_factor_at
        return max(filter(None, (self.password_at, self.second_factor_at)), default=None)


@receiver(authentication_step_completed)
def _note(
    *, request: HttpRequest, user: User, method: str, reauthenticated: bool = False, **_: object
) -> None:
    # allauth keeps records too, but in the machine's time: a laptop's house may live in another week.
    _keep(request, user, SECOND_FACTOR if method == "mfa" else PASSWORD)
    if reauthenticated:
        # Whoever has the old one in hand has not proved anything. An app is told the new one in the answer.
        before = request.session.session_key
        request.session.cycle_key()
        # allauth would list a browser's anew and an app's no more: nothing could end it from elsewhere.
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


@receiver(user_signed_up)
def _note_sign_up(*, request: HttpRequest, user: User, **_: object) -> None:
    """They have just chosen the password."""
    _keep(request, user, PASSWORD)


@receiver(post_save, sender=Authenticator)
def _note_set_up(*, instance: Authenticator, created: bool, **_: object) -> None:
    """Setting one up at a door takes a proof by what there was before, and shows the new one at work."""
    if created and context.request is not None:
        _keep(context.request, instance.user, SECOND_FACTOR)


def _keep(request: HttpRequest, user: User, how: str) -> None:
    who, given = request.session.get(PROVED, ("", {}))
    before = given if who == user.public_id else {}
    request.session[PROVED] = [user.public_id, before | {how: clock.now().isoformat()}]


def proof(*, session: SessionBase, user: User) -> Proof:
    """What `user` gave in this session, and when."""
    who, given = session.get(PROVED, ("", {}))
    if who != user.public_id:
        return Proof()
    at = {how: datetime.fromisoformat(said) for how, said in given.items()}
    return Proof(password_at=at.get(PASSWORD), second_factor_at=at.get(SECOND_FACTOR))
