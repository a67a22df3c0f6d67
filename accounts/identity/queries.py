"""Who is behind a mail address. One that nobody has confirmed may be anybody's: whoever signed up with it is no one yet."""

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.identity.models import User
from kit.errors import NotFound


def get_person(actor: Actor) -> User:
    """The person acting. Raises Forbidden (403) for an API key, the house, or nobody."""
    return User.objects.get(pk=actor.require_person("This takes a person who is logged in."))


def person_at(email: str) -> User | None:
    """Who logs in by this address and has confirmed it; None for anybody else's."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    return user if user is not None and has_confirmed(user) else None


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


def has_confirmed(user: User) -> bool:
    """Whether they have shown that the address by which they log in is theirs."""
    own = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return bool(own.exists())
