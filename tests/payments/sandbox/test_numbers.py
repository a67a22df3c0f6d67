"""A card or bank account number does what Stripe's documentation says of it."""

import pytest
import stripe

from tests.payments.sandbox.conftest import Stage

CARDS = {
    "4242424242424242": "pending",
    "4000000000000077": "available",
    "4000000000009995": "insufficient_funds",
    "4000000000000259": "disputed",
    "4000000000001976": "disputed",
}
DEBITS = {
    "000123456789": "succeeded",
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
    "000555555559": "disputed",
    "000000000009": "pending",
}


def pay(stage: Stage, method: stripe.PaymentMethod) -> stripe.Charge:
    """Pay with it, and look at the charge when banks have had their time."""
    intent = stage.client.v1.payment_intents.create(
        {"amount": 5_000, "currency": "usd", "payment_method": method.id, "confirm": True}
    )
    if method.type == "us_bank_account":
        stage.later(days=4.1)
    return stage.client.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["balance_transaction"]})


@pytest.mark.parametrize(("number", "ending"), CARDS.items())
def test_a_card(stage: Stage, number: str, ending: str) -> None:
    card: stripe.params.PaymentMethodCreateParamsCard = {"number": number, "exp_month": 12, "exp_year": 2034}
    method = stage.client.v1.payment_methods.create({"type": "card", "card": card})
    assert what_becomes_of(stage, method) == ending


def what_becomes_of(stage: Stage, method: stripe.PaymentMethod) -> object:
    try:
        charge = pay(stage, method)
    except stripe.CardError as declined:
        return declined.error and declined.error.decline_code
    transaction = charge.balance_transaction
    return (
        "disputed"
        if charge.disputed
        else isinstance(transaction, stripe.BalanceTransaction) and transaction.status
    )


@pytest.mark.parametrize(("number", "ending"), DEBITS.items())
def test_a_bank_account(stage: Stage, number: str, ending: str) -> None:
    method = stage.client.v1.payment_methods.create(
        {
            "type": "us_bank_account",
            "us_bank_account": {"account_number": number, "routing_number": "110000000"},
        }
    )
    charge = pay(stage, method)
    assert ("disputed" if charge.disputed else charge.failure_code or charge.status) == ending
