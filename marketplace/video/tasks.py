from celery import shared_task

from kit import clock
from marketplace.video import operations


@shared_task(name="video.forget")
def forget(**_: object) -> None:
    operations.forget(at=clock.now())
