from celery import shared_task

from kit import clock
from kit.jobs import run_each
from marketplace.craft import arriving, keeping


@shared_task(name="craft.sweep")
def sweep(**_: object) -> None:
    run_each((keeping.let_go_of_what_is_over, keeping.remove_files, arriving.check_arrived), at=clock.now())
