"""What became of the money after the transfer: Stripe's payouts to the performers' banks, by whichever of them carries it
(money/RULES.md, rule 8).

An account is read when it is due: at once after news of it, daily while something of it moves, and not at all otherwise.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet, Subquery, Sum
from django.db.models.functions import Least

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify, tell_staff
from kit.crash import crash_point
from kit.errors import DomainError
from kit.jobs import next_try
from kit.money import Money
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.gateway import payouts as stripe_payouts
from payments.gateway.errors import StripeUnavailable, says_unknown
from payments.gateway.payouts import PayoutFacts
from payments.inbox import findings
from payments.inbox.reasons import bank_reason
from payments.payouts import pace
from payments.payouts.models import BankPayout, Transfer
from payments.payroll.states import ItemState

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("bank")
# A payout that was paid can still fail for five business days.
CAN_STILL_FAIL = timedelta(days=8)
# Readings overlap by more than a payout takes from its making to its last change.
OVERLAP = timedelta(days=14)
ASK_DAILY = timedelta(days=1)
LEFT_BEHIND = "money_on_ended_account"


def read_soon(*, stripe_id: str, payout_id: str = "", at: datetime) -> None:
    """There is news of the account's payouts, or of this one: the next sweep reads them, back to it however old it is."""
    made_at = BankPayout.objects.filter(stripe_id=payout_id).values("created_at")
    PayeeAccount.objects.filter(stripe_id=stripe_id).update(
        bank_due_at=at, bank_read_at=Least("bank_read_at", Subquery(made_at))
    )


def hear_failed(*, stripe_id: str, payout_id: str, at: datetime) -> None:
    """Signed news say that a payout failed. Of an account that is closed they are the last word, for Stripe shows its payouts to us
    no more. Any other is read, as `read_soon` says, and what was said is kept until then: it may be closed meanwhile."""
    account = PayeeAccount.objects.filter(stripe_id=stripe_id).select_related("performer").first()
    if account is None:
        return
    said_of = account.bank_payouts.filter(stripe_id=payout_id).exclude(status="failed")
    said_of.update(said_failed_at=at)
    if connect.refresh(account=account, at=at).closed_at is not None:
        _believe_failed(account, at=at)


@transaction.atomic
def _believe_failed(account: PayeeAccount, *, at: datetime) -> None:
    """What was called paid lies there again, and is followed."""
    said_of = account.bank_payouts.filter(said_failed_at__isnull=False).exclude(status="failed")
    for payout in said_of.select_for_update().order_by("pk"):
        payout.status, payout.seen_at = "failed", at
        payout.save(update_fields=["status", "seen_at"])
        _move_items(payout.transfers.select_related("item"), at=at)
        _tell_failed(account, payout, at=at)


def follow(*, stripe_ids: Collection[str], at: datetime) -> None:
    """Money went to the accounts: unless news of them come before, their payouts are read in a day."""
    quiet = PayeeAccount.objects.filter(stripe_id__in=stripe_ids, bank_due_at=None)
    quiet.update(bank_due_at=at + ASK_DAILY)


def settle(*, at: datetime, at_most: int = 200) -> int:
    """Read the accounts that are due, the longest due first, within the pace; returns how many were taken up. One that
    cannot be read waits longer each time, and keeps nobody else waiting."""
    taken = 0
    while taken < at_most and (account := _claim(at=at)) is not None:
        taken += 1
        try:
            refresh_payouts(account=account, at=at)
        except (StripeUnavailable, DomainError) as error:
            log.warning("payouts_poll_failed", account=account.stripe_id, error=type(error).__name__)
            if isinstance(error, StripeUnavailable) and says_unknown(error):
                # It may have been our key: asked again, but not all the time.
                PayeeAccount.objects.filter(pk=account.pk).update(bank_due_at=at + ASK_DAILY)
    return taken


@transaction.atomic
def _claim(*, at: datetime) -> PayeeAccount | None:
    """Moved on before it is read: a crash delays it, and no other worker takes it up meanwhile."""
    rows = PayeeAccount.objects.select_for_update(skip_locked=True, of=("self",)).select_related("performer")
    account = rows.filter(bank_due_at__lte=at).order_by("bank_due_at", "id").first()
    if account is not None:
        account.bank_tries += 1
        account.bank_due_at = next_try(at=at, tries=account.bank_tries)
        account.save(update_fields=["bank_tries", "bank_due_at"])
    return account


def refresh_payouts(*, account: PayeeAccount, at: datetime) -> None:
    """Read the account's payouts from Stripe and write down what changed. Raises StripeUnavailable."""
    due_at = account.bank_due_at
    if account.closed_at is None:
        _read_payouts(account, at=at)
        account.bank_payouts.filter(said_failed_at__lte=at).update(said_failed_at=None)
    _place_late_transfers(account, at=at)
    if account.ended_at is not None:
        _note_what_is_left(account, at=at)
    # News that came since leave it due.
    same = PayeeAccount.objects.filter(pk=account.pk, bank_due_at=due_at)
    same.update(bank_due_at=_due_again_at(account, at=at), bank_read_at=at, bank_tries=0)


def _read_payouts(account: PayeeAccount, *, at: datetime) -> None:
    pace.wait_for_turn()
    since = (account.bank_read_at or account.created_at) - OVERLAP
    for facts in stripe_payouts.since(account.stripe_id, since):
        known = BankPayout.objects.filter(stripe_id=facts.id).first()
        if known is not None and known.status == facts.status:
            continue
        pace.wait_for_turn()
        carried = stripe_payouts.contents(account.stripe_id, facts)
        crash_point("bank.listed")
        _write(account, facts, carried, at=at)


def _due_again_at(account: PayeeAccount, *, at: datetime) -> datetime | None:
    """Daily while something moves: money sent that is in no bank yet, a payout that can still change, or a rest on an
    account that ended. Else never, until there is news."""
    if account.closed_at is not None:
        # Its payouts cannot be read any more.
        return at + ASK_DAILY if account.left_minor else None
    can_change = Q(status__in=["pending", "in_transit"]) | Q(
        status="paid", arrives_on__gte=(at - CAN_STILL_FAIL).date()
    )
    moves = (
        account.left_minor
        or account.bank_payouts.filter(can_change).exists()
        or transfers_to(account).filter(item__state=ItemState.SENT).exists()
    )
    return at + ASK_DAILY if moves else None


def transfers_to(account: PayeeAccount) -> QuerySet[Transfer]:
    """Its performer's pay that went to this account of theirs."""
    return Transfer.objects.filter(
        item__performer=account.performer_id, destination=account.stripe_id
    ).select_related("item")


def _note_what_is_left(account: PayeeAccount, *, at: datetime) -> None:
    """What lies on an account that ended is shown to its performer and to finance until it is nothing."""
    pace.wait_for_turn()
    account.closed_at = connect.refresh(account=account, at=at).closed_at
    if account.closed_at is not None:
        _believe_failed(account, at=at)
    left = _left_minor(account)
    PayeeAccount.objects.filter(pk=account.pk).update(left_minor=left)
    account.left_minor = left
    if not left:
        said = "Nothing is left there."
        findings.end(code=LEFT_BEHIND, thing=account.stripe_id, resolution=said, at=at)
        return
    amounts = ", ".join(money.display() for money in account.left)
    whose = f"{account.stripe_id} of {account.performer.public_id}, which ended"
    findings.report(code=LEFT_BEHIND, thing=account.stripe_id, detail=f"{amounts} lies on {whose}.", at=at)


def _left_minor(account: PayeeAccount) -> dict[str, int]:
    """By Stripe's word. A closed account is not shown to us any more: there it is all that we know in no bank."""
    if account.closed_at is None:
        return stripe_payouts.on_account_minor(account.stripe_id)
    sent = transfers_to(account).filter(item__state=ItemState.SENT).order_by()
    left = Sum("amount_minor") - Sum("reversed_minor")
    return dict(sent.values_list("currency").annotate(left=left).filter(left__gt=0))


@transaction.atomic
def _place_late_transfers(account: PayeeAccount, *, at: datetime) -> None:
    """Transfers that were adopted only after the payout that carries them had been read."""
    unplaced = {each.destination_payment: each for each in transfers_to(account).filter(bank_payouts=None)}
    if not unplaced:
        return
    for payout in account.bank_payouts.filter(carries__overlap=list(unplaced)).order_by("pk"):
        payout.transfers.add(*(unplaced[payment] for payment in payout.carries if payment in unplaced))
    _move_items(unplaced.values(), at=at)


@transaction.atomic
def _write(account: PayeeAccount, facts: PayoutFacts, carried: list[str], *, at: datetime) -> None:
    payout, _ = BankPayout.objects.update_or_create(
        stripe_id=facts.id,
        defaults={
            "account": account,
            "amount_minor": facts.amount_minor,
            "currency": facts.currency,
            "status": facts.status,
            "created_at": facts.created_at,
            "arrives_on": facts.arrives_on,
            "failure_code": facts.failure_code,
            "failure_message": facts.failure_message[:500],
            "carries": carried,
            "seen_at": at,
        },
    )
    transfers = list(transfers_to(account).filter(destination_payment__in=carried))
    _look_at_currency(account, facts, transfers, at=at)
    payout.transfers.set(transfers)
    _move_items(transfers, at=at)
    if facts.status == "failed":
        _tell_failed(account, payout, at=at)
    elif facts.status == "paid":
        _tell_arrived(account, facts, at=at)
    crash_point("bank.before_commit")


def _look_at_currency(
    account: PayeeAccount, facts: PayoutFacts, transfers: list[Transfer], *, at: datetime
) -> None:
    """Stripe changes money where a bank takes another currency than was sent: the performer gets other sums than we know."""
    if {transfer.currency for transfer in transfers} - {facts.currency}:
        detail = f"{facts.id} to the bank of {account.performer.public_id} is in {facts.currency}."
        findings.report(code="payout_of_other_currency", thing=account.stripe_id, detail=detail, at=at)


def _move_items(transfers: Iterable[Transfer], *, at: datetime) -> None:
    """An item is in the bank while the last payout that carries it is paid, whatever became of those before."""
    transfers = list(transfers)
    carried_by = _last_payouts(transfers)
    for transfer in transfers:
        item, last = transfer.item, carried_by.get(transfer.pk)
        if item is None or last is None:
            continue
        if last.status == "paid" and item.state == ItemState.SENT:
            audit.move(item, ItemState.SETTLED, by=SYSTEM, at=at, settled_at=at)
        elif last.status != "paid" and item.state == ItemState.SETTLED:
            # Paid can become failed. The money is on the performer's Stripe account: no reason to transfer again.
            audit.move(item, ItemState.SENT, by=SYSTEM, at=at, reason=last.failure_code, settled_at=None)


def _last_payouts(transfers: Collection[Transfer]) -> dict[int, BankPayout]:
    """By transfer the payout made last of those that carry it, in one question for all."""
    if not transfers:
        return {}
    links = BankPayout.transfers.through.objects.filter(transfer__in=transfers).select_related("bankpayout")
    last_first = links.order_by("transfer_id", "-bankpayout__created_at", "-bankpayout_id")
    return {link.transfer_id: link.bankpayout for link in last_first.distinct("transfer_id")}


def _tell_arrived(account: PayeeAccount, facts: PayoutFacts, *, at: datetime) -> None:
    notify(
        kind=Kind.BANK_ARRIVED,
        user_id=account.performer.user_id,
        key=f"bank_arrived:{facts.id}",
        about={"amount": Money(facts.amount_minor, facts.currency)},
        at=at,
    )


def _tell_failed(account: PayeeAccount, payout: BankPayout, *, at: datetime) -> None:
    why = bank_reason(payout.failure_code, payout.failure_message)
    amount, key = Money(payout.amount_minor, payout.currency), f"bank_failed:{payout.stripe_id}"
    notify(
        kind=Kind.BANK_FAILED,
        user_id=account.performer.user_id,
        key=key,
        about={"amount": amount, "means": why.means, "fix": why.fix},
        at=at,
    )
    tell_staff(kind=Kind.BANK_FAILED_TO_FINANCE, key=key, about={"amount": amount, "means": why.means}, at=at)
