"""From an approved run to a paid one: preflight, the sweep that makes progress, and the end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.operations import notify
from kit.crash import cp
from kit.errors import DomainError
from kit.money import Money
from marketplace.timekeeping import operations as timekeeping
from payments.gateway import balance, transfers
from payments.gateway.client import livemode
from payments.gateway.errors import StripeUnavailable
from payments.inbox import findings
from payments.inbox.halts import raise_halt, refuse_if_halted
from payments.payouts import mirror, pace, reversals, sending
from payments.payroll import queries
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState

log = structlog.get_logger(__name__)
SWEEPER = Actor.of_system("payouts")
CLOCKS_DIFFER = timedelta(days=1)
LIVE = (ItemState.READY, ItemState.SENDING)
LOOKED_LATELY = timedelta(minutes=15)
# The next tick goes on: a payday must not keep all hands of a small house from the webhooks.
LONGEST_SWEEP = timedelta(seconds=15)


class NotCovered(DomainError):
    code = "stripe_balance_insufficient"
    title = "The Stripe balance does not cover it"


def start(*, run: PayRun, by: Actor, at: datetime) -> PayRun:
    """Preflight, then let the run's items be claimed. A run that pays already is returned as it is.

    Raises PayoutsHalted, NotCovered, IllegalMove (409), StripeUnavailable. The outside calls come before the transaction.
    """
    by.require_finance()
    refuse_if_halted()
    _right_platform(at=at)
    _covered(run, already_minor=_remember(run, at=at))
    cp("start.preflight_done")
    with transaction.atomic():
        run = PayRun.objects.select_for_update().get(pk=run.pk)
        if run.state == RunState.PAYING:
            return run
        if queries.content_hash(run) != run.approved_hash:
            raise_halt(code="run_content_changed", detail=f"{run.public_id} is not what was approved.", at=at)
            return run
        audit.move(run, RunState.PAYING, by=by, at=at, paying_at=at)
        PayItem.objects.filter(run=run, state=ItemState.READY).update(due_at=at)
        cp("start.before_commit")
    return run


def start_approved(*, at: datetime) -> None:
    """Start every approved run that can be; one that cannot lies in finance's inbox and is tried again."""
    for run in PayRun.objects.filter(state=RunState.APPROVED).order_by("id"):
        try:
            start(run=run, by=SWEEPER, at=at)
        except DomainError as refusal:
            findings.report(code=refusal.code, thing=run.public_id, detail=refusal.detail, at=at)
        except StripeUnavailable as error:
            detail = f"Stripe could not be asked before {run.public_id} starts: {type(error).__name__}."
            findings.report(code="stripe_unreachable", thing=run.public_id, detail=detail, at=at)


def sweep(*, now: Callable[[], datetime], at_most: int = 400) -> int:
    """Take due items through the protocol, within Stripe's pace, for a while; returns how many were taken up."""
    taken, began_at = 0, now()
    if not _knows_stripe(at=began_at):
        return 0
    start_approved(at=began_at)
    while taken < at_most and now() - began_at < LONGEST_SWEEP:
        pace.wait_for_turn()
        if not sending.send_next(now=now):
            break
        taken += 1
    finish(at=now())
    return taken


def _knows_stripe(*, at: datetime) -> bool:
    """Look at Stripe's transfers unless that was done lately. A database restored from a backup shows by how long ago
    its last look is: what went out since is mirrored before anything else does. False when Stripe cannot be read."""
    if reversals.looked_since(at - LOOKED_LATELY):
        return True
    try:
        reversals.look(at=at)
    except StripeUnavailable as error:
        log.warning("stripe_not_read_before_sending", error=type(error).__name__)
        return False
    return True


def finish(*, at: datetime) -> None:
    """Close the runs in which nothing is left to send; held items stay held, and go out when they can."""
    for run in PayRun.objects.filter(state=RunState.PAYING).order_by("id"):
        if PayItem.objects.filter(run=run, state__in=LIVE).exists():
            continue
        _finish(run, at=at)


@transaction.atomic
def _finish(run: PayRun, *, at: datetime) -> None:
    run = PayRun.objects.select_for_update().select_related("week").get(pk=run.pk)
    if run.state != RunState.PAYING or PayItem.objects.filter(run=run, state__in=LIVE).exists():
        return
    audit.move(run, RunState.PAID, by=SWEEPER, at=at, paid_at=at)
    sent = PayItem.objects.filter(run=run, state__in=(ItemState.SENT, ItemState.SETTLED)).select_related(
        "performer"
    )
    paid = list(sent)
    timekeeping.mark_paid(week=run.week, performers=[item.performer_id for item in paid], by=SWEEPER, at=at)
    cp("finish.marked")
    for item in paid:
        amount = Money(item.amount_minor, item.currency).display()
        notify(
            user_id=item.performer.user_id,
            key=f"paid:{item.public_id}",
            kind="paid",
            title=f"{amount} is on its way",
            body="It is on your Stripe account and goes to your bank by itself. Your statement says which seconds it pays for.",
            at=at,
            path="/pay/",
        )
    cp("finish.before_commit")


def _right_platform(*, at: datetime) -> None:
    configured = settings.STRIPE_ACCOUNT_ID
    if configured and balance.platform_account_id() != configured:
        raise_halt(
            code="wrong_platform", detail="The Stripe key belongs to another account than configured.", at=at
        )
        refuse_if_halted()
    if livemode() != (settings.ENVIRONMENT == "production" and "_live_" in settings.STRIPE_SECRET_KEY):
        raise_halt(code="wrong_mode", detail="A live key outside production.", at=at)
        refuse_if_halted()


def _remember(run: PayRun, *, at: datetime) -> int:
    """What this run's performers have of it already, in minor units: nothing, unless the database was restored to
    before the approval. It has forgotten what it sent, Stripe has not: mirrored, so that each claim looks first."""
    groups = set(map(str, PayItem.objects.filter(run=run).values_list("natural_key", flat=True)))
    made = transfers.since(run.week.close_at - CLOCKS_DIFFER)
    ours = [transfer for transfer in made if transfer.transfer_group in groups]
    mirror.remember(ours, at=at)
    return sum(transfer.amount_minor for transfer in ours)


def _covered(run: PayRun, *, already_minor: int) -> None:
    waiting = (
        PayItem.objects.filter(run=run, state=ItemState.READY).aggregate(total=Sum("amount_minor"))["total"]
        or 0
    ) - already_minor
    has = balance.available_minor(currency=run.currency)
    if has < waiting:
        needs, missing = Money(waiting, run.currency).display(), Money(waiting - has, run.currency).display()
        raise NotCovered(
            f"This run needs {needs} at Stripe; {missing} is missing. Add it, then the run starts by itself."
        )
