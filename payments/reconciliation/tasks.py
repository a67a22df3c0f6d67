from celery import shared_task

from kit import clock
from payments.reconciliation import audit as invariants
from payments.reconciliation import inbox


@shared_task(name="webhooks.sweep")
def sweep(**_: object) -> None:
    inbox.work(at=clock.now())


@shared_task(name="webhooks.forget")
def forget(**_: object) -> None:
    inbox.forget(at=clock.now())


@shared_task(name="reconciliation.audit")
def audit(**_: object) -> None:
    invariants.run_and_halt(at=clock.now())
