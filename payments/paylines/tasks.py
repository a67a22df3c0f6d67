from celery import shared_task

from kit import clock
from payments.paylines import silence, watching


@shared_task(name="paylines.sweep")
def sweep(**_: object) -> None:
    silence.sweep(at=clock.now())


@shared_task(name="paylines.watch")
def watch(**_: object) -> None:
    watching.sweep(at=clock.now())
