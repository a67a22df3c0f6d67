from celery import shared_task

from kit import clock
from marketplace.engagements.papers import make_owed


@shared_task(name="agreements.papers")
def papers(**_: object) -> None:
    make_owed(at=clock.now())
