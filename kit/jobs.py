"""Jobs wait as rows, not as messages: a task is a doorbell that asks for the rows that are due."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger(__name__)

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)


def next_try(*, at: datetime, tries: int) -> datetime:
    """When to try again after `tries` failures: 5 s, doubled each time, at most 10 min."""
    doublings: int = 2 ** min(tries, 10)
    return at + min(FIRST_WAIT * doublings, LONGEST_WAIT)


def run_each(steps: Iterable[Callable[..., object]], *, at: datetime) -> None:
    """One step that fails must not hold up those whom the others reach: it is logged, and tried at the next tick."""
    for step in steps:
        try:
            step(at=at)
        except Exception:
            log.exception("step_failed", step=step.__name__)
