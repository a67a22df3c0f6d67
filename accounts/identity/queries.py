"""Who is behind a mail address. One that nobody has confirmed may be anybody's: whoever signed up with it is no one yet."""

from allauth.account.models import EmailAddress

from accounts.access.actors import Actor
from accounts.identity.models import User


def get_person(actor: Actor) -> User:
    """The person acting. Raises Forbidden (403) for an API key, the house, or nobody."""
    return User.objects.get(pk=actor.require_person("This takes a person who is logged in."))


def person_at(email: str) -> User | None:
    """Who logs in by this address and has confirmed it; None for anybody else's."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    return user if user is not None and has_confirmed(user) else None


def has_confirmed(user: User) -> bool:
    """Whether they have shown that the address by which they log in is theirs."""
    own = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return bool(own.exists())
