from celery import shared_task

from kit import clock
from payments.funding import endings, following, withdrawals


@shared_task(name="funding.sweep")
def sweep(**_: object) -> None:
    at = clock.now()
    for funding in withdrawals.send_due(at=at):
        following.refresh_soon(funding, at=at)
    following.refresh_due(at=at)
    endings.give_back_ended(at=at)
