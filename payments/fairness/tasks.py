from celery import shared_task

from kit import clock
from payments.fairness import reckoning


@shared_task(name="fairness.reckon")
def reckon(**_: object) -> None:
    reckoning.reckon(at=clock.now())
