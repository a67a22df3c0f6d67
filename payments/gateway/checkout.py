"""Stripe's hosted checkout, through which a company pays money into its wallet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from payments.gateway.client import client

METHODS = ["card", "us_bank_account"]
EXPANDED = ["latest_charge.balance_transaction", "latest_charge.failure_balance_transaction"]


@dataclass(frozen=True)
class Checkout:
    id: str
    url: str
    status: str
    payment_intent_id: str


@dataclass(frozen=True)
class MovementFacts:
    """One balance transaction about a payment: `amount_minor` is signed as the balance sees it, the fee is beside it.

    `kind` is one of FundingMovement.Kind. `withdrawal` is what a refund of ours carries in its metadata.
    """

    id: str
    kind: str
    source: str
    amount_minor: int
    fee_minor: int
    currency: str
    created_at: datetime
    withdrawal: str = ""


@dataclass(frozen=True)
class DisputeFacts:
    """How a dispute of a payment stands; an inquiry has moved nothing."""

    id: str
    status: str

    @property
    def is_inquiry(self) -> bool:
        return self.status.startswith("warning_")

    @property
    def is_open(self) -> bool:
        return self.status in ("needs_response", "under_review")

    @property
    def is_lost(self) -> bool:
        return self.status == "lost"


@dataclass(frozen=True)
class PaymentFacts:
    """A payment and what became of its money. `available_at` is None until Stripe has charged it.

    `failure` is Stripe's code, or its words where it gives none.
    """

    payment_intent_id: str
    status: str
    charge_id: str
    amount_minor: int
    currency: str
    available: bool
    available_at: datetime | None
    movements: Sequence[MovementFacts]
    disputes: Sequence[DisputeFacts]
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
    """The payment as it stands now, with all that it has moved on the balance. Raises stripe.StripeError."""
    intent: Any = client().v1.payment_intents.retrieve(payment_intent_id, {"expand": EXPANDED})
    charge = _object(intent.latest_charge)
    row = _object(charge.balance_transaction) if charge is not None else None
    error = intent.last_payment_error
    disputes = _disputes(intent.id) if charge is not None and charge.disputed else []
    return PaymentFacts(
        payment_intent_id=intent.id,
        status=intent.status,
        charge_id=charge.id if charge else "",
        amount_minor=intent.amount,
        currency=intent.currency,
        available=bool(row and row.status == "available"),
        available_at=datetime.fromtimestamp(row.available_on, UTC) if row else None,
        movements=sorted(_movements(intent.id, charge, disputes), key=lambda each: each.created_at)
        if row
        else [],
        disputes=[DisputeFacts(id=each.id, status=each.status) for each in disputes],
        failure=_failure(error) if error else "",
    )


def _movements(payment_intent_id: str, charge: Any, disputes: Sequence[Any]) -> Iterator[MovementFacts]:
    """In an order in which they can have come, where they are of one second."""
    yield _movement("payment", charge.balance_transaction, source=charge.id)
    failed = _object(charge.failure_balance_transaction)
    if failed is not None:
        yield _movement("payment_failed", failed, source=charge.id)
    for refund in _refunds(payment_intent_id):
        ours = str(refund.metadata.to_dict().get("withdrawal", "")) if refund.metadata else ""
        for kind, row in (
            ("refund", refund.balance_transaction),
            ("refund_failed", getattr(refund, "failure_balance_transaction", None)),
        ):
            if _object(row) is not None:
                yield _movement(kind, row, source=refund.id, withdrawal=ours)
    for dispute in disputes:
        for row in dispute.balance_transactions:
            kind = "dispute" if row.amount < 0 else "dispute_won"
            yield _movement(kind, row, source=dispute.id)


def _movement(kind: str, row: Any, *, source: str, withdrawal: str = "") -> MovementFacts:
    return MovementFacts(
        id=row.id,
        kind=kind,
        source=source,
        amount_minor=row.amount,
        fee_minor=row.fee,
        currency=row.currency,
        created_at=datetime.fromtimestamp(row.created, UTC),
        withdrawal=withdrawal,
    )


def _refunds(payment_intent_id: str) -> Iterator[Any]:
    expanded = ["data.balance_transaction", "data.failure_balance_transaction"]
    found = client().v1.refunds.list({"payment_intent": payment_intent_id, "limit": 100, "expand": expanded})
    return reversed(list(found.auto_paging_iter()))


def _disputes(payment_intent_id: str) -> list[Any]:
    found = client().v1.disputes.list({"payment_intent": payment_intent_id, "limit": 100})
    return list(found.auto_paging_iter())


def _object(value: Any) -> Any:
    """What was expanded; None for nothing, and for what came as a mere id."""
    return None if value is None or isinstance(value, str) else value


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
