"""Stripe's limits: token buckets per account and per endpoint, and one writer at a time per object."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from payments.sandbox import errors

_PAYOUT_SHARE = 15 / 25


class Buckets:
    """429 when an account asks faster than `rate_per_s`, over all or for one endpoint; 0 means no limit.

    Real time, not the sandbox's: a jump of the clock must not fill a bucket.
    """

    def __init__(self, rate_per_s: float) -> None:
        self.rate_per_s = rate_per_s
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, *, platform: str, method: str, pattern: str) -> None:
        if self.rate_per_s <= 0:
            return
        endpoint_rate = self.rate_per_s * (
            _PAYOUT_SHARE if (method, pattern) == ("POST", "/v1/payouts") else 1
        )
        with self._lock:
            for name, rate, reason in (
                ("", self.rate_per_s, "global-rate"),
                (f"{method} {pattern}", endpoint_rate, "endpoint-rate"),
            ):
                if not self._draw((platform, name), rate):
                    raise errors.rate_limited(reason)

    def _draw(self, key: tuple[str, str], rate: float) -> bool:
        now = time.monotonic()
        tokens, at = self._tokens.get(key, (rate, now))
        tokens = min(rate, tokens + (now - at) * rate)
        enough = tokens >= 1
        self._tokens[key] = (tokens - 1 if enough else tokens, now)
        return enough


class ObjectLocks:
    """Writers of one object queue for a moment, then the later one gets `lock_timeout`."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        self._free = threading.Condition()
        self._held: set[str] = set()

    @contextmanager
    def holding(self, object_id: str | None) -> Iterator[None]:
        if object_id is None:
            yield
            return
        with self._free:
            if not self._free.wait_for(lambda: object_id not in self._held, timeout=self.wait_s):
                raise errors.lock_timeout()
            self._held.add(object_id)
        try:
            yield
        finally:
            with self._free:
                self._held.discard(object_id)
                self._free.notify_all()
