"""Idempotency keys: kept with the effect in one transaction, per account, v1 for 24 hours and v2 for 30 days.

v1 keeps whatever an endpoint answered once it had begun, errors and 500s included; v2 keeps successes and carries
out a failed request again. Source: docs.stripe.com/api/idempotent_requests and docs.stripe.com/api-v2-overview.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from payments.sandbox import errors
from payments.sandbox.wire import Json, Reply
from payments.sandbox.world import DAY_S, World

_WINDOW_S = {1: DAY_S, 2: 30 * DAY_S}
_MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that carries a key: whose it is, and what it asks."""

    scope: str
    key: str
    fingerprint: str
    version: int


def read_key(
    *, key: str | None, method: str, version: int, account: str, path: str, params: Json
) -> KeyedRequest | None:
    """The keyed request, or None where Stripe takes no key: v1 keys count on POST, v2 keys on POST and DELETE."""
    if not key or (method != "POST" and not (version == 2 and method == "DELETE")):
        return None
    if len(key) > _MAX_KEY:
        raise errors.invalid("Idempotency keys can be up to 255 characters.", code="idempotency_key_too_long")
    asked = json.dumps([method, path, params], sort_keys=True, default=str)
    return KeyedRequest(f"{account}:v{version}", key, hashlib.sha256(asked.encode()).hexdigest(), version)


def replay(world: World, keyed: KeyedRequest) -> Reply | None:
    """The first answer, marked as replayed, or None if the key is new or its window is over.

    Raises idempotency_error when the key comes back with other parameters.
    """
    row = world.store.db.execute(
        "SELECT fingerprint, status, body, request, expires_at FROM idempotency WHERE scope = ? AND key = ?",
        (keyed.scope, keyed.key),
    ).fetchone()
    if row is None or row[4] <= world.clock.now():
        return None
    if row[0] != keyed.fingerprint:
        raise errors.key_reused(keyed.key)
    headers = {"Content-Type": "application/json", "Idempotent-Replayed": "true", "Original-Request": row[3]}
    return Reply(int(row[1]), bytes(row[2]), headers)


def keep(world: World, keyed: KeyedRequest, reply: Reply, *, request_id: str) -> None:
    """Store the answer in the transaction of its effect."""
    if keyed.version == 2 and reply.status >= 400:
        return
    world.store.db.execute(
        "INSERT OR REPLACE INTO idempotency (scope, key, fingerprint, status, body, request, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            keyed.scope,
            keyed.key,
            keyed.fingerprint,
            reply.status,
            reply.body,
            request_id,
            world.clock.now() + _WINDOW_S[keyed.version],
        ),
    )


class InFlight:
    """Which keys are being worked on right now; a second request with one of them gets 409."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def entered(self, keyed: KeyedRequest | None) -> Iterator[None]:
        if keyed is None:
            yield
            return
        mark = (keyed.scope, keyed.key)
        with self._lock:
            if mark in self._keys:
                raise errors.key_in_use(keyed.key)
            self._keys.add(mark)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(mark)
