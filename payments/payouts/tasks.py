from celery import shared_task

from kit import clock
from payments.payouts import bank, paying, reversals, watch


@shared_task(name="payouts.sweep")
def sweep(**_: object) -> None:
    watch.beat(name="payouts.sweep", at=clock.now(), taken=paying.sweep(now=clock.now))


@shared_task(name="payouts.settle")
def settle(**_: object) -> None:
    bank.settle(at=clock.now())


@shared_task(name="payouts.reversals")
def read_transfers(**_: object) -> None:
    reversals.read_transfers(at=clock.now())


@shared_task(name="payouts.watchdog")
def watchdog(**_: object) -> None:
    watch.watch(at=clock.now())
