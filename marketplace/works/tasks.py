from collections.abc import Callable

from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.works import arriving, keeping, silence

CALENDAR: tuple[Callable[..., object], ...] = (
    silence.decide,
    silence.lapse,
    silence.free_refused,
    silence.remind,
    keeping.let_go_of_what_is_over,
)


@shared_task(name="works.calendar")
def calendar(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())


@shared_task(name="works.sweep")
def sweep(**_: object) -> None:
    run_each((keeping.remove_files, arriving.check_arrived), at=clock.now())
