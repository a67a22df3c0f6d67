"""What the platform has at Stripe, and every balance transaction that made it so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from payments.gateway.client import client

PAGE = 100


@dataclass(frozen=True)
class RowFacts:
    """One balance transaction of the platform; amounts in minor units, signed as the balance sees them.

    `source` is what it is about; of a transfer's reversal, the transfer.
    """

    id: str
    type: str
    source: str
    amount_minor: int
    fee_minor: int
    currency: str
    created_at: datetime

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.fee_minor


def available_minor(*, currency: str) -> int:
    """The available balance; pending money is not ours to send yet. Raises stripe.StripeError."""
    rows = client().v1.balance.retrieve().available
    return sum(row.amount for row in rows if row.currency == currency)


def totals_minor() -> dict[str, int]:
    """All that the platform has there by currency, pending money included. Raises stripe.StripeError."""
    balance: Any = client().v1.balance.retrieve()
    totals: dict[str, int] = {}
    for row in [*balance.available, *balance.pending]:
        totals[row.currency] = totals.get(row.currency, 0) + row.amount
    return totals


def rows_since(moment: datetime, *, before_page: Callable[[], None]) -> Iterator[RowFacts]:
    """Every balance transaction made since then, newest first. `before_page` is called ahead of each request, to keep the
    pace. Raises stripe.StripeError."""
    params: Any = {
        "created": {"gte": int(moment.timestamp())},
        "expand": ["data.source"],
        "limit": PAGE,
    }
    before_page()
    page = client().v1.balance_transactions.list(params)
    while True:
        yield from map(_row, page.data)
        if not page.has_more:
            return
        before_page()
        page = page.next_page()


def _row(row: Any) -> RowFacts:
    source = row.source
    about = getattr(source, "transfer", None) if row.type == "transfer_refund" else None
    return RowFacts(
        id=row.id,
        type=row.type,
        source=_id(about or source),
        amount_minor=row.amount,
        fee_minor=row.fee,
        currency=row.currency,
        created_at=datetime.fromtimestamp(row.created, UTC),
    )


def _id(value: Any) -> str:
    return value if isinstance(value, str) else str(getattr(value, "id", "") or "")


def reversed_since(moment: datetime) -> Iterator[str]:
    """The transfers of which something was taken back since then, newest first, as the balance shows it.

    Raises stripe.StripeError.
    """
    params: Any = {
        "type": "transfer_refund",
        "created": {"gte": int(moment.timestamp())},
        "expand": ["data.source"],
        "limit": PAGE,
    }
    for row in client().v1.balance_transactions.list(params).auto_paging_iter():
        reversal: Any = row.source
        yield str(reversal.transfer)


def platform_account_id() -> str:
    """Whose key this is."""
    return client().v1.accounts.retrieve_current().id
