from celery import shared_task

from kit import clock
from payments.dunning import reminders


@shared_task(name="dunning.sweep")
def sweep(**_: object) -> None:
    reminders.remind_due(at=clock.now())
