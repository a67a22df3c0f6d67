from accounts.access.actors import Actor
from accounts.notifications.models import Notification
from kit.errors import NotFound


def get_notification(actor: Actor, public_id: str) -> Notification:
    """Raises NotFound (404)."""
    found = Notification.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
