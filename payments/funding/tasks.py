from celery import shared_task

from kit import clock
from payments.funding import operations


@shared_task(name="funding.sweep")
def sweep(**_: object) -> None:
    operations.refresh_due(at=clock.now())
