from celery import shared_task

from kit import clock
from payments.payroll import accrual, holds


@shared_task(name="payroll.accrue")
def accrue(**_: object) -> None:
    accrual.accrue(at=clock.now())
    holds.release_vetted(at=clock.now())
