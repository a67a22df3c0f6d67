from celery import shared_task

from kit import clock
from marketplace.engagements import operations as engagements
from marketplace.sessions import deliveries, moving, polling, video_rooms


@shared_task(name="sessions.calendar")
def calendar(**_: object) -> None:
    now = clock.now()
    deliveries.ensure_partitions(at=now)
    deliveries.ring_overdue(at=now)
    moving.lapse_moves(at=now)
    engagements.activate_ready(at=now)


@shared_task(name=video_rooms.TASK)
def poll(**_: object) -> None:
    polling.sweep(at=clock.now())
