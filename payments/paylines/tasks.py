from celery import shared_task

from kit import clock
from payments.paylines import silence


@shared_task(name="paylines.sweep")
def sweep(**_: object) -> None:
    silence.sweep(at=clock.now())
