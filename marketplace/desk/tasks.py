from celery import shared_task

from kit import clock
from marketplace.desk import pace


@shared_task(name="desk.pace")
def reckon_pace(**_: object) -> None:
    pace.reckon(at=clock.now())
