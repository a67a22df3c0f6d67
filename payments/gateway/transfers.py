"""Transfers from the platform's balance to a performer's account at Stripe."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import stripe

from payments.gateway.client import client
from payments.gateway.outcomes import Failure, of_call

AT_MOST = 100


@dataclass(frozen=True)
class TransferFacts:
    """A transfer as Stripe tells it; amounts in minor units."""

    id: str
    amount_minor: int
    reversed_minor: int
    currency: str
    destination: str
    destination_payment: str
    transfer_group: str
    metadata: Mapping[str, str]
    livemode: bool
    created_at: datetime


def create(params: Mapping[str, Any], *, key: str) -> TransferFacts | Failure:
    """One POST with an explicit idempotency key, no retry. Never raises for what Stripe or the network does."""
    options: Any = {"idempotency_key": key}
    return of_call(lambda: _facts(client().v1.transfers.create(cast(Any, dict(params)), options)))


def in_group(group: str) -> list[TransferFacts]:
    """Every transfer of the group. Raises stripe.StripeError when it cannot be read: not knowing is no answer."""
    found = client().v1.transfers.list({"transfer_group": group, "limit": AT_MOST})
    return [_facts(transfer) for transfer in found.auto_paging_iter()]


def since(moment: datetime) -> Iterator[TransferFacts]:
    """Every transfer made since then, newest first, a page at a time. Raises stripe.StripeError."""
    found = client().v1.transfers.list({"created": {"gte": int(moment.timestamp())}, "limit": AT_MOST})
    return map(_facts, found.auto_paging_iter())


def pages(*, after: str, else_since: datetime) -> Iterator[list[TransferFacts]]:
    """Every transfer made after the one `after`, page by page and oldest first; where Stripe does not know it, all made
    since `else_since` at once. Raises stripe.StripeError."""
    try:
        found = _page_after(after) if after else None
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
        found = None
    if found is None:
        everything = list(since(else_since))
        if everything:
            yield everything[::-1]
        return
    while found.data:
        yield [_facts(transfer) for transfer in reversed(found.data)]
        if not found.has_more:
            return
        found = _page_after(found.data[0].id)


def _page_after(transfer_id: str) -> Any:
    return client().v1.transfers.list({"ending_before": transfer_id, "limit": AT_MOST})


def retrieve(transfer_id: str) -> TransferFacts:
    return _facts(client().v1.transfers.retrieve(transfer_id))


def take_back(transfer_id: str, *, amount_minor: int, key: str) -> Failure | None:
    """Reverse a part of a transfer, or all of it, out of what lies on its account; None when it is done. Never raises for
    what Stripe or the network does."""
    options: Any = {"idempotency_key": key}
    made = of_call(
        lambda: client().v1.transfers.reversals.create(transfer_id, {"amount": amount_minor}, options)
    )
    return made if isinstance(made, Failure) else None


def _facts(transfer: stripe.Transfer) -> TransferFacts:
    return TransferFacts(
        id=transfer.id,
        amount_minor=transfer.amount,
        reversed_minor=transfer.amount_reversed,
        currency=transfer.currency,
        destination=_id(transfer.destination),
        destination_payment=_id(transfer.destination_payment),
        transfer_group=transfer.transfer_group or "",
        metadata=transfer.metadata.to_dict(),
        livemode=transfer.livemode,
        created_at=datetime.fromtimestamp(transfer.created, UTC),
    )


def _id(value: Any) -> str:
    return value if isinstance(value, str) else str(getattr(value, "id", "") or "")
