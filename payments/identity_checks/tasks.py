from celery import shared_task

from kit import clock
from payments.identity_checks import operations


@shared_task(name="identity.sweep")
def sweep(**_: object) -> None:
    operations.refresh_due(at=clock.now())
