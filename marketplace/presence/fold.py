"""Rules 3 to 7: a seat's time from its connections, the session's window and its marks. Pure.

Each function names the rule that it holds. The same code folds a live session and a replayed week.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from kit.ranges import Span, intersection, subtraction, total_s, union
from marketplace.presence.agreed import Mark, MarkKind, Outcome, Seat, SessionTerms
from marketplace.presence.connections import Behind, Connection, Grade, Room, read_room
from marketplace.presence.evidence import Evidence
from marketplace.presence.lines import Code, Layer, Stretch, connection_layers, last_before, paint
from marketplace.presence.policy import TimePolicy

# What is reckoned by these rules says so (RULES.md, version 2).
RULES_VERSION = 2
BEFORE_ANY_TIME = 0
# Where a fault and a rest overlap, the line shows the fault: that is what the performer felt.
ON_TOP = (MarkKind.HOLD_PLATFORM, MarkKind.HOLD_COMPANY, MarkKind.REST)


@dataclass(frozen=True, slots=True)
class SeatTime:
    """One performer's time in one session. `worked_s` is the sum of the paid lines."""

    performer: str
    worked_s: int
    showed: bool
    inferred: bool
    window: Span
    connections: tuple[Connection, ...]
    lines: tuple[Stretch, ...]
    only_polled: tuple[str, ...] = ()
    behind: Behind | None = None

    @property
    def grade(self) -> Grade:
        """As well proved as the weakest stretch that somebody pays for; B where nobody pays for any."""
        proved = [line.grade for line in self.lines if line.paid]
        return max(proved, default=Grade.B)


@dataclass(frozen=True, slots=True)
class _Marked:
    """The marks as they count for one seat: paid whoever is in the room, and unpaid even so."""

    paid: tuple[tuple[MarkKind, Span], ...]
    unpaid: tuple[Span, ...]


def fold_session(
    *, terms: SessionTerms, evidence: Iterable[Evidence], marks: Sequence[Mark] = ()
) -> list[SeatTime]:
    """The time of each seat, in the order of the terms. `evidence` is of the session's room, in any order."""
    room = read_room(evidence)
    return [fold_seat(terms=terms, seat=seat, room=room, marks=marks) for seat in terms.seats]


def fold_seat(*, terms: SessionTerms, seat: Seat, room: Room, marks: Sequence[Mark] = ()) -> SeatTime:
    """The time of one seat."""
    performer = seat.performer
    connections = tuple(room.connections.get(performer, ()))
    presence = union((c.span for c in connections), filling_gaps_s=terms.policy.grace_gap_s)
    window = seat_window(terms=terms, seat=seat)
    concerned = [mark for mark in marks if mark.concerns(performer)]
    marked = _count_marks(concerned, presence, window, terms)
    cancelled = terms.outcome is Outcome.CANCELLED
    waited = terms.outcome is Outcome.COMPANY_NO_SHOW
    return SeatTime(
        performer=performer,
        worked_s=0 if cancelled else total_s(_worked(presence, window, marked)),
        showed=_showed(presence, concerned, terms),
        inferred=not cancelled and any(c.inference for c in connections),
        window=window,
        connections=connections,
        lines=()
        if cancelled
        else tuple(
            paint(
                _layers(
                    connections,
                    presence,
                    window,
                    marked,
                    waited=waited,
                    scheduled_end_at=terms.scheduled_end_at,
                )
            )
        ),
        only_polled=tuple(room.only_polled.get(performer, ())),
        behind=room.behind.get(performer),
    )


def seat_window(*, terms: SessionTerms, seat: Seat) -> Span:
    """Rule 4. Empty where the session was ended before its call."""
    ends = [terms.scheduled_end_at + terms.policy.overrun_limit_s, terms.wrapped_at, seat.next_call_at]
    return Span(terms.call_at, max(terms.call_at, min(end for end in ends if end is not None)))


def _showed(presence: Sequence[Span], concerned: Sequence[Mark], terms: SessionTerms) -> bool:
    """Rule 5: both ends included, so the last second that counts begins at the limit."""
    first, last = terms.call_at, terms.call_at + terms.policy.no_show_after_s
    if terms.wrapped_at is not None and terms.wrapped_at < last:
        first = BEFORE_ANY_TIME
    came = any(mark.kind is MarkKind.ARRIVED and first <= mark.start <= last for mark in concerned)
    return came or _some_in(presence, first, last)


def _some_in(spans: Iterable[Span], first: int, last: int) -> bool:
    asked = Span(first, last + 1)
    return any(span.overlaps(asked) for span in spans)


def _count_marks(
    marks: Iterable[Mark], presence: Sequence[Span], window: Span, terms: SessionTerms
) -> _Marked:
    """Rule 6: a long meal is unpaid; a rest, hold or short meal is paid to who was there, or paid already, when it began."""
    policy, until = terms.policy, Span(BEFORE_ANY_TIME, terms.scheduled_end_at)
    paid: list[tuple[MarkKind, Span]] = []
    unpaid: list[Span] = []
    for start, begun in groupby(
        sorted(_stretches(marks, window), key=_by_start), key=lambda each: each[1].start
    ):
        before = [*presence, *(span for _, span in paid)]
        counts = _some_in(before, start - policy.grace_gap_s, start)
        for kind, span in begun:
            if kind is MarkKind.MEAL and span.length_s >= policy.meal_min_s:
                unpaid += intersection([span], [window])
            elif counts:
                as_what, counted = _paid_stretch(kind, span, policy)
                paid += [
                    (as_what, within) for within in intersection(intersection([counted], [window]), [until])
                ]
    return _Marked(tuple(paid), tuple(unpaid))


def _stretches(marks: Iterable[Mark], window: Span) -> Iterable[tuple[MarkKind, Span]]:
    """The marks that last; one without an end lasts as long as the seat's window."""
    for mark in marks:
        end = window.end if mark.end is None else mark.end
        if mark.kind is not MarkKind.ARRIVED and end > mark.start:
            yield mark.kind, Span(mark.start, end)


def _by_start(stretch: tuple[MarkKind, Span]) -> tuple[int, int, str]:
    kind, span = stretch
    return span.start, span.end, kind


def _paid_stretch(kind: MarkKind, span: Span, policy: TimePolicy) -> tuple[MarkKind, Span]:
    """A hold whole; a rest, or a meal too short to be one, up to its limit."""
    if kind not in (MarkKind.REST, MarkKind.MEAL):
        return kind, span
    limit_s = span.length_s if policy.rest_limit_s is None else policy.rest_limit_s
    return MarkKind.REST, Span(span.start, min(span.end, span.start + limit_s))


def _worked(presence: Sequence[Span], window: Span, marked: _Marked) -> list[Span]:
    """Rule 7."""
    counted = intersection(presence, [window]) + [span for _, span in marked.paid]
    return subtraction(counted, marked.unpaid)


def _layers(
    connections: Sequence[Connection],
    presence: Sequence[Span],
    window: Span,
    marked: _Marked,
    *,
    waited: bool,
    scheduled_end_at: int,
) -> Iterable[Layer]:
    """What covers what, from the top: a meal wins, then a hold or rest, then presence, gaps, absence."""
    yield Layer(marked.unpaid, Code.MEAL, False, Grade.B)
    for kind in ON_TOP:
        for mark, span in marked.paid:
            if mark is kind:
                yield Layer([span], Code(kind.value), True, _grade_at(connections, span.start))
    code = Code.WAITED if waited else None
    yield from connection_layers(connections, presence, within=[window], code=code, paid=True)
    for away in _missed(window, presence, scheduled_end_at):
        before = last_before(connections, away.start)
        yield Layer([away], Code.ABSENT, False, Grade.B, before.reason if before else "")
    if presence:
        early = [Span(min(presence[0].start, window.start), window.start)]
        late = [Span(window.end, max(presence[-1].end, window.end))]
        yield from connection_layers(connections, presence, within=early, code=Code.BEFORE_CALL, paid=False)
        yield from connection_layers(connections, presence, within=late, code=Code.AFTER_WINDOW, paid=False)


def _missed(window: Span, presence: Sequence[Span], scheduled_end_at: int) -> Iterable[Span]:
    """When they were out. Whoever has gone for good by the scheduled end misses nothing of what may follow it."""
    for away in subtraction([window], presence):
        end = min(away.end, scheduled_end_at) if away.end == window.end else away.end
        if away.start < end:
            yield Span(away.start, end)


def _grade_at(connections: Sequence[Connection], start: int) -> Grade:
    """A mark is paid on the strength of the connection open when it began, or ended last before."""
    begun = [c for c in connections if c.span.length_s and c.span.start <= start]
    open_then = [c.grade for c in begun if c.span.end > start]
    last = max(begun, key=lambda c: (c.span.end, c.sid), default=None)
    return min(open_then) if open_then else last.grade if last else Grade.C
