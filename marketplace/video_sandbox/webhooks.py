"""Webhooks as LiveKit sends them: protobuf JSON, its SHA-256 in a signed token, tried again, counted when dropped.

As in livekit/protocol's `webhook/url_notifier.go`. What gets lost, doubled, late or out of order is by order.
"""

import base64
import hashlib
import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
from google.protobuf.json_format import MessageToJson

TRIES = 5
FIRST_WAIT_S = 1.0
TOKEN_LASTS_S = 300
LATEST_S = 30.0
# `send(url, headers, body)`: the HTTP status, 0 where there was no answer.
Send = Callable[[str, dict[str, str], bytes], int]


@dataclass(slots=True)
class Disturbances:
    """From now on: each webhook is lost with probability `drop`, sent twice with `duplicate`, up to LATEST_S late with
    `reorder`, and all of them `delay_s` late. `counted`: what is lost shows in the next one's `numDropped`.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    delay_s: float = 0.0
    counted: bool = True


@dataclass(order=True, slots=True)
class Parcel:
    due_at: float
    number: int
    event: Any = field(compare=False)
    tries: int = field(default=0, compare=False)


class Outbox:
    """The webhooks that wait, and all that were ever told, for whoever looks."""

    def __init__(self, *, url: str, key: str, secret: str, seed: str) -> None:
        self.url, self.key, self.secret = url, key, secret
        self.disturbances = Disturbances()
        self.dropped = 0
        self.told: list[Any] = []
        self._waiting: list[Parcel] = []
        self._number = 0
        self._chance = random.Random(f"{seed}:webhooks")  # noqa: S311 -- chance on order, not a secret

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, event: Any, *, at: float) -> None:
        """Send it, as far as the disturbances let it through."""
        self.told.append(event)
        wrong, chance = self.disturbances, self._chance
        if not self.url:
            return
        if chance.random() < wrong.drop:
            self.dropped += wrong.counted
            return
        for _ in range(2 if chance.random() < wrong.duplicate else 1):
            late_s = chance.uniform(0, LATEST_S) if chance.random() < wrong.reorder else 0.0
            self._wait(Parcel(at + wrong.delay_s + late_s, self._next(), event))

    def take(self, *, at: float) -> Parcel | None:
        """The next one that is due."""
        if self._waiting and self._waiting[0].due_at <= at:
            return heapq.heappop(self._waiting)
        return None

    def sealed(self, parcel: Parcel) -> tuple[dict[str, str], bytes]:
        """Headers and body, ready to be posted."""
        parcel.event.num_dropped, self.dropped = self.dropped, 0
        body = MessageToJson(parcel.event, indent=None).encode()
        now = int(time.time())
        claims = {
            "iss": self.key,
            "nbf": now,
            "exp": now + TOKEN_LASTS_S,
            "sha256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
        }
        token = jwt.encode(claims, self.secret, algorithm="HS256")
        return {"Authorization": token, "Content-Type": "application/webhook+json"}, body

    def failed(self, parcel: Parcel, *, at: float) -> None:
        """It was not taken: again later, each time twice as late; in the end it is dropped, and counted."""
        parcel.tries += 1
        if parcel.tries == TRIES:
            self.dropped += parcel.event.num_dropped + 1
            return
        self.dropped += parcel.event.num_dropped
        parcel.due_at = at + FIRST_WAIT_S * 2 ** (parcel.tries - 1)
        self._wait(parcel)

    def _wait(self, parcel: Parcel) -> None:
        heapq.heappush(self._waiting, parcel)

    def _next(self) -> int:
        self._number += 1
        return self._number
