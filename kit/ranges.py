"""Half-open ranges of whole seconds: `[start, end)`, so that two ranges that touch share no second.

Seconds are those of the Unix epoch. A zone never enters, so an hour that a clock change repeats is two hours.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_SECOND = timedelta(seconds=1)


class Span(NamedTuple):
    """The seconds from `start` up to and without `end`. With `end <= start` it holds none."""

    start: int
    end: int

    @classmethod
    def between(cls, started_at: datetime, ended_at: datetime) -> "Span":
        """The span of two aware datetimes. Raises ValueError on a naive one."""
        return cls(epoch_s(started_at), epoch_s(ended_at))

    @property
    def length_s(self) -> int:
        return max(0, self.end - self.start)

    @property
    def started_at(self) -> datetime:
        return datetime.fromtimestamp(self.start, UTC)

    @property
    def ended_at(self) -> datetime:
        return datetime.fromtimestamp(self.end, UTC)

    def overlaps(self, other: "Span") -> bool:
        """Whether some second is in both."""
        return max(self.start, other.start) < min(self.end, other.end)


def epoch_s(at: datetime) -> int:
    """Whole seconds since the epoch, a fraction cut off. Raises ValueError on a naive datetime."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no zone, so it is no instant")
    return (at - EPOCH) // ONE_SECOND


def union(spans: Iterable[Span], *, filling_gaps_s: int = 0) -> list[Span]:
    """Sorted spans that neither overlap nor touch, holding every second of `spans` once.

    A gap of at most `filling_gaps_s` seconds between two of them is filled. Empty spans do not count: they
    hold no second from which a gap could be measured.
    """
    some = [span for span in spans if span.end > span.start]
    if len(some) < 2:
        return some
    merged: list[Span] = []
    for span in sorted(some):
        if merged and span.start - merged[-1].end <= filling_gaps_s:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def intersection(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """The seconds that are in both."""
    return list(_common(union(left), union(right)))


def subtraction(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """The seconds of `left` that are not in `right`."""
    whole, holes = union(left), union(right)
    if not (whole and holes):
        return whole
    kept: list[Span] = []
    first = 0
    for start, end in whole:
        while first < len(holes) and holes[first].end <= start:
            first += 1
        reached, hole = start, first
        while hole < len(holes) and holes[hole].start < end:
            if holes[hole].start > reached:
                kept.append(Span(reached, holes[hole].start))
            reached = holes[hole].end
            hole += 1
        if reached < end:
            kept.append(Span(reached, end))
    return kept


def total_s(spans: Iterable[Span]) -> int:
    """How many seconds the spans hold; one that two of them share is counted once."""
    return sum(span.end - span.start for span in union(spans))


def _common(left: list[Span], right: list[Span]) -> Iterator[Span]:
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start < end:
            yield Span(start, end)
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
