from celery import shared_task

from kit import clock
from payments.payroll import accrual


@shared_task(name="payroll.accrue")
def accrue(**_: object) -> None:
    accrual.accrue(at=clock.now())
