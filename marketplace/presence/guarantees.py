"""What a performer is guaranteed beside pay: rest within a stretch, hours on camera a day, rest between days. Pure.

A day is one of the performer's own zone. A booking is held against what else is booked, for that can be foreseen; afterwards
what was really played is watched (`breaches`).
"""

from collections.abc import Iterable, Iterator, Sequence
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
    # Of what was played, so much more is no breach yet.
    grace_s: int = 0


@dataclass(frozen=True)
class Played:
    """One call as it was really played: on camera in these spans, which never overlap, in order; and its scheduled end."""

    on_camera: Sequence[Span]
    scheduled_end: int

    @property
    def hull(self) -> Span:
        return Span(self.on_camera[0].start, self.on_camera[-1].end)


@dataclass(frozen=True)
class Breach:
    """Which guarantee was broken on which day, by which of the calls (its place in the list), at which second; and how much
    there was of what is limited, or of the rest that was due, in seconds."""

    guarantee: Guarantee
    on: date
    call: int
    at: int
    measured_s: int
    limit_s: int


def breaches(calls: Sequence[Played], *, zone: tzinfo, by: Guarantees) -> list[Breach]:
    """What was broken by one performer's calls, in the order of their beginning: each guarantee once a day."""
    found: dict[tuple[Guarantee, date], Breach] = {}
    for each in (*_stretches(calls, zone, by), *_full_days(calls, zone, by), *_short_nights(calls, zone, by)):
        found.setdefault((each.guarantee, each.on), each)
    return sorted(found.values(), key=lambda each: (each.at, each.guarantee))


def _on_camera(calls: Sequence[Played]) -> list[tuple[Span, int]]:
    return sorted(
        ((span, number) for number, call in enumerate(calls) for span in call.on_camera),
        key=lambda pair: (pair[0].start, pair[0].end),
    )


def _stretches(calls: Sequence[Played], zone: tzinfo, by: Guarantees) -> Iterator[Breach]:
    """On camera without the rest; a shorter rest interrupts nothing and counts for nothing."""
    run_s, last_end, told = 0, None, False
    most_s = by.stretch_s + by.grace_s
    for span, number in _on_camera(calls):
        if last_end is None or span.start - last_end >= by.stretch_rest_s:
            run_s, told = 0, False
        if run_s + span.length_s > most_s and not told:
            at = span.start + max(0, most_s - run_s)
            total_run_s = run_s + span.length_s
            yield Breach(Guarantee.STRETCH, _day(at, zone), number, at, total_run_s, by.stretch_s)
            told = True
        run_s, last_end = run_s + span.length_s, span.end


def _full_days(calls: Sequence[Played], zone: tzinfo, by: Guarantees) -> Iterator[Breach]:
    sums: dict[date, int] = {}
    most_s = by.day_s + by.grace_s
    pieces = [
        (on, piece, number)
        for span, number in _on_camera(calls)
        for on in sorted(_days(span, zone))
        for piece in intersection([span], [_whole(on, zone)])
    ]
    totals: dict[date, int] = {}
    for on, piece, _ in pieces:
        totals[on] = totals.get(on, 0) + piece.length_s
    for on, piece, number in pieces:
        before_s = sums.get(on, 0)
        sums[on] = before_s + piece.length_s
        if before_s <= most_s < sums[on]:
            yield Breach(Guarantee.DAY, on, number, piece.start + most_s - before_s, totals[on], by.day_s)


def _short_nights(calls: Sequence[Played], zone: tzinfo, by: Guarantees) -> Iterator[Breach]:
    """It is the call that ran over that took the rest; where none did, the one that began too early."""
    order = sorted(range(len(calls)), key=lambda number: calls[number].hull.start)
    for one, other in pairwise(order):
        before, after = calls[one].hull, calls[other].hull
        rest_s = max(0, after.start - before.end)
        is_night = _day(before.start, zone) != _day(after.start, zone)
        if is_night and rest_s < by.night_s - by.grace_s:
            planned_s = after.start - min(before.end, calls[one].scheduled_end)
            number = one if planned_s >= by.night_s - by.grace_s else other
            on = _day(after.start, zone)
            yield Breach(Guarantee.NIGHT, on, number, after.start, rest_s, by.night_s)


def _whole(on: date, zone: tzinfo) -> Span:
    midnights = (
        datetime(each.year, each.month, each.day, tzinfo=zone) for each in (on, on + timedelta(days=1))
    )
    return Span.between(*midnights)


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
    return total_s(intersection(calls, [_whole(on, zone)]))


def _days(call: Span, zone: tzinfo) -> set[date]:
    return {_day(call.start, zone), _day(call.end - 1, zone)}


def _day(second: int, zone: tzinfo) -> date:
    return Span(second, second).started_at.astimezone(zone).date()
