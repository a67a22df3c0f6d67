"""The one place that reads the clock. Pages, endpoints, tasks and commands ask here; operations are told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_offset: Callable[[], timedelta] | None = None


def now() -> datetime:
    """The present instant, in UTC, to the microsecond."""
    present = datetime.now(UTC)
    return present if _offset is None else present + _offset()


def shift_by(offset: Callable[[], timedelta] | None) -> None:
    """Let the house's clock run beside the real one: how a week is played in a minute. Never in production."""
    global _offset  # noqa: PLW0603 -- one clock per process, set once by the settings of a laptop
    _offset = offset


def runs_by(offset: Callable[[], timedelta]) -> bool:
    """Whether it runs beside the real one, by this offset."""
    return _offset is offset
