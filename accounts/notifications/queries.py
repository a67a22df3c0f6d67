from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.notifications.models import Notification
from kit.errors import NotFound

FAILS_FROM_TRIES = 6  # after about five minutes


def get_notification(actor: Actor, public_id: str) -> Notification:
    """Raises NotFound (404)."""
    found = Notification.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def failing_mail() -> QuerySet[Notification]:
    """News whose mail was tried again and again and never went out, the oldest first."""
    return Notification.objects.filter(mailed_at=None, mail_tries__gte=FAILS_FROM_TRIES).order_by("id")
