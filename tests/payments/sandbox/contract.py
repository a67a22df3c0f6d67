"""What the contract tests need, in calls that Stripe's test mode understands as well as the sandbox does."""

import os
import time
import uuid

import stripe

from tests.payments.sandbox.checked import Json

PATIENCE_S = 90


def against_stripe() -> bool:
    return bool(os.environ.get("STRIPE_TEST_KEY"))


def open_client() -> stripe.StripeClient:
    """A client of Stripe's own test mode; refuses to start with anything but a test key."""
    key = os.environ["STRIPE_TEST_KEY"]
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ValueError("STRIPE_TEST_KEY must be a test key.")
    return stripe.StripeClient(key, max_network_retries=3)


def account_order(**changes: object) -> Json:
    """A v1 account that the platform can complete by itself, with Stripe's good test values."""
    order: Json = {
        "country": "US",
        "email": "ann@example.com",
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "application",
            "stripe_dashboard": {"type": "none"},
        },
        "capabilities": {"transfers": {"requested": True}},
        "business_type": "individual",
        "business_profile": {"url": "https://example.com", "mcc": "7929", "product_description": "Improv"},
        "individual": {
            "first_name": "Ann",
            "last_name": "Lee",
            "email": "ann@example.com",
            "phone": "+14155550100",
            "dob": {"day": 1, "month": 1, "year": 1990},
            "address": {
                "line1": "address_full_match",
                "city": "San Francisco",
                "state": "CA",
                "postal_code": "94103",
                "country": "US",
            },
            "id_number": "000000000",
        },
        "tos_acceptance": {"date": int(time.time()) - 10, "ip": "127.0.0.1"},
        "external_account": "btok_us_verified",
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
    }
    return {**order, **changes}


def create_account(client: stripe.StripeClient, **changes: object) -> str:
    order = account_order(**changes)
    return client.v1.accounts.create(order).id  # type: ignore[arg-type]  # the order is a plain dictionary


def create_payable(client: stripe.StripeClient) -> str:
    """An account that may receive transfers, once Stripe has verified it."""
    account = create_account(client)
    until = time.monotonic() + PATIENCE_S
    while client.v1.accounts.retrieve(account).capabilities.transfers != "active":  # type: ignore[union-attr]  # requested above
        if time.monotonic() > until:
            raise TimeoutError(f"{account} was not verified in time.")
        time.sleep(2)
    return account


def fund(client: stripe.StripeClient, amount: int = 500_000) -> stripe.PaymentIntent:
    """Available money at once, by the card that Stripe gives for it."""
    return client.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "payment_method": "pm_card_bypassPending",
            "allowed_payment_method_types": ["card"],
            "confirm": True,
        }
    )


def fresh(prefix: str = "k") -> str:
    """A word that no test used before."""
    return f"{prefix}-{uuid.uuid4()}"
