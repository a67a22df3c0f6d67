from collections.abc import Callable

from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.slots import operations, stand_ins

CALENDAR: tuple[Callable[..., object], ...] = (
    operations.follow_moved,
    operations.end_holds,
    operations.tell_of_reopened,
    operations.warn_of_half_taken,
    operations.lapse_slots,
    stand_ins.close_due,
    stand_ins.seek_due,
)


@shared_task(name="slots.calendar")
def calendar(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())
