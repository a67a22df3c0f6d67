"""The running stand-in: its world, its faults, what it sends, and the lock around all of it."""

import secrets
import threading

from marketplace.video_sandbox import tokens
from marketplace.video_sandbox.clock import Clock
from marketplace.video_sandbox.faults import Faults
from marketplace.video_sandbox.records import Ids, Participant
from marketplace.video_sandbox.webhooks import Outbox, Parcel, Send
from marketplace.video_sandbox.world import World


class Sandbox:
    """Safe for threads. `revokes`: RemoveParticipant also ends the tokens of before, as on LiveKit Cloud."""

    def __init__(
        self,
        *,
        key: str,
        secret: str,
        webhook_url: str = "",
        seed: str | int | None = None,
        now: float | None = None,
        revokes: bool = False,
    ) -> None:
        chosen = str(seed if seed is not None else secrets.token_hex(8))
        self.key, self.secret, self.revokes = key, secret, revokes
        outbox = Outbox(url=webhook_url, key=key, secret=secret, seed=chosen)
        self.world = World(clock=Clock(now=now), ids=Ids(chosen), outbox=outbox)
        self.faults = Faults(chosen)
        self.sending = 0
        self.lock = threading.RLock()

    def admit(self, room: str, text: str) -> Participant:
        """Someone comes to the room with a token. Raises Unverified when it does not let them in."""
        token = tokens.verify(text, key=self.key, secret=self.secret)
        if not token.may("roomJoin") or token.video.get("room") != room:
            raise tokens.Unverified("permissions denied")
        if self.revokes and token.nbf < self.world.revoked.get((room, token.identity), 0):
            raise tokens.Unverified("token has been revoked")
        return self.world.join(room, token.identity, name=token.name, kind=token.kind)

    def tick(self) -> None:
        """Let the clock's work be done without a request."""
        with self.lock:
            self.world.run_due()

    def deliver(self, send: Send) -> int:
        """Send the webhooks that are due through `send`; returns how many were tried. Nothing is locked meanwhile."""
        tried = 0
        while (parcel := self._next_parcel()) is not None:
            with self.lock:
                headers, body = self.world.outbox.sealed(parcel)
            taken = 200 <= send(self.world.outbox.url, headers, body) < 300
            with self.lock:
                self.sending -= 1
                if not taken:
                    self.world.outbox.failed(parcel, at=self.world.clock.now())
            tried += 1
        return tried

    def _next_parcel(self) -> Parcel | None:
        with self.lock:
            self.world.run_due()
            parcel = self.world.outbox.take(at=self.world.clock.now())
            self.sending += parcel is not None
            return parcel
