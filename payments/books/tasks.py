from celery import shared_task

from kit import clock
from payments.books import months, summing, weeks


@shared_task(name="books.sweep")
def sweep(**_: object) -> None:
    at = clock.now()
    summing.sum_days(at=at)
    summing.sum_accounts(at=at)
    weeks.sum_weeks(at=at)
    months.compare_due(at=at)
