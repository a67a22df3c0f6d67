from celery import shared_task

from kit import clock
from payments.invoicing import operations


@shared_task(name="invoicing.sweep")
def sweep(**_: object) -> None:
    operations.issue_due(at=clock.now())
