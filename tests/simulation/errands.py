"""Errands: what a process is asked to do, by its doorbell's name. The product's own operations, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from payments.connect import operations as connect
from payments.control import audit
from payments.gateway.webhooks import BadSignature
from payments.inbox import halts
from payments.inbox.models import Halt
from payments.inbox.reasons import Next, reason
from payments.payouts import bank, paying, reversals, watch
from payments.payroll import accrual, approving, holds
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from payments.webhooks import events
from tests.payments.world import World, a_week
from tests.simulation.calls import InSeededOrder

Clock = Callable[[], datetime]
Errand = Callable[[World, Clock], object]


def _sweep(world: World, now: Clock) -> object:
    return paying.sweep(now=now, at_most=2, calls=_calls(world))


def _sweep_all(world: World, now: Clock) -> object:
    return paying.sweep(now=now, at_most=12, calls=_calls(world))


def _calls(world: World) -> InSeededOrder:
    return InSeededOrder(world.sandbox.world.chance)


def _accrue(world: World, now: Clock) -> object:
    return accrual.accrue(at=now())


def _close(world: World, now: Clock) -> object:
    by = world.freezer
    run = payroll.close_week(week=a_week(), currency="usd", by=by, at=now())
    return payroll.freeze(run=run, by=by, at=now())


def _approve(world: World, now: Clock) -> object:
    run = PayRun.objects.filter(state=RunState.FROZEN).first()
    at = now()
    if run is not None:
        by = replace(world.approver, proved_at=at)
        approving.approve(run=run, seen_hash=run.content_hash, by=by, at=at)
    return run


def _hooks(world: World, now: Clock) -> object:
    """Stripe delivers; a house that dies while it takes one gets it again."""

    def take(url: str, headers: Mapping[str, str], body: bytes) -> int:
        signature = {name.lower(): value for name, value in headers.items()}["stripe-signature"]
        try:
            events.receive(source=url.rpartition("/")[2], body=body, signature=signature, at=now())
        except BadSignature:
            return 400
        return 204

    return world.sandbox.deliver(take, limit=5)


def _work(world: World, now: Clock) -> object:
    return events.work(at=now(), at_most=4)


def _poll(world: World, now: Clock) -> object:
    return connect.refresh_due(at=now(), at_most=3)


def _settle_banks(world: World, now: Clock) -> object:
    return bank.settle(at=now(), at_most=3)


def _release(world: World, now: Clock) -> object:
    """Finance presses the button of what can be tried again."""
    for item in PayItem.objects.filter(state=ItemState.HELD).order_by("id"):
        if reason(item.hold_code).next in (Next.RETRY, Next.FUND) and item.hold_code != "bank_change_hold":
            holds.release(item=item, by=world.freezer, at=now())
    return None


def _lift(world: World, now: Clock) -> object:
    for halt in Halt.objects.filter(lifted_at=None):
        halts.lift(halt=halt, note="Looked at Stripe: it is as it should be.", by=world.freezer, at=now())
    return None


def _look(world: World, now: Clock) -> object:
    return reversals.read_transfers(at=now())


def _watch(world: World, now: Clock) -> object:
    watch.watch(at=now())
    return None


def _audit(world: World, now: Clock) -> object:
    return audit.run_and_halt(at=world.now)


ERRANDS: dict[str, Errand] = {
    "sweep": _sweep,
    "sweep_all": _sweep_all,
    "accrue": _accrue,
    "close": _close,
    "approve": _approve,
    "hooks": _hooks,
    "work": _work,
    "poll": _poll,
    "settle": _settle_banks,
    "release": _release,
    "lift": _lift,
    "look": _look,
    "watch": _watch,
    "audit": _audit,
}
# Every doorbell of the house, in the order in which a tick rings them.
TICK = ("hooks", "work", "poll", "settle", "look", "lift", "release", "sweep_all")
