"""What a call to Stripe came to. Unknown is not failed: only Stripe's own definite word decides.

Source of the rules: Stripe's pages on idempotent requests, error handling and rate limits.
"""

from dataclasses import dataclass

import stripe

# Refusals that are about us, not about this payee: paying anyone else would fail or go wrong alike.
OURS = frozenset(
    {
        "idempotency_error",
        "api_key_expired",
        "platform_api_key_expired",
        "livemode_mismatch",
        "secret_key_required",
    }
)


@dataclass(frozen=True)
class Refused:
    """Stripe executed the request and said no. The same key would replay the no: the next try needs another."""

    code: str
    message: str
    request_id: str = ""


@dataclass(frozen=True)
class Unknown:
    """A time-out, a broken connection, a 5xx: the money may have moved. The same key, again."""

    reason: str


@dataclass(frozen=True)
class Later:
    """Not executed (429, a key in use, a lock): the same key, later."""

    reason: str


@dataclass(frozen=True)
class Stop:
    """Something is wrong with us: a key reused with other parameters, a key that Stripe does not know. Halt everything."""

    code: str
    message: str


Failure = Refused | Unknown | Later | Stop


def of_error(error: stripe.StripeError) -> Failure:
    """Sort an error of the SDK into what it means for the money."""
    code = _code(error)
    message = error.user_message or str(error)
    match error:
        case stripe.IdempotencyError():
            return Stop(code="idempotency_error", message=message)
        case stripe.RateLimitError():
            return Later(reason=code or "rate_limit")
        case stripe.AuthenticationError():
            return Stop(code=code or "authentication", message="Stripe does not accept our key.")
        case stripe.APIConnectionError():
            return Unknown(reason="connection")
    status = error.http_status or 0
    if status == 409:
        return Later(reason=code or "conflict")
    if status >= 500 or status == 0:
        return Unknown(reason=f"http_{status}")
    if code in OURS:
        return Stop(code=code, message=message)
    return Refused(code=code or f"http_{status}", message=message, request_id=error.request_id or "")


def _code(error: stripe.StripeError) -> str:
    # For some statuses the SDK leaves `code` empty and keeps it in the body.
    inner = getattr(error, "error", None)
    return str(error.code or getattr(inner, "code", None) or getattr(inner, "type", None) or "")
