"""`Idempotency-Key` on a POST: claim the key, do the work as it would be done without one, record the answer.

The work runs outside any transaction of ours, so that a key changes nothing about it: what it commits stays committed,
and no outside call waits inside a transaction. A crash between work and record leaves the key unfinished: whether it
happened is then unknown, and unknown is said, never guessed.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from accounts.access.models import IdempotentRequest
from kit.errors import DomainError, Invalid
from kit.http.problems import as_problem

LONGEST_KEY = 255
# Longer than any request is let run by the web server.
UNDER_WAY = timedelta(minutes=5)
Answer = tuple[int, Any]


class KeyReused(DomainError):
    """Use a new key for a new request."""

    code = "idempotency_key_reused"
    title = "That key was used for another request"


class KeyInUse(DomainError):
    """Wait a moment and send the same again: it answers once the first one is through."""

    code = "idempotency_key_in_use"
    title = "The first request with that key is still under way"


class OutcomeUnknown(DomainError):
    """Read what it would have changed; if it did not happen, send it again with a new key."""

    code = "idempotency_outcome_unknown"
    title = "It is not known whether that happened"


def once(
    *, actor: str, key: str, path: str, sent: Any, now: Callable[[], datetime], work: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """Do `work` once for this actor and key. Returns its answer, and whether it is a replay.

    A refusal keeps nothing: correct the request and use the same key again. Raises KeyReused when the key came with
    another body or path before, KeyInUse while the first one runs, OutcomeUnknown where it never finished (409),
    Invalid (422) for a key that is too long: none is ever cut.
    """
    if len(key) > LONGEST_KEY:
        raise Invalid.field("Idempotency-Key", f"At most {LONGEST_KEY} characters.", code="max_length")
    fingerprint = hashlib.sha256(json.dumps([path, sent], sort_keys=True, default=str).encode()).digest()
    row, claimed = IdempotentRequest.objects.get_or_create(
        actor=actor, key=key, defaults={"fingerprint": fingerprint, "created_at": now()}
    )
    if not claimed:
        return _replay(row, fingerprint, at=now()), True
    try:
        status, body = work()
    except Exception as error:
        # Every error is raised on. A refusal frees the key; after a fault it is not known what was done, and it stays.
        if as_problem(error) is not None:
            row.delete()
        raise
    IdempotentRequest.objects.filter(pk=row.pk).update(status=status, body=body)
    return (status, body), False


def business_key(*, actor: str, key: str) -> str:
    """The key as a part of a business key of fixed length: two actors, or two keys alike at their beginning, never meet."""
    return hashlib.sha256(f"{actor} {key}".encode()).hexdigest()[:48]


def _replay(row: IdempotentRequest, fingerprint: bytes, *, at: datetime) -> Answer:
    if bytes(row.fingerprint) != fingerprint:
        raise KeyReused(
            "This Idempotency-Key came with another request before. Use a new key for a new request."
        )
    if row.status is not None:
        return row.status, row.body
    if at - row.created_at < UNDER_WAY:
        raise KeyInUse("Wait a moment, then send the same again to read its answer.")
    raise OutcomeUnknown(
        "The first request with this key never finished. Read what it would have changed; if it did not happen, "
        "send it again with a new key."
    )
