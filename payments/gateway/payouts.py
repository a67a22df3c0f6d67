"""Payouts from a performer's Stripe balance to their bank, and what each contains."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from payments.gateway.client import client


@dataclass(frozen=True)
class PayoutFacts:
    id: str
    amount_minor: int
    currency: str
    status: str
    created_at: datetime
    arrives_on: date
    failure_code: str
    failure_message: str
    automatic: bool
    balance_transaction: str


def since(account_id: str, moment: datetime) -> list[PayoutFacts]:
    """The account's payouts that were made since then, the oldest first. Raises stripe.StripeError."""
    params: Any = {"created": {"gte": int(moment.timestamp())}, "limit": 100}
    found = client().v1.payouts.list(params, {"stripe_account": account_id})
    return [_facts(payout) for payout in found.auto_paging_iter()][::-1]


def available_minor(account_id: str, *, currency: str) -> int:
    """What of the account's balance can leave it now. Raises stripe.StripeError."""
    rows = client().v1.balance.retrieve({}, {"stripe_account": account_id}).available
    return sum(row.amount for row in rows if row.currency == currency)


def on_account_minor(account_id: str) -> dict[str, int]:
    """All that lies on the account by currency, pending money included. Raises stripe.StripeError."""
    balance: Any = client().v1.balance.retrieve({}, {"stripe_account": account_id})
    totals: dict[str, int] = {}
    for row in [*balance.available, *balance.pending]:
        totals[row.currency] = totals.get(row.currency, 0) + row.amount
    return {currency: minor for currency, minor in totals.items() if minor}


def contents(account_id: str, payout: PayoutFacts) -> list[str]:
    """The ids of the payments (`py_…`) on the account that a payout carries to the bank, the oldest first.

    Stripe lists what an automatic payout took: payments, and what came back of a payout that failed, which carries its
    payments again. Of a manual payout it does not say. Raises stripe.StripeError.
    """
    if not payout.automatic:
        return _taken_in_turn(account_id, payout)
    carried: dict[str, None] = {}
    for row in reversed(list(_transactions(account_id, payout=payout.id))):
        if row.type == "payment":
            carried[_id(row.source)] = None
        elif row.type in ("payout_failure", "payout_cancel"):
            carried |= dict.fromkeys(_contents_of(account_id, _id(row.source)))
        elif row.type == "payout" and _id(row.source) != payout.id:
            for payment in _contents_of(account_id, _id(row.source)):
                carried.pop(payment, None)
    return list(carried)


def _contents_of(account_id: str, payout_id: str) -> list[str]:
    found = client().v1.payouts.retrieve(payout_id, {}, {"stripe_account": account_id})
    return contents(account_id, _facts(found))


def _taken_in_turn(account_id: str, payout: PayoutFacts) -> list[str]:
    """The payments whose last cent a manual payout takes when the money that came first leaves first."""
    older = _transactions(account_id, currency=payout.currency, starting_after=payout.balance_transaction)
    rows = list(older)
    gone = -sum(row.net for row in rows if row.type != "payment")
    come, carried = 0, []
    for row in reversed(rows):
        if row.type != "payment":
            continue
        come += row.net
        if gone < come <= gone + payout.amount_minor:
            carried.append(_id(row.source))
    return carried


def _transactions(account_id: str, **filters: Any) -> Iterator[Any]:
    """The account's balance transactions, the newest first."""
    params: Any = {"limit": 100, **filters}
    return client().v1.balance_transactions.list(params, {"stripe_account": account_id}).auto_paging_iter()


def _facts(payout: Any) -> PayoutFacts:
    return PayoutFacts(
        id=payout.id,
        amount_minor=payout.amount,
        currency=payout.currency,
        status=payout.status,
        created_at=datetime.fromtimestamp(payout.created, UTC),
        arrives_on=datetime.fromtimestamp(payout.arrival_date, UTC).date(),
        failure_code=payout.failure_code or "",
        failure_message=payout.failure_message or "",
        automatic=payout.automatic,
        balance_transaction=_id(payout.balance_transaction),
    )


def _id(value: Any) -> str:
    return value if isinstance(value, str) else str(getattr(value, "id", "") or "")
