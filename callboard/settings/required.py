"""Refuses to start on a setting that is missing or weak, with a sentence that says which and how to mend it."""

import base64
import binascii
import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

STRIPE = "https://api.stripe.com"
_FEW_CHARACTERS = 5
_LOOPBACK = {"127.0.0.1", "localhost", "::1", "sandbox.invalid"}


def secret(name: str, *, at_least: int, prefix: str = "") -> str:
    """The setting's value. Raises ImproperlyConfigured when it is missing, short, or of a few characters repeated."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Production does not start without it; see README, Production."
        )
    if len(value) < at_least:
        raise ImproperlyConfigured(
            f"{name} is too short: {len(value)} characters where at least {at_least} are needed."
        )
    if value.startswith("django-insecure") or len(set(value)) < _FEW_CHARACTERS:
        raise ImproperlyConfigured(
            f"{name} is weak. Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    if not value.startswith(prefix):
        raise ImproperlyConfigured(f"{name} must start with {prefix}.")
    return value


def encryption_key(name: str) -> str:
    """32 bytes in base64."""
    value = secret(name, at_least=43)
    try:
        raw = base64.urlsafe_b64decode(value)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != 32:
        raise ImproperlyConfigured(f"{name} must be 32 random bytes in URL-safe base64.")
    return value


def https_url(name: str) -> str:
    value = secret(name, at_least=10).rstrip("/")
    if urlsplit(value).scheme != "https":
        raise ImproperlyConfigured(f"{name} must be an https:// address.")
    return value


def stripe_pair() -> tuple[str, str]:
    """The key and where it is used. A live key goes to Stripe alone, never to a sandbox."""
    key = secret("STRIPE_SECRET_KEY", at_least=20)
    base = os.environ.get("STRIPE_API_BASE", STRIPE).rstrip("/")
    if not key.startswith(("sk_live_", "sk_test_", "rk_live_", "rk_test_")):
        raise ImproperlyConfigured("STRIPE_SECRET_KEY must be a secret or restricted key (sk_… or rk_…).")
    if "_live_" in key and base != STRIPE:
        raise ImproperlyConfigured(
            "STRIPE_API_BASE points away from Stripe while STRIPE_SECRET_KEY is a live key. Unset it."
        )
    if urlsplit(base).scheme != "https" and urlsplit(base).hostname not in _LOOPBACK:
        raise ImproperlyConfigured("STRIPE_API_BASE must be https, or a sandbox on this machine.")
    return key, base
