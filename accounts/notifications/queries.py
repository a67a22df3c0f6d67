from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.notifications.models import Notification
from kit.rows import by_public_id

FAILS_FROM_TRIES = 6  # after about five minutes


def get_notification(actor: Actor, public_id: str) -> Notification:
    """Raises NotFound (404)."""
    return by_public_id(Notification.objects.visible_to(actor), public_id)


def failing_mail() -> QuerySet[Notification]:
    """News whose mail was tried again and again and never went out, the oldest first."""
    return Notification.objects.filter(mailed_at=None, mail_tries__gte=FAILS_FROM_TRIES).order_by("id")
