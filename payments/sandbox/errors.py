"""Refusals in Stripe's shape, one constructor for each kind so that codes are written once.

Source of codes and statuses: docs.stripe.com/error-codes and docs.stripe.com/api/errors.
"""

from payments.sandbox.wire import Json


class ApiError(Exception):
    """A request that Stripe refuses.

    `executed` tells whether the endpoint had begun: only then is the answer kept under an idempotency key.
    `keeps_effects` is for refusals that leave something behind, such as a declined charge.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        keeps_effects: bool = False,
        headers: dict[str, str] | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.kind, self.code, self.param = message, status, kind, code, param
        self.executed, self.keeps_effects = executed, keeps_effects
        self.headers, self.extra = headers or {}, extra or {}

    def document(self) -> Json:
        """The body that the SDK turns into its exception."""
        error: Json = {"type": self.kind, "message": self.message}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": {**error, **self.extra}}

    def document_v2(self) -> Json:
        """The same as the v2 API words it: always a code, and the parameter named in the sentence."""
        message = (
            f"{self.message} (at `{self.param}`)"
            if self.param and self.param not in self.message
            else self.message
        )
        return {"error": {"type": self.kind, "code": self.code or "invalid_request", "message": message}}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """A parameter that cannot be read: refused before the endpoint begins, so never kept under a key."""
    return ApiError(message, param=param, code=code, executed=False)


def refused(
    message: str, *, code: str | None = None, param: str | None = None, status: int = 400
) -> ApiError:
    """A definite refusal by the endpoint itself: kept under the key and replayed."""
    return ApiError(message, status=status, code=code, param=param)


def missing(kind: str, object_id: str, *, param: str = "id", status: int = 404, hint: str = "") -> ApiError:
    """`No such transfer: 'tr_…'`. Stripe answers 404 for the object of the path, 400 for one named by a parameter."""
    return ApiError(
        f"No such {kind}: '{object_id}'{hint}", status=status, code="resource_missing", param=param
    )


def not_found_v2(message: str) -> ApiError:
    """The v2 API's 404."""
    return ApiError(message, status=404, code="not_found")


def unauthenticated(message: str) -> ApiError:
    """401: no key, a live key, or a key of another kind."""
    return ApiError(message, status=401, executed=False)


def account_invalid(key: str, account: str) -> ApiError:
    """The `Stripe-Account` header names an account that this platform does not have. The status 403 is unverified."""
    shown = f"{key[:8]}{'*' * 8}{key[-4:]}"
    return ApiError(
        f"The provided key '{shown}' does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked.",
        status=403,
        code="account_invalid",
        executed=False,
    )


def denied(message: str) -> ApiError:
    """403: the key is good, and may not do this."""
    return ApiError(message, status=403, executed=False)


def rate_limited(reason: str) -> ApiError:
    """429 from a token bucket; `reason` is Stripe's `Stripe-Rate-Limited-Reason`."""
    return ApiError(
        "Request rate limit exceeded. Learn more about rate limits at https://docs.stripe.com/rate-limits.",
        status=429,
        code="rate_limit",
        executed=False,
        headers={"Stripe-Rate-Limited-Reason": reason},
    )


def lock_timeout() -> ApiError:
    """429 when another request holds the object; Stripe asks the SDK to try again."""
    return ApiError(
        "This object cannot be accessed right now because another API request or Stripe process is currently "
        "accessing it. If you see this error intermittently, retry the request. If you see this error frequently "
        "and are making multiple concurrent requests to a single object, make your requests serially or at a lower "
        "rate.",
        status=429,
        code="lock_timeout",
        executed=False,
        headers={"Stripe-Should-Retry": "true"},
    )


def key_in_use(key: str) -> ApiError:
    """409 while a request with the same idempotency key is still running."""
    return ApiError(
        f"There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
        executed=False,
    )


def key_reused(key: str) -> ApiError:
    """400 when a key comes back with other parameters."""
    return ApiError(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using "
        f"a key other than '{key}' if you meant to execute a different request.",
        status=400,
        kind="idempotency_error",
        executed=False,
    )


def broken(status: int = 500) -> ApiError:
    """Stripe's own failure."""
    return ApiError(
        "An unknown error occurred. If the problem persists, contact support.",
        status=status,
        kind="api_error",
        executed=False,
    )
