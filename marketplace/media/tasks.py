from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.media import arriving, receiving, recording


@shared_task(name="media.sweep")
def sweep(**_: object) -> None:
    run_each((recording.settle, receiving.expire, arriving.check_arrived), at=clock.now())
