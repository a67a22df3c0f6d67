"""Held: earned, not lost, and not going out by itself. With a reason, a fix, and two people who were told."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.access.actors import Actor
from accounts.access.standings import MAY_BE_PAID
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify, tell_staff
from kit.crash import crash_point
from kit.money import Money
from payments.inbox.reasons import REASONS, Next, Reason, Who, reason
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState

# Items let go in one transaction.
AT_ONCE = 500
# Holds of ours that end by themselves when the fact behind them changes.
NOT_FRESH = "account_not_fresh"
WAITS_FOR_ACCOUNT = frozenset(
    {"payout_account_missing", "payout_account_not_ready", "bank_change_hold", "bank_account_shared"}
)
# Only who was vetted is paid; what is held for it goes out when they are.
NOT_VETTED = "performer_not_vetted"
# Stripe's refusals that a set-up mends: they end when an account that was not ready becomes so.
WAITS_FOR_SETUP = frozenset(code for code, why in REASONS.items() if why.next == Next.REMIND) | {
    "transfers_not_allowed"
}


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
    if code != NOT_FRESH:
        # A minute's wait until the account is read is nobody's news.
        tell(item, at=at)
    crash_point("hold.told")


def tell(item: PayItem, *, at: datetime) -> None:
    """Tell the performer and finance why an item is held, once per hold."""
    why, amount = why_of(item), Money(item.amount_minor, item.currency)
    key = f"held:{item.public_id}:{item.generation}:{item.hold_code}"
    kind, about = _as_the_performer_reads_it(amount, why)
    where = {} if kind is Kind.PAY_WAITS_FOR_PERFORMER else {"item_id": item.public_id}
    notify(kind=kind, user_id=item.performer.user_id, key=key, about=about, where=where, at=at)
    tell_staff(
        kind=Kind.PAY_HELD_TO_FINANCE,
        key=key,
        about={"amount": amount, "means": why.means, "fix": why.fix},
        where={PLACE: item.hold_code},
        at=at,
    )


def why_of(item: PayItem) -> Reason:
    """Why an item is held, by how its performer stands with the house; of the account at Stripe, only its code says."""
    standing = item.performer.state if item.hold_code == NOT_VETTED else ""
    return reason(item.hold_code, item.hold_detail, standing=standing)


def _as_the_performer_reads_it(amount: Money, why: Reason) -> tuple[Kind, About]:
    if why.who == Who.PERFORMER:
        return Kind.PAY_WAITS_FOR_PERFORMER, {"amount": amount, "means": why.means, "fix": why.fix}
    return Kind.PAY_WAITS_FOR_HOUSE, {"amount": amount, "means": why.means}


@transaction.atomic
def release(*, item: PayItem, by: Actor, at: datetime) -> PayItem:
    """Let a held item go out again, under the next key where the last one was refused. Finance, or the house itself.

    Raises Forbidden (403).
    """
    by.require_finance()
    runs = _lock_runs([item.pk])
    item = PayItem.objects.select_for_update().get(pk=item.pk)
    _let_go([item], runs, by=by, at=at)
    return item


def _lock_runs(items: Collection[int]) -> list[PayRun]:
    """The items' runs, locked before the items, as their end does: else one could be closed while its items are let go."""
    of = PayItem.objects.filter(pk__in=items).values("run_id")
    return list(PayRun.objects.select_for_update().filter(pk__in=of).order_by("id"))


def _let_go(items: Sequence[PayItem], runs: Iterable[PayRun], *, by: Actor, at: datetime) -> None:
    keys = [item.pk for item in items]
    refused = PayItem.objects.filter(pk__in=keys, attempts__generation=F("generation"))
    anew = set(refused.values_list("pk", flat=True))
    audit.move_each(
        items,
        ItemState.READY,
        by=by,
        at=at,
        each={"generation": [item.generation + (item.pk in anew) for item in items]},
        hold_code="",
        hold_detail="",
        held_at=None,
        due_at=at,
        first_sent_at=None,
    )
    for run in runs:
        if run.state == RunState.PAID:
            what = items[0].public_id if len(items) == 1 else f"{len(items)} items"
            audit.move(run, RunState.PAYING, by=by, at=at, reason=f"Released: {what}")
    crash_point("release.before_commit")


def release_for(*, performer_id: int, by: Actor, at: datetime) -> int:
    """The performer's account may be paid to again: let go what waited for it. Returns how many items."""
    return _release_all(waiting(WAITS_FOR_ACCOUNT).filter(performer_id=performer_id), by=by, at=at)


def waits_for(*, set_up_anew: bool) -> frozenset[str]:
    """The holds that end with an account that is ready. `set_up_anew` when it was not ready before: only then may what Stripe
    refused be sent again."""
    return WAITS_FOR_ACCOUNT | WAITS_FOR_SETUP if set_up_anew else WAITS_FOR_ACCOUNT


def release_read(*, performer_id: int, also: Collection[str] = (), by: Actor, at: datetime) -> int:
    """The performer's account was read: the next claim says whether anything else is in the way. `also`: what else ended by it,
    let go by the same question. Returns how many items."""
    return _release_all(waiting([NOT_FRESH, *also]).filter(performer_id=performer_id), by=by, at=at)


def release_vetted(*, at: datetime) -> int:
    """The tick: what waited for its performer to be vetted, and they are since. Returns how many items."""
    vetted = waiting([NOT_VETTED]).filter(performer__state__in=MAY_BE_PAID)
    return _release_all(vetted, by=Actor.of_system("payroll"), at=at)


def release_all(*, code: str, by: Actor, at: datetime) -> int:
    """Let everything go that is held for one reason; returns how many items. One that moved meanwhile is left.

    Raises Forbidden (403).
    """
    by.require_finance()
    return _release_all(waiting([code]), by=by, at=at)


def waiting(codes: Collection[str]) -> QuerySet[PayItem]:
    """What is held for these reasons and can be sent."""
    return PayItem.objects.filter(state=ItemState.HELD, hold_code__in=codes, amount_minor__gt=0).exclude(
        run__state=RunState.CANCELLED
    )


def _release_all(held: QuerySet[PayItem], *, by: Actor, at: datetime) -> int:
    """In batches, each a transaction of its own: where it is cut off, what is left is still held."""
    released, after = 0, 0
    while keys := list(held.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        released += _release_batch(keys, by=by, at=at)
        after = keys[-1]
    return released


@transaction.atomic
def _release_batch(keys: Sequence[int], *, by: Actor, at: datetime) -> int:
    runs = _lock_runs(keys)
    still_held = PayItem.objects.select_for_update().filter(pk__in=keys, state=ItemState.HELD)
    items = list(still_held.order_by("id"))
    if items:
        _let_go(items, runs, by=by, at=at)
    return len(items)
