"""What the platform can spend at Stripe now."""

from payments.gateway.client import client


def available_minor(*, currency: str) -> int:
    """The available balance; pending money is not ours to send yet. Raises stripe.StripeError."""
    rows = client().v1.balance.retrieve().available
    return sum(row.amount for row in rows if row.currency == currency)


def platform_account_id() -> str:
    """Whose key this is."""
    return client().v1.accounts.retrieve_current().id
