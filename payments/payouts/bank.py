"""What became of the money after the transfer: Stripe's payouts to the performers' banks, polled and by webhook."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify, tell_staff
from kit.crash import crash_point
from kit.errors import DomainError
from kit.money import Money
from payments.connect.models import PayeeAccount
from payments.gateway import payouts as stripe_payouts
from payments.gateway.errors import StripeUnavailable
from payments.gateway.payouts import PayoutFacts
from payments.inbox.reasons import bank_reason
from payments.payouts.models import BankPayout, Heartbeat, Transfer
from payments.payroll.states import ItemState

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("bank")
# A payout that was paid can still fail for five business days.
CAN_STILL_FAIL = timedelta(days=8)


def settle(*, at: datetime, at_most: int = 100) -> int:
    """Poll the accounts that have money on its way to the bank; returns how many were asked.

    In turn, from where the last round ended, so that nobody waits for ever behind the first hundred.
    """
    waiting = (
        PayeeAccount.objects.filter(performer__pay_items__state=ItemState.SENT)
        | PayeeAccount.objects.filter(bank_payouts__status__in=["pending", "in_transit"])
        | PayeeAccount.objects.filter(
            bank_payouts__status="paid", bank_payouts__arrives_on__gte=(at - CAN_STILL_FAIL).date()
        )
    )
    turn, _ = Heartbeat.objects.get_or_create(name="bank.settle", defaults={"at": at})
    last = turn.facts.get("account", 0)
    accounts = list(waiting.filter(pk__gt=last).distinct().order_by("pk")[:at_most])
    for account in accounts:
        try:
            refresh_payouts(account=account, at=at)
        except (StripeUnavailable, DomainError) as error:
            log.warning("payouts_poll_failed", account=account.stripe_id, error=type(error).__name__)
    turn.at, turn.facts = at, {"account": accounts[-1].pk if len(accounts) == at_most else 0}
    turn.save(update_fields=["at", "facts"])
    return len(accounts)


def refresh_payouts(*, account: PayeeAccount, at: datetime) -> None:
    """Read the account's payouts from Stripe and write down what changed. Raises StripeUnavailable."""
    for facts in stripe_payouts.recent(account.stripe_id):
        known = BankPayout.objects.filter(stripe_id=facts.id).first()
        if known is not None and known.status == facts.status:
            continue
        carried = stripe_payouts.contents(account.stripe_id, facts)
        crash_point("bank.listed")
        _write(account, facts, carried, at=at)
    _place_late_transfers(account, at=at)


@transaction.atomic
def _place_late_transfers(account: PayeeAccount, *, at: datetime) -> None:
    """Transfers that were adopted only after the payout that carries them had been read."""
    found = Transfer.objects.filter(destination=account.stripe_id, item__isnull=False, bank_payouts=None)
    unplaced = {transfer.destination_payment: transfer for transfer in found.select_related("item")}
    for payout in account.bank_payouts.filter(carries__overlap=list(unplaced)).order_by("pk"):
        carried = [unplaced[payment] for payment in payout.carries if payment in unplaced]
        payout.transfers.add(*carried)
        for transfer in carried:
            _move_item(transfer, payout, at=at)


@transaction.atomic
def _write(account: PayeeAccount, facts: PayoutFacts, carried: list[str], *, at: datetime) -> None:
    payout, _ = BankPayout.objects.update_or_create(
        stripe_id=facts.id,
        defaults={
            "account": account,
            "amount_minor": facts.amount_minor,
            "currency": facts.currency,
            "status": facts.status,
            "arrives_on": facts.arrives_on,
            "failure_code": facts.failure_code,
            "failure_message": facts.failure_message[:500],
            "carries": carried,
            "seen_at": at,
        },
    )
    transfers = list(
        Transfer.objects.filter(
            destination=account.stripe_id, destination_payment__in=carried
        ).select_related("item")
    )
    payout.transfers.set(transfers)
    for transfer in transfers:
        _move_item(transfer, payout, at=at)
    if facts.status == "failed":
        _tell_failed(account, facts, at=at)
    crash_point("bank.before_commit")


def _move_item(transfer: Transfer, payout: BankPayout, *, at: datetime) -> None:
    item = transfer.item
    if item is None:
        return
    if payout.status == "paid" and item.state == ItemState.SENT:
        audit.move(item, ItemState.SETTLED, by=SYSTEM, at=at, settled_at=at)
    elif payout.status in ("failed", "canceled") and item.state == ItemState.SETTLED:
        # Paid can become failed. The money is back on the performer's Stripe account: no reason to transfer again.
        audit.move(item, ItemState.SENT, by=SYSTEM, at=at, reason=payout.failure_code, settled_at=None)


def _tell_failed(account: PayeeAccount, facts: PayoutFacts, *, at: datetime) -> None:
    why = bank_reason(facts.failure_code, facts.failure_message)
    amount, key = Money(facts.amount_minor, facts.currency), f"bank_failed:{facts.id}"
    notify(
        kind=Kind.BANK_FAILED,
        user_id=account.performer.user_id,
        key=key,
        about={"amount": amount, "means": why.means, "fix": why.fix},
        at=at,
    )
    tell_staff(kind=Kind.BANK_FAILED_TO_FINANCE, key=key, about={"amount": amount, "means": why.means}, at=at)
