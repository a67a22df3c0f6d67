"""Where a person looks at what is at Stripe: its dashboard, or the desk of the sandbox."""

from django.conf import settings

from payments.gateway.client import livemode

STRIPE = "https://api.stripe.com"
_SECTIONS = {"acct": "connect/accounts", "tr": "connect/transfers", "pi": "payments", "ch": "payments"}


def page_of(object_id: str) -> str:
    """The page of an account, a transfer or a payment."""
    section = _SECTIONS.get(object_id.partition("_")[0])
    return _page(f"{section}/{object_id}" if section else "")


def money_in() -> str:
    """Where money is brought into the platform's balance."""
    return _page("topups")


def _page(path: str) -> str:
    if settings.STRIPE_API_BASE != STRIPE:
        return f"{settings.STRIPE_API_BASE}/"
    return f"https://dashboard.stripe.com/{'' if livemode() else 'test/'}{path}"
