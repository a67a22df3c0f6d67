"""Who is behind a mail address. One that nobody has confirmed may be anybody's: whoever signed up with it is no one yet."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet

from accounts.access import step_up
from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.identity.freshness import proof
from accounts.identity.models import StaffRole, User
from kit.rows import by_public_id


def get_person(actor: Actor) -> User:
    """The person acting. Raises Forbidden (403) for an API key, the house, or nobody."""
    return User.objects.get(pk=actor.require_person("This takes a person who is logged in."))


# Recovery codes stand in for one of these; alone they are none.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def second_factors(user: User) -> QuerySet[Authenticator]:
    """What the person has set up to prove who they are, beside a password."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS)
    return found


def is_fresh(*, user: User, session: SessionBase, at: datetime) -> bool:
    """Whether the person proved who they are in this session just now."""
    given = proof(session=session, user=user)
    return step_up.is_fresh(given.at(has_second_factor=second_factors(user).exists()), at=at)


def staff() -> QuerySet[User]:
    """Everyone who works in the house, with their roles, by name."""
    return (
        User.objects.filter(staff_roles__isnull=False)
        .distinct()
        .prefetch_related("staff_roles")
        .order_by("name", "pk")
    )


def get_user(public_id: str) -> User:
    """Raises NotFound (404)."""
    return by_public_id(User.objects.all(), public_id)


def has_administrator() -> bool:
    """Whether somebody who can come in says who works in the house."""
    return StaffRole.objects.filter(role=Staff.ADMIN, user__is_active=True).exists()
