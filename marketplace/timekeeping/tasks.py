from collections.abc import Callable

import structlog
from celery import shared_task

from kit import clock
from marketplace.timekeeping import operations
from marketplace.timekeeping.reminders import remind
from marketplace.timekeeping.silence import decide_unanswered
from marketplace.timekeeping.sweep import sweep_rooms

log = structlog.get_logger(__name__)
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
    now = clock.now()
    for step in CALENDAR:
        try:
            step(at=now)
        except Exception:
            # One step that fails must not hold up the pay of those whom the others reach; it is tried at the next tick.
            log.exception("calendar_step_failed", step=step.__name__)
