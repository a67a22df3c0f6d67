"""Jobs wait as rows, not as messages: a task is a doorbell that asks for the rows that are due."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)


def next_try(*, at: datetime, tries: int) -> datetime:
    """When to try again after `tries` failures: 5 s, doubled each time, at most 10 min."""
    doublings: int = 2 ** min(tries, 10)
    return at + min(FIRST_WAIT * doublings, LONGEST_WAIT)
