"""What the platform can spend at Stripe now."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from payments.gateway.client import client


def available_minor(*, currency: str) -> int:
    """The available balance; pending money is not ours to send yet. Raises stripe.StripeError."""
    rows = client().v1.balance.retrieve().available
    return sum(row.amount for row in rows if row.currency == currency)


def reversed_since(moment: datetime) -> Iterator[str]:
    """The transfers of which something was taken back since then, newest first, as the balance shows it.

    Raises stripe.StripeError.
    """
    params: Any = {
        "type": "transfer_refund",
        "created": {"gte": int(moment.timestamp())},
        "expand": ["data.source"],
        "limit": 100,
    }
    for row in client().v1.balance_transactions.list(params).auto_paging_iter():
        reversal: Any = row.source
        yield str(reversal.transfer)


def platform_account_id() -> str:
    """Whose key this is."""
    return client().v1.accounts.retrieve_current().id
