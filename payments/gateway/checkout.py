"""Stripe's hosted checkout, through which a company pays money into its wallet."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from payments.gateway.client import client

METHODS = ["card", "us_bank_account"]


@dataclass(frozen=True)
class Checkout:
    id: str
    url: str
    status: str
    payment_intent_id: str


@dataclass(frozen=True)
class PaymentFacts:
    """A payment and what became of its money. `available_at` is None until Stripe has charged it.

    `failure` is Stripe's code, or its words where it gives none.
    """

    payment_intent_id: str
    status: str
    charge_id: str
    amount_minor: int
    fee_minor: int
    currency: str
    available: bool
    available_at: datetime | None
    disputed: bool
    dispute_fee_minor: int
    refunded_minor: int
    failure: str


def create(
    *, funding_id: str, company_name: str, amount_minor: int, currency: str, success_url: str, cancel_url: str
) -> Checkout:
    """Open a checkout. The key follows from the funding, so two presses open one. Raises stripe.StripeError."""
    params: Any = {
        "mode": "payment",
        "client_reference_id": funding_id,
        "allowed_payment_method_types": METHODS,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency,
                    "unit_amount": amount_minor,
                    "product_data": {"name": f"Callboard wallet of {company_name}"},
                },
            }
        ],
        "payment_intent_data": {"metadata": {"funding": funding_id}},
        "metadata": {"funding": funding_id},
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    return _checkout(
        client().v1.checkout.sessions.create(params, {"idempotency_key": f"checkout:{funding_id}"})
    )


def retrieve(checkout_id: str) -> Checkout:
    return _checkout(client().v1.checkout.sessions.retrieve(checkout_id))


def expire(checkout_id: str) -> None:
    """End a checkout that nobody paid. Raises stripe.StripeError, also for one that was paid or has ended."""
    client().v1.checkout.sessions.expire(checkout_id)


def payment(payment_intent_id: str) -> PaymentFacts:
    """The payment as it stands now, with its charge and its place in the balance. Raises stripe.StripeError."""
    intent: Any = client().v1.payment_intents.retrieve(
        payment_intent_id, {"expand": ["latest_charge.balance_transaction"]}
    )
    charge = (
        intent.latest_charge if intent.latest_charge and not isinstance(intent.latest_charge, str) else None
    )
    row = (
        charge.balance_transaction
        if charge is not None and not isinstance(charge.balance_transaction, str)
        else None
    )
    error = intent.last_payment_error
    return PaymentFacts(
        payment_intent_id=intent.id,
        status=intent.status,
        charge_id=charge.id if charge else "",
        amount_minor=intent.amount,
        fee_minor=row.fee if row else 0,
        currency=intent.currency,
        available=bool(row and row.status == "available"),
        available_at=datetime.fromtimestamp(row.available_on, UTC) if row else None,
        disputed=bool(charge and charge.disputed),
        dispute_fee_minor=_dispute_fee_minor(intent.id) if charge and charge.disputed else 0,
        refunded_minor=charge.amount_refunded if charge else 0,
        failure=_failure(error) if error else "",
    )


def payment_behind(object_id: str) -> str:
    """The payment that a charge, a refund or a dispute is about; empty for one without. Raises stripe.StripeError."""
    v1 = client().v1
    found: Any
    match object_id.partition("_")[0]:
        case "pi":
            return object_id
        case "du" | "dp":
            found = v1.disputes.retrieve(object_id)
        case "re" | "pyr":
            found = v1.refunds.retrieve(object_id)
        case _:
            found = v1.charges.retrieve(object_id)
    value = found.payment_intent
    return value if isinstance(value, str) else str(getattr(value, "id", "") or "")


def _dispute_fee_minor(payment_intent_id: str) -> int:
    """What Stripe charges for the disputes of a payment, beside what it takes back."""
    found = client().v1.disputes.list({"payment_intent": payment_intent_id})
    return sum(row.fee for dispute in found.data for row in dispute.balance_transactions)


def _failure(error: Any) -> str:
    """The most telling code that there is, or Stripe's words where it gives none."""
    return str(getattr(error, "decline_code", None) or error.code or error.message or "unknown")


def _checkout(session: Any) -> Checkout:
    intent = session.payment_intent
    return Checkout(
        id=session.id,
        url=session.url or "",
        status=session.status or "",
        payment_intent_id=intent if isinstance(intent, str) else str(getattr(intent, "id", "") or ""),
    )
