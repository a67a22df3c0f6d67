"""The one way to Stripe of this process. Nothing else in the house imports `stripe`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import stripe
from django.conf import settings

TIMEOUT_S = 20
_http: stripe.HTTPClient | None = None
_own = threading.local()


def client(key: str = "") -> stripe.StripeClient:
    """Stripe at the configured address, by the usual key or another of ours. It never retries by itself: what is sent again,
    and when, is the protocol's to say."""
    return stripe.StripeClient(
        key or settings.STRIPE_SECRET_KEY,
        base_addresses={"api": settings.STRIPE_API_BASE},
        max_network_retries=0,
        http_client=_http or _pooled(),
    )


@contextmanager
def speaking_through(http: stripe.HTTPClient) -> Iterator[None]:
    """Use another transport for a while: the tests' way to the sandbox in process."""
    global _http  # noqa: PLW0603 -- one transport per process, changed by tests only
    before, _http = _http, http
    try:
        yield
    finally:
        _http = before


def livemode() -> bool:
    """Whether the configured key moves real money."""
    return "_live_" in settings.STRIPE_SECRET_KEY


def _pooled() -> stripe.HTTPClient:
    """This thread's: a session is not made for several, and connections are kept for the life of the thread."""
    kept: stripe.HTTPClient | None = getattr(_own, "http", None)
    if kept is None:
        session = requests.Session()
        session.max_redirects = (
            0  # Stripe sends nobody elsewhere: whoever does gets neither the key nor the call
        )
        kept = _own.http = stripe.RequestsClient(timeout=TIMEOUT_S, session=session)
    return kept
