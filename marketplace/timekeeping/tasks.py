from celery import shared_task

from kit import clock
from marketplace.timekeeping import operations
from marketplace.timekeeping.reminders import remind
from marketplace.timekeeping.silence import decide_unanswered
from marketplace.timekeeping.sweep import sweep_rooms


@shared_task(name="presence.sweep")
def sweep(**_: object) -> None:
    sweep_rooms(at=clock.now())


@shared_task(name="timekeeping.calendar")
def calendar(**_: object) -> None:
    now = clock.now()
    operations.open_reviews(at=now)
    operations.submit_due(at=now)
    operations.auto_approve_due(at=now)
    decide_unanswered(at=now)
    remind(at=now)
