from celery import shared_task

from kit import clock
from payments.control import audit as invariants


@shared_task(name="control.audit")
def audit(**_: object) -> None:
    invariants.run_and_halt(at=clock.now())
