"""What a call to Stripe came to. Unknown is not failed: only Stripe's own definite word decides.

Source of the rules: Stripe's pages on idempotent requests, error handling and rate limits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import stripe

T = TypeVar("T")

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

# What a 403 says about the payee's account; any other is about our key.
OF_THE_PAYEE = frozenset({"account_invalid"})


@dataclass(frozen=True)
class Refused:
    """Stripe said no. Where it was `executed`, the same key would replay the no: the next try needs another.

    Otherwise it was turned away at the door, which says nothing about a sending before it.
    """

    code: str
    message: str
    request_id: str = ""
    executed: bool = True


@dataclass(frozen=True)
class Unknown:
    """A time-out, a broken connection, a 5xx, an answer that is not Stripe's: the money may have moved. The same key, again."""

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


def of_call(call: Callable[[], T]) -> T | Failure:
    """What one call to Stripe came to. Never raises for what Stripe or the network does."""
    try:
        return call()
    except stripe.StripeError as error:
        return of_error(error)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # JSON, but not what was asked for and no error of Stripe's: the SDK stumbles over it, and we know nothing.
        return Unknown(reason=f"unreadable: {type(error).__name__}")


def of_error(error: stripe.StripeError) -> Failure:
    """Sort an error of the SDK into what it means for the money."""
    code = code_of(error)
    message = error.user_message or str(error)
    match error:
        case stripe.IdempotencyError():
            return Stop(code="idempotency_error", message=message)
        case stripe.RateLimitError():
            return Later(reason=code or "rate_limit")
        case stripe.AuthenticationError():
            named = code if code in OURS else "authentication"
            return Stop(code=named, message="Stripe does not accept our key.")
        case stripe.APIConnectionError():
            return Unknown(reason="connection")
    status = error.http_status or 0
    if status == 409:
        return Later(reason=code or "conflict")
    if not code or not isinstance(
        error, stripe.InvalidRequestError | stripe.CardError | stripe.PermissionError
    ):
        # Whatever a proxy or a cut line made of the answer: only Stripe's own structured no is a no.
        return Unknown(reason=f"http_{status}")
    turned_away = isinstance(error, stripe.PermissionError)
    if code in OURS or (turned_away and code not in OF_THE_PAYEE):
        return Stop(code=code, message=message)
    return Refused(code=code, message=message, request_id=error.request_id or "", executed=not turned_away)


def code_of(error: stripe.StripeError) -> str:
    """Stripe's code; for some statuses the SDK leaves it empty and keeps it in the body."""
    inner = getattr(error, "error", None)
    return str(error.code or getattr(inner, "code", None) or getattr(inner, "type", None) or "")
