"""Which secret each part of the house is handed: the one table, which production's settings and `docker/` are held to.

A process says which part it is in HOUSE_PART, as `docker/entrypoint` does; what is not its own it neither reads nor asks for.
One that says nothing, such as a command at a terminal, takes them all.
"""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ImproperlyConfigured

WEB, WORKER, BEAT, MIGRATE = "web", "worker", "beat", "migrate"
PARTS = (WEB, WORKER, BEAT, MIGRATE)
_PAGES_AND_JOBS = {WEB, WORKER}
SECRETS: dict[str, set[str]] = {
    "DATABASE_URL": {WEB, WORKER, MIGRATE},
    "APP_DATABASE_URL": {MIGRATE},  # the others' DATABASE_URL, to whose role it gives their rights
    "REDIS_URL": {WEB, WORKER, BEAT},
    "SECRET_KEY": _PAGES_AND_JOBS,
    "FIELD_ENCRYPTION_KEY": {WEB},
    "WEBHOOK_KEY": _PAGES_AND_JOBS,
    "RECEIPT_KEY": _PAGES_AND_JOBS,
    "AGREEMENT_CERT": {WORKER},
    "AGREEMENT_KEY": {WORKER},
    "PROVENANCE_CERT": _PAGES_AND_JOBS,
    "PROVENANCE_KEY": {WORKER},
    "FINGERPRINT_KEY": _PAGES_AND_JOBS,
    "STRIPE_SECRET_KEY": _PAGES_AND_JOBS,
    "STRIPE_IDENTITY_KEY": _PAGES_AND_JOBS,
    "STRIPE_WEBHOOK_SECRET_PLATFORM": {WEB},
    "STRIPE_WEBHOOK_SECRET_CONNECT": {WEB},
    "STRIPE_WEBHOOK_SECRET_THIN": {WEB},
    "LIVEKIT_API_SECRET": _PAGES_AND_JOBS,
    "TURN_SECRET": {WEB},
    "EMAIL_URL": _PAGES_AND_JOBS,
}


def is_handed(name: str) -> bool:
    """Whether this process is to have the secret."""
    part = os.environ.get("HOUSE_PART", "")
    if part and part not in PARTS:
        raise ImproperlyConfigured(f"HOUSE_PART is one of {', '.join(PARTS)}, or unset.")
    return not part or name not in SECRETS or part in SECRETS[name]


def where_handed(read: Callable[..., str]) -> Callable[..., str]:
    """Let `read(name, …)` read only what this process is to have; the rest is empty, as if it were not there."""

    @wraps(read)
    def reading(name: str, *args: Any, **options: Any) -> str:
        return read(name, *args, **options) if is_handed(name) else ""

    return reading
