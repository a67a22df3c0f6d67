"""The one place that reads the clock. Pages, endpoints, tasks and commands ask here; operations are told."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC, to the microsecond."""
    return datetime.now(UTC)
