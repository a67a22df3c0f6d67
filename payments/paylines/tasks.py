from celery import shared_task

from kit import clock
from kit.jobs import run_each
from payments.paylines import licensing, pieces, silence, watching


@shared_task(name="paylines.sweep")
def sweep(**_: object) -> None:
    run_each((silence.sweep, licensing.sweep, pieces.sweep), at=clock.now())


@shared_task(name="paylines.watch")
def watch(**_: object) -> None:
    watching.sweep(at=clock.now())
