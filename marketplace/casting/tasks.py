from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.casting import answering, operations

CALENDAR = (
    operations.expire,
    operations.remind_of_answers,
    operations.remind_of_offers,
    operations.remind_of_auditions,
    answering.answer_for_the_silent,
)


@shared_task(name="casting.expire")
def expire(**_: object) -> None:
    run_each(CALENDAR, at=clock.now())
