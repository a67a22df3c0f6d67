from accounts.access.actors import Actor
from accounts.identity.models import User


def get_person(actor: Actor) -> User:
    """The person acting. Raises Forbidden (403) for an API key, the house, or nobody."""
    return User.objects.get(pk=actor.require_person("This takes a person who is logged in."))
