from celery import shared_task

from kit import clock
from payments.webhooks import events


@shared_task(name="webhooks.sweep")
def sweep(**_: object) -> None:
    events.work(at=clock.now())
