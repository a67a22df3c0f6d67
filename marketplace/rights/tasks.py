from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.rights import operations, receipts

CALENDAR = (operations.expire, receipts.issue_owed)


@shared_task(name="rights.sweep")
def sweep(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())
