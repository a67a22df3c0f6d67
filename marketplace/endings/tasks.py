from celery import shared_task

from kit import clock
from marketplace.endings import debts


@shared_task(name="endings.debts")
def release_unpaid(**_: object) -> None:
    debts.release_unpaid(at=clock.now())
