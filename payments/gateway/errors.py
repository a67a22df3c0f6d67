"""For rooms that read from Stripe and may fail to: they catch this name and need not import the SDK."""

from stripe import StripeError as StripeUnavailable

__all__ = ["StripeUnavailable"]
