"""Who is behind a mail address. One that nobody has confirmed may be anybody's: whoever signed up with it is no one yet."""

from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.identity.models import StaffRole, User
from kit.errors import NotFound


def get_person(actor: Actor) -> User:
    """The person acting. Raises Forbidden (403) for an API key, the house, or nobody."""
    return User.objects.get(pk=actor.require_person("This takes a person who is logged in."))


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
    found = User.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def has_administrator() -> bool:
    """Whether somebody who can come in says who works in the house."""
    return StaffRole.objects.filter(role=Staff.ADMIN, user__is_active=True).exists()
