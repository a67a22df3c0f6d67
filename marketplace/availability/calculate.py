"""When somebody is free, from their hours of a week and what they said of certain times. Pure: no models, no clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from kit.ranges import Span, intersection, subtraction, union

DAY_MIN = 24 * 60
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Hours:
    """On a weekday (0: Monday), from one minute of the day up to and without another, by the clock on the wall."""

    weekday: int
    from_min: int
    to_min: int


def free_spans(
    hours: Iterable[Hours], *, zone: tzinfo, free: Iterable[Span], away: Iterable[Span], within: Span
) -> list[Span]:
    """The seconds of `within` that are in the hours or said to be free, and not said to be away.

    Somebody is free whenever the clock of `zone` shows a time of their hours: in the hour that comes twice, twice; in the
    one that is left out, never.
    """
    weekly = list(_weekly(list(hours), zone, within))
    return subtraction(intersection(union([*weekly, *free]), [within]), away)


def _weekly(hours: list[Hours], zone: tzinfo, within: Span) -> Iterator[Span]:
    for start, end, offset in _steady(zone, within):
        first, last = (start + offset).date(), (end + offset).date()
        for day in _days(first, last):
            for each in hours:
                if each.weekday == day.weekday():
                    yield _of_day(day, each, start, end, offset)


def _of_day(day: date, each: Hours, start: datetime, end: datetime, offset: timedelta) -> Span:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - offset
    from_at = max(start, midnight + each.from_min * _MINUTE)
    return Span.between(from_at, max(from_at, min(end, midnight + each.to_min * _MINUTE)))


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _steady(zone: tzinfo, within: Span) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The stretches of `within` in which the clock is not changed, each with its offset from UTC."""
    start, at, end = within.started_at, within.started_at, within.ended_at
    while at < end:
        then = min(end, at + _HOUR)
        if _offset(then, zone) != _offset(start, zone):
            changed = next(
                at + n * _MINUTE
                for n in range(1, 61)
                if _offset(at + n * _MINUTE, zone) != _offset(start, zone)
            )
            yield start, changed, _offset(start, zone)
            start = then = changed
        at = then
    yield start, end, _offset(start, zone)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
