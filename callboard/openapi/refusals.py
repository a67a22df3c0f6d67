"""Every code with which the API refuses, and what to do about it, read from the refusals themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc

from kit.errors import DomainError
from kit.http.problems import OF_THE_FRAMEWORK

OF_OURS = ("kit.", "accounts.", "marketplace.", "payments.")
WHAT_TO_DO = {
    "parse_error": "Send a body that is JSON, in UTF-8.",
    "not_authenticated": "Log in, or send a key as `Authorization: Bearer cb_…`.",
    "authentication_failed": "The key is unknown, revoked or expired, or the session has ended. Make another, or log in again.",
    "https_required": "Use `https://`, and change the key that was sent in clear.",
    "method_not_allowed": "Look up the operation: this address knows other methods.",
    "not_acceptable": "Accept `application/json`.",
    "conflicts_with_stored_data": "A rule of the database refused it. Read the object again, and decide anew.",
    "unsupported_media_type": "Send `Content-Type: application/json`.",
    "body_too_slow": "Nothing was done. Send it again, over a better line or in smaller parts.",
    "body_too_large": "Nothing was done. Send less at once.",
    "throttled": "Wait as long as `Retry-After` says.",
    "fault": "It is logged. Look whether it happened; one Idempotency-Key never does it twice.",
}


@dataclass(frozen=True)
class Code:
    code: str
    status: int
    title: str
    what_to_do: str


def refusals() -> Iterator[type[DomainError]]:
    """Every refusal of our own rules that is loaded."""
    waiting = [DomainError]
    while waiting:
        refusal = waiting.pop()
        waiting += refusal.__subclasses__()
        if refusal is not DomainError and refusal.__module__.startswith(OF_OURS):
            yield refusal


def codes() -> list[Code]:
    """All of them, by status and code."""
    own = [
        Code(refusal.code, refusal.status, refusal.title, cleandoc(vars(refusal).get("__doc__") or ""))
        for refusal in refusals()
    ]
    framework = [
        Code(code, status, title, WHAT_TO_DO[code]) for code, (status, title) in OF_THE_FRAMEWORK.items()
    ]
    return sorted([*own, *framework], key=lambda code: (code.status, code.code))
