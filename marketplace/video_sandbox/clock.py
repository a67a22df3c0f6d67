"""The sandbox's own time: real time plus an offset, or standing still. A provider's clock may be set anywhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970, UTC. Each node has its own, which may be wrong against this one."""

    def __init__(self, *, now: float | None = None) -> None:
        self.offset_s = 0.0 if now is None else now - time.time()
        self.frozen_at: float | None = None
        self._held: float | None = None

    def now(self) -> float:
        if self._held is not None:
            return self._held
        return self.frozen_at if self.frozen_at is not None else time.time() + self.offset_s

    def set_to(self, at: float, *, frozen: bool) -> None:
        """It is `at`, and it runs on from there, or stands still."""
        self.offset_s, self.frozen_at = at - time.time(), at if frozen else None

    @contextmanager
    def held(self, at: float) -> Iterator[None]:
        """Within the block it is `at`: what falls due in a jump happens at its own time, not at the jump's end."""
        before, self._held = self._held, at
        try:
            yield
        finally:
            self._held = before


def read_instant(text: str) -> float:
    """An ISO 8601 instant as seconds since 1970; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
