from collections.abc import Callable

from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.timekeeping import operations
from marketplace.timekeeping.reminders import remind
from marketplace.timekeeping.silence import decide_unanswered
from marketplace.timekeeping.sweep import sweep_rooms

CALENDAR: tuple[Callable[..., object], ...] = (
    operations.open_reviews,
    operations.submit_due,
    operations.auto_approve_due,
    decide_unanswered,
    remind,
)


@shared_task(name="presence.sweep")
def sweep(**_: object) -> None:
    sweep_rooms(at=clock.now())


@shared_task(name="timekeeping.calendar")
def calendar(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())
