"""Refunds of a company's own payments, for money that it takes out of its wallet again."""

from typing import Any

from payments.gateway.client import client
from payments.gateway.outcomes import Failure, of_call

AT_MOST = 100


def create(*, payment_intent_id: str, amount_minor: int, withdrawal: str, key: str) -> str | Failure:
    """One POST with an explicit idempotency key, no retry; returns the refund's id.

    `withdrawal` is carried in its metadata, by which it is known again. Never raises for what Stripe or the network does.
    """
    params: Any = {
        "payment_intent": payment_intent_id,
        "amount": amount_minor,
        "reason": "requested_by_customer",
        "metadata": {"withdrawal": withdrawal},
    }
    return of_call(lambda: str(client().v1.refunds.create(params, {"idempotency_key": key}).id))


def is_there(payment_intent_id: str, *, withdrawal: str) -> bool:
    """Whether the payment has a refund that carries this. Raises stripe.StripeError: not knowing is no answer."""
    found = client().v1.refunds.list({"payment_intent": payment_intent_id, "limit": AT_MOST})
    for refund in found.auto_paging_iter():
        carried: dict[str, str] = refund.metadata.to_dict() if refund.metadata else {}
        if carried.get("withdrawal") == withdrawal:
            return True
    return False
