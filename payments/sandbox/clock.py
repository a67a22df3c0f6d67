"""The sandbox's own time: real time plus an offset, or frozen, and always forward."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970, UTC. `now()` is what every object's `created` is taken from."""

    def __init__(self, *, offset_s: float = 0.0, frozen_at: float | None = None) -> None:
        self.offset_s = offset_s
        self.frozen_at = frozen_at
        self._held: float | None = None

    def now(self) -> float:
        if self._held is not None:
            return self._held
        return self.frozen_at if self.frozen_at is not None else time.time() + self.offset_s

    def advance(self, seconds: float) -> None:
        """Move forward; raises ValueError on a step back, since Stripe's time never goes back either."""
        if seconds < 0:
            raise ValueError("The clock only moves forward.")
        if self.frozen_at is not None:
            self.frozen_at += seconds
        else:
            self.offset_s += seconds

    def freeze(self, at: float | None = None) -> None:
        """Stand still at `at`, or where the clock is."""
        self.frozen_at = self.now() if at is None else at

    def thaw(self) -> None:
        """Run on from where the clock stood."""
        if self.frozen_at is not None:
            self.offset_s, self.frozen_at = self.frozen_at - time.time(), None

    @contextmanager
    def held(self, at: float) -> Iterator[None]:
        """Within the block it is `at`: what falls due in a jump happens at its own time, not at the jump's end."""
        before, self._held = self._held, at
        try:
            yield
        finally:
            self._held = before


def rfc3339(at: float) -> str:
    """The v2 API's spelling of an instant."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_instant(text: str) -> float:
    """An ISO 8601 instant as seconds since 1970; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
