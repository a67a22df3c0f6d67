"""Payouts from a performer's Stripe balance to their bank, and what each contains."""

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
    arrives_on: date
    failure_code: str
    failure_message: str


def recent(account_id: str, *, limit: int = 20) -> list[PayoutFacts]:
    """The account's newest payouts. Raises stripe.StripeError."""
    found = client().v1.payouts.list({"limit": limit}, {"stripe_account": account_id})
    return [_facts(payout) for payout in found.data]


def contents(account_id: str, payout_id: str) -> list[str]:
    """The ids of the payments (`py_…`) on the account that an automatic payout carries to the bank."""
    found = client().v1.balance_transactions.list(
        {"payout": payout_id, "type": "payment", "limit": 100}, {"stripe_account": account_id}
    )
    return [_id(row.source) for row in found.auto_paging_iter()]


def _facts(payout: Any) -> PayoutFacts:
    return PayoutFacts(
        id=payout.id,
        amount_minor=payout.amount,
        currency=payout.currency,
        status=payout.status,
        arrives_on=datetime.fromtimestamp(payout.arrival_date, UTC).date(),
        failure_code=payout.failure_code or "",
        failure_message=payout.failure_message or "",
    )


def _id(value: Any) -> str:
    return value if isinstance(value, str) else str(getattr(value, "id", "") or "")
