"""What Stripe may answer, and what the house may make of it."""

from enum import Enum


class Answer(Enum):
    MADE = "200"
    REFUSED = "a refusal, kept under the key"
    FORBIDDEN = "403, not executed and not kept"
    ERROR = "500"
    LOST = "no answer"
    UNREADABLE = "an answer that cannot be read"
    BUSY = "409"
    RATE_LIMITED = "429"
    MISMATCH = "idempotency_error"


class Verdict(Enum):
    SENT = "sent"
    REFUSED = "refused"
    AGAIN = "again"
    STOP = "stop"


class Violation(Exception):
    """A promise of the protocol that does not hold."""
