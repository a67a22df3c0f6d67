from collections.abc import Callable

from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.slots import operations

CALENDAR: tuple[Callable[..., object], ...] = (
    operations.follow_moved,
    operations.end_holds,
    operations.lapse_slots,
)


@shared_task(name="slots.calendar")
def calendar(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())
