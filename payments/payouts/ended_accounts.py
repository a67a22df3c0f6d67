"""What lies on performers' accounts that ended: Stripe pays it out by itself, or finance takes it back (rules 7 and 8)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from kit.crash import crash_point
from kit.errors import DomainError
from payments.connect.ending import OwnAccount
from payments.connect.models import PayeeAccount
from payments.gateway import payouts as stripe_payouts
from payments.gateway import transfers
from payments.gateway.errors import StripeUnavailable
from payments.gateway.outcomes import Refused
from payments.payouts import bank, pace, reversals
from payments.payouts.models import Transfer
from payments.payroll.states import ItemState


class Move(StrEnum):
    """What is next for what lies there, beside writing to the performer."""

    WAIT = "wait"  # Stripe pays it out by itself
    TAKE_BACK = "take_back"  # it pays nothing out any more, or not without the performer


class StillPaysOut(DomainError):
    """Wait: Stripe pays out by itself what lies there, and it is followed."""

    code = "account_still_pays_out"
    title = "Stripe pays it out by itself"


class NothingThere(DomainError):
    """Read the account again: nothing of ours lies there that can be taken back."""

    code = "nothing_to_take_back"
    title = "Nothing of it can be taken back"


class TakeBackUnclear(DomainError):
    """Press again in a minute: what was taken back already is counted, and nothing is taken twice."""

    code = "take_back_unclear"
    status = 503
    title = "Stripe did not answer clearly"


@dataclass(frozen=True)
class LeftBehind:
    """One account that ended with money on it."""

    account: PayeeAccount
    next: Move


def listed() -> list[LeftBehind]:
    """The accounts that ended with money on them, that which waits longest first."""
    return [LeftBehind(account, next_move(account)) for account in with_money()[:100]]


def with_money() -> QuerySet[PayeeAccount]:
    rows = PayeeAccount.objects.filter(ended_at__isnull=False).exclude(left_minor={})
    return rows.select_related("performer__user").order_by("ended_at", "pk")


def next_move(account: PayeeAccount) -> Move:
    return Move.WAIT if account.pays_out else Move.TAKE_BACK


def take_back(*, account: PayeeAccount, by: Actor, at: datetime) -> int:
    """Reverse what lies on an account that ended and pays nothing out: it is *returned*, for finance to decide. Returns
    the minor units taken back. Twice is once: a repeated press takes what is still there.

    Raises Forbidden, StaleProof, OwnAccount (403), StillPaysOut, NothingThere (409), TakeBackUnclear (503).
    """
    by.require_finance()
    by.require_person("A person in finance takes it back.")
    by.require_proof(StepUp.MOVE_MONEY, at=at)
    if account.performer_id == by.performer_id:
        raise OwnAccount("Somebody else in finance decides about it.")
    if account.ended_at is None or account.pays_out:
        raise StillPaysOut(f"{account.stripe_id} still pays out to its bank.")
    try:
        taken = sum(_take(transfer, account, by=by, at=at) for transfer in _not_in_a_bank(account))
    except StripeUnavailable as error:
        raise TakeBackUnclear("Nothing is lost. Press again in a minute.") from error
    bank.read_soon(stripe_id=account.stripe_id, at=at)
    if not taken:
        raise NothingThere("No pay of ours lies there, or it is not available yet.")
    return taken


def _not_in_a_bank(account: PayeeAccount) -> list[Transfer]:
    """The newest first: those before left with earlier payouts."""
    sent = bank.transfers_to(account).filter(item__state=ItemState.SENT)
    return list(sent.order_by("-created_at", "-pk"))


def _take(transfer: Transfer, account: PayeeAccount, *, by: Actor, at: datetime) -> int:
    """One call with a key that says how much had come back before: an answer that was lost is found again by it."""
    amount = transfer.amount_minor - transfer.told_reversed_minor
    pace.wait_for_turn()
    if account.closed_at is None:
        # Of a closed account only the reversal itself says what is there.
        amount = min(amount, stripe_payouts.available_minor(account.stripe_id, currency=transfer.currency))
    if amount <= 0:
        return 0
    key = f"take_back:{transfer.stripe_id}:{transfer.told_reversed_minor}:{amount}"
    failure = transfers.take_back(transfer.stripe_id, amount_minor=amount, key=key)
    crash_point("take_back.called")
    if isinstance(failure, Refused):
        raise NothingThere(f"Stripe says: {failure.message}")
    if failure is not None:
        raise TakeBackUnclear("Nothing is lost. Press again in a minute.")
    reversals.note(transfer=transfers.retrieve(transfer.stripe_id), at=at)
    audit.record(verb="transfer.taken_back", thing=transfer, by=by, at=at, amount_minor=amount)
    return amount


@transaction.atomic
def write(*, account: PayeeAccount, by: Actor, at: datetime) -> bool:
    """Write to the performer what lies there; False when that was done today already. Raises Forbidden (403)."""
    by.require_finance()
    fresh = notify(
        kind=Kind.LEFT_BEHIND,
        user_id=account.performer.user_id,
        key=f"left:{account.stripe_id}:{at:%Y-%m-%d}",
        about={"amounts": ", ".join(money.display() for money in account.left)},
        at=at,
    )
    if fresh:
        audit.record(verb="payee_account.reminded", thing=account.performer, by=by, at=at)
    return fresh
