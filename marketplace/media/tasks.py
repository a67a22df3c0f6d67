from collections.abc import Callable

from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.media import arriving, deleting, receiving, recording

TICKS: tuple[Callable[..., object], ...] = (
    recording.settle,
    receiving.expire,
    arriving.check_arrived,
    arriving.settle_finished,
    deleting.quarantine,
    deleting.refuse_never_whole,
    deleting.begin_due,
    deleting.delete_begun,
)


@shared_task(name="media.sweep")
def sweep(**_: object) -> None:
    run_each(TICKS, at=clock.now())
