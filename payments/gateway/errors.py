"""For rooms that read from Stripe and may fail to: they catch this name and need not import the SDK."""

from stripe import StripeError as StripeUnavailable

from payments.gateway.outcomes import OF_THE_PAYEE, code_of

__all__ = ["StripeUnavailable", "says_unknown"]


def says_unknown(error: StripeUnavailable) -> bool:
    """Whether Stripe answered that there is no such thing for our key, or none any more; else it just did not answer."""
    return error.http_status == 404 or code_of(error) in OF_THE_PAYEE
