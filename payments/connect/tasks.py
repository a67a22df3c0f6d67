from celery import shared_task

from kit import clock
from payments.connect import operations


@shared_task(name="connect.sweep")
def sweep(**_: object) -> None:
    operations.refresh_due(at=clock.now())
