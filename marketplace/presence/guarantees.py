"""What a performer is guaranteed beside pay: rest within a stretch, hours on camera a day, rest between days. Pure.

A day is one of the performer's own zone, and all is reckoned from what is booked: it is what can be foreseen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise

from kit.ranges import Span, intersection, total_s, union


class Guarantee(StrEnum):
    STRETCH = "stretch"
    DAY = "day"
    NIGHT = "night"


@dataclass(frozen=True)
class Guarantees:
    """Lengths in whole seconds: after `stretch_s` on camera a rest of `stretch_rest_s`, at most `day_s` a day, `night_s`
    between the last call of a day and the first of the next."""

    stretch_s: int
    stretch_rest_s: int
    day_s: int
    night_s: int


def broken_by(call: Span, others: Iterable[Span], *, zone: tzinfo, by: Guarantees) -> Guarantee | None:
    """Which guarantee the call would break beside the performer's other calls; None where all hold.

    One call alone may be longer than a stretch: its rest is taken within it. Calls that overlap are another rule's.
    """
    beside = sorted(span for span in others if not span.overlaps(call))
    if _stretch_s(call, beside, by) > max(by.stretch_s, call.length_s):
        return Guarantee.STRETCH
    if any(_day_s(on, [call, *beside], zone) > by.day_s for on in _days(call, zone)):
        return Guarantee.DAY
    for before, after in pairwise(sorted([call, *beside])):
        is_night = _day(before.start, zone) != _day(after.start, zone)
        if call in (before, after) and is_night and after.start - before.end < by.night_s:
            return Guarantee.NIGHT
    return None


def _stretch_s(call: Span, beside: list[Span], by: Guarantees) -> int:
    """How long one is on camera without the rest, around the call."""
    merged = union([call, *beside], filling_gaps_s=max(0, by.stretch_rest_s - 1))
    around = [span for span in merged if span.overlaps(call)]
    return total_s(intersection(around, [call, *beside]))


def _day_s(on: date, calls: list[Span], zone: tzinfo) -> int:
    midnights = (
        datetime(each.year, each.month, each.day, tzinfo=zone) for each in (on, on + timedelta(days=1))
    )
    return total_s(intersection(calls, [Span.between(*midnights)]))


def _days(call: Span, zone: tzinfo) -> set[date]:
    return {_day(call.start, zone), _day(call.end - 1, zone)}


def _day(second: int, zone: tzinfo) -> date:
    return Span(second, second).started_at.astimezone(zone).date()
