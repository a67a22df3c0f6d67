"""From an approved run to a paid one: preflight, the sweep that makes progress, and the end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import crash_point
from kit.errors import DomainError
from payments.inbox import findings
from payments.inbox.halts import raise_halt, refuse_if_halted
from payments.payouts import sending, settling
from payments.payouts.calls import Calls, of_this_process
from payments.payouts.rail import Unreachable
from payments.payouts.rails import RAILS
from payments.payroll import queries
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import RUN, ItemState, RunState

log = structlog.get_logger(__name__)
SWEEPER = Actor.of_system("payouts")
LIVE = (ItemState.READY, ItemState.SENDING)
# The next tick goes on: a payday must not keep all hands of a small house from the webhooks.
LONGEST_SWEEP = timedelta(seconds=15)


def start(*, run: PayRun, by: Actor, at: datetime) -> PayRun:
    """Preflight, then let the run's items be claimed. A run that pays, or has paid, is returned as it is.

    Raises Forbidden (403), PayoutsHalted, NotCovered, IllegalMove (409), Unreachable. The outside calls come before
    the transaction.
    """
    by.require_finance()
    refuse_if_halted()
    for rail in RAILS.values():
        rail.preflight(run=run, at=at)
    crash_point("start.preflight_done")
    with transaction.atomic():
        run = PayRun.objects.select_for_update().get(pk=run.pk)
        # Paid already: another worker took it all the way while this one asked Stripe.
        if run.state in (RunState.PAYING, RunState.PAID):
            return run
        RUN.check(run.state, RunState.PAYING)
        if queries.content_hash(run) != run.approved_hash:
            raise_halt(code="run_content_changed", detail=f"{run.public_id} is not what was approved.", at=at)
            return run
        audit.move(run, RunState.PAYING, by=by, at=at, paying_at=at)
        settling.settle(run, at=at)
        PayItem.objects.filter(run=run, state=ItemState.READY).update(due_at=at)
        crash_point("start.before_commit")
    return run


def start_approved(*, at: datetime) -> None:
    """Start every approved run that can be; one that cannot lies in finance's inbox and is tried again."""
    for run in PayRun.objects.filter(state=RunState.APPROVED).order_by("id"):
        try:
            start(run=run, by=SWEEPER, at=at)
        except DomainError as refusal:
            findings.report(code=refusal.code, thing=run.public_id, detail=refusal.detail, at=at)
        except Unreachable as error:
            detail = f"Stripe could not be asked before {run.public_id} starts: {error}."
            findings.report(code="stripe_unreachable", thing=run.public_id, detail=detail, at=at)


def sweep(*, now: Callable[[], datetime], at_most: int = 100_000, calls: Calls | None = None) -> int:
    """Take due items through the protocol, within the pace, for a while; returns how many were taken up."""
    if not all(rail.knows_what_went_out(at=now()) for rail in RAILS.values()):
        return 0
    start_approved(at=now())
    # From here on: runs that cannot start must not take the time of those that pay.
    until = now() + LONGEST_SWEEP
    taken_up = sending.send_due(calls=calls or of_this_process(), now=now, until=until, at_most=at_most)
    finish(at=now())
    return taken_up


def finish(*, at: datetime) -> None:
    """Close the runs in which nothing is left to send; held items stay held, and go out when they can."""
    for run in PayRun.objects.filter(state=RunState.PAYING).order_by("id"):
        if not PayItem.objects.filter(run=run, state__in=LIVE).exists():
            _finish(run, at=at)


@transaction.atomic
def _finish(run: PayRun, *, at: datetime) -> None:
    run = PayRun.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.PAYING or PayItem.objects.filter(run=run, state__in=LIVE).exists():
        return
    audit.move(run, RunState.PAID, by=SWEEPER, at=at, paid_at=at)
    crash_point("finish.before_commit")
