from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.deliveries import building, recalling

CALENDAR = (recalling.recall, recalling.chase, building.build_due)


@shared_task(name="deliveries.sweep")
def sweep(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())
