from celery import shared_task

from kit import clock
from marketplace.engagements import operations as engagements
from marketplace.sessions import presence


@shared_task(name="sessions.calendar")
def calendar(**_: object) -> None:
    now = clock.now()
    presence.ensure_partitions(at=now)
    presence.ring_overdue(at=now)
    engagements.activate_ready(at=now)
