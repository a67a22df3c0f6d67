from celery import shared_task

from kit import clock
from marketplace.casting import operations


@shared_task(name="casting.expire")
def expire(**_: object) -> None:
    operations.expire(at=clock.now())
