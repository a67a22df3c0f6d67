from collections.abc import Callable

from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.engagements import operations as engagements
from marketplace.sessions import deliveries, moving, polling, reminders, video_rooms

CALENDAR: tuple[Callable[..., object], ...] = (
    deliveries.ensure_partitions,
    deliveries.drop_days,
    deliveries.ring_overdue,
    moving.lapse_moves,
    reminders.remind_of_calls,
    engagements.activate_ready,
)


@shared_task(name="sessions.calendar")
def calendar(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())


@shared_task(name=video_rooms.TASK)
def poll(**_: object) -> None:
    polling.sweep(at=clock.now())
