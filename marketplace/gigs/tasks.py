from celery import shared_task

from kit import clock
from marketplace.gigs import saved


@shared_task(name="gigs.searches")
def send_searches(**_: object) -> None:
    saved.send_due(at=clock.now())
