"""Held: earned, not lost, and not going out by itself. With a reason, a fix, and two people who were told."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.operations import notify
from kit.crash import cp
from kit.money import Money
from payments.payouts.reasons import Who, reason
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState, RunState
from payments.reconciliation.findings import tell_finance

# Holds that end by themselves when the fact behind them changes.
WAITS_FOR_ACCOUNT = frozenset({"payout_account_missing", "payout_account_not_ready", "bank_change_hold"})


def hold(item: PayItem, *, code: str, detail: str, by: Actor, at: datetime) -> None:
    """Hold an item, and tell the performer and finance, in the caller's transaction."""
    audit.move(
        item,
        ItemState.HELD,
        by=by,
        at=at,
        reason=code,
        hold_code=code,
        hold_detail=detail[:500],
        held_at=at,
        lease_until=None,
        due_at=None,
    )
    tell(item, at=at)
    cp("hold.told")


def tell(item: PayItem, *, at: datetime) -> None:
    """Tell the performer and finance why an item is held, once per hold."""
    why = reason(item.hold_code, item.hold_detail)
    amount = Money(item.amount_minor, item.currency).display()
    key = f"held:{item.public_id}:{item.generation}:{item.hold_code}"
    if item.amount_minor < 0:
        body = f"{why.means} Nothing is taken from your bank. {why.fix}"
    elif why.who == Who.PERFORMER:
        body = f"Your pay of {amount} is safe and waits for you. {why.means} {why.fix}"
    else:
        body = f"Your pay of {amount} is safe and waits with us. {why.means} Finance is on it; you need to do nothing."
    notify(
        user_id=item.performer.user_id,
        key=key,
        kind="pay_held",
        title="Your pay is waiting",
        body=body,
        at=at,
        path="/pay/",
    )
    tell_finance(key=key, title=f"{amount} is held", body=f"{why.means} {why.fix}", at=at, path="/pay/held/")


@transaction.atomic
def release(*, item: PayItem, by: Actor, at: datetime) -> PayItem:
    """Let a held item go out again, under the next key where the last one was refused. Finance, or the house itself."""
    by.require_finance()
    item = PayItem.objects.select_for_update(of=("self",)).select_related("run").get(pk=item.pk)
    refused = item.attempts.filter(generation=item.generation).exists()
    audit.move(
        item,
        ItemState.READY,
        by=by,
        at=at,
        generation=item.generation + 1 if refused else item.generation,
        hold_code="",
        hold_detail="",
        held_at=None,
        due_at=at,
        first_sent_at=None,
    )
    if item.run.state in (RunState.PAID, RunState.RECONCILED):
        audit.move(item.run, RunState.PAYING, by=by, at=at, reason=f"{item.public_id} was released")
    cp("release.before_commit")
    return item


def release_for(*, performer_id: int, by: Actor, at: datetime) -> int:
    """The performer's account is ready now: let go what waited for it. Returns how many items."""
    waiting = PayItem.objects.filter(
        performer_id=performer_id, state=ItemState.HELD, hold_code__in=WAITS_FOR_ACCOUNT, amount_minor__gt=0
    )
    items = list(waiting.order_by("id"))
    for item in items:
        release(item=item, by=by, at=at)
    return len(items)
