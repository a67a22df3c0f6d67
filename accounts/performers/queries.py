from accounts.access.actors import Actor
from accounts.performers.models import Performer
from kit.errors import NotFound


def get_own(actor: Actor) -> Performer:
    """The actor's own profile, with the person behind it. Raises NotFound (404) where there is none."""
    found = Performer.objects.select_related("user").filter(pk=actor.performer_id).first()
    if found is None:
        raise NotFound("You have no performer's profile yet.")
    return found
