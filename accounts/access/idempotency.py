"""`Idempotency-Key` on a POST: the effect and its answer are kept in one transaction, and given again on repeat."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.access.models import IdempotentRequest
from kit.errors import DomainError, Invalid

LONGEST_KEY = 255
KEPT = timedelta(days=7)
Answer = tuple[int, Any]


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 409
    title = "That key was used for another request"


def once(
    *, actor: str, key: str, path: str, sent: Any, at: datetime, work: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """Do `work` once for this actor and key. Returns its answer, and whether it is a replay.

    A refusal (an exception from `work`) keeps nothing: correct the request and use the same key again.
    Raises KeyReused (409) when the key came with another body or path before, Invalid (422) for a key that is too long.
    """
    if len(key) > LONGEST_KEY:
        raise Invalid.field("Idempotency-Key", f"At most {LONGEST_KEY} characters.")
    fingerprint = hashlib.sha256(json.dumps([path, sent], sort_keys=True, default=str).encode()).digest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two of the same at once: the second waits for the first one's answer and gives it again.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"idempotency:{actor}:{key}"]
            )
        kept = IdempotentRequest.objects.filter(actor=actor, key=key).first()
        if kept is None:
            status, body = work()
            IdempotentRequest.objects.create(
                actor=actor, key=key, fingerprint=fingerprint, status=status, body=body, created_at=at
            )
            return (status, body), False
    if bytes(kept.fingerprint) != fingerprint:
        raise KeyReused(
            "This Idempotency-Key came with another request before. Use a new key for a new request."
        )
    return (kept.status, kept.body), True


def forget(*, at: datetime) -> int:
    """Drop answers older than a week; returns how many."""
    return IdempotentRequest.objects.filter(created_at__lt=at - KEPT).delete()[0]
