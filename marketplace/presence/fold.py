"""Rules 2 to 6: a seat's time from its connections, the session's window and its marks. Pure.

Each function names the rule that it holds. The same code folds a live session and a replayed week.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.ranges import Span, intersection, subtraction, total_s, union
from marketplace.presence.agreed import Mark, MarkKind, Outcome, SessionTerms
from marketplace.presence.connections import Connection, Grade, Room, read_room
from marketplace.presence.evidence import Evidence
from marketplace.presence.lines import Code, Layer, Stretch, connection_layers, last_before, paint
from marketplace.presence.policy import TimePolicy

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

    @property
    def grade(self) -> Grade:
        """As well proved as the weakest stretch that somebody pays for; B where nobody pays for any."""
        proved = [line.grade for line in self.lines if line.paid or line.code is Code.WAITED]
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
    return [fold_seat(terms=terms, performer=seat.performer, room=room, marks=marks) for seat in terms.seats]


def fold_seat(*, terms: SessionTerms, performer: str, room: Room, marks: Sequence[Mark] = ()) -> SeatTime:
    """The time of one seat."""
    connections = tuple(room.connections.get(performer, ()))
    presence = union((c.span for c in connections), filling_gaps_s=terms.policy.grace_gap_s)
    window = session_window(terms=terms, finished_at=room.finished_at)
    concerned = [mark for mark in marks if mark.concerns(performer)]
    marked = _count_marks(concerned, presence, window, terms.policy)
    held = terms.outcome is Outcome.HELD
    cancelled = terms.outcome is Outcome.CANCELLED
    layers = [] if cancelled else _layers(connections, presence, window, marked, held=held)
    return SeatTime(
        performer=performer,
        worked_s=total_s(_worked(presence, window, marked)) if held else 0,
        showed=_showed(presence, terms),
        inferred=not cancelled and any(c.inference for c in connections),
        window=window,
        connections=connections,
        lines=tuple(paint(layers)),
        only_polled=tuple(room.only_polled.get(performer, ())),
    )


def session_window(*, terms: SessionTerms, finished_at: int | None) -> Span:
    """Rule 3. Empty where the room finished before the call."""
    limit = terms.scheduled_end_at + terms.policy.overrun_limit_s
    end = limit if finished_at is None else min(finished_at, limit)
    return Span(terms.call_at, max(end, terms.call_at))


def _showed(presence: Sequence[Span], terms: SessionTerms) -> bool:
    """Rule 4: both ends included, so the last second that counts begins at the limit."""
    return _present_in(presence, terms.call_at, terms.call_at + terms.policy.no_show_after_s)


def _present_in(presence: Sequence[Span], first: int, last: int) -> bool:
    asked = Span(first, last + 1)
    return any(span.overlaps(asked) for span in presence)


def _count_marks(
    marks: Iterable[Mark], presence: Sequence[Span], window: Span, policy: TimePolicy
) -> _Marked:
    """Rule 5: a long meal is unpaid; a rest, hold or short meal is paid to who was there when it began."""
    paid, unpaid = [], []
    for mark in marks:
        within = intersection([mark.span], [window])
        if mark.kind is MarkKind.MEAL and mark.span.length_s >= policy.meal_min_s:
            unpaid += within
        elif _present_in(presence, mark.span.start - policy.grace_gap_s, mark.span.start):
            kind = MarkKind.REST if mark.kind is MarkKind.MEAL else mark.kind
            paid += [(kind, span) for span in within]
    return _Marked(tuple(paid), tuple(unpaid))


def _worked(presence: Sequence[Span], window: Span, marked: _Marked) -> list[Span]:
    """Rule 6."""
    counted = intersection(presence, [window]) + [span for _, span in marked.paid]
    return subtraction(counted, marked.unpaid)


def _layers(
    connections: Sequence[Connection], presence: Sequence[Span], window: Span, marked: _Marked, *, held: bool
) -> Iterable[Layer]:
    """What covers what, from the top: a meal wins, then a hold or rest, then presence, gaps, absence."""
    yield Layer(marked.unpaid, Code.MEAL, False, Grade.B)
    for kind in ON_TOP:
        for mark, span in marked.paid:
            if mark is kind:
                yield Layer([span], Code(kind.value), held, _grade_at(connections, span.start))
    code = None if held else Code.WAITED
    yield from connection_layers(connections, presence, within=[window], code=code, paid=held)
    for away in subtraction([window], presence):
        before = last_before(connections, away.start)
        yield Layer([away], Code.ABSENT, False, Grade.B, before.reason if before else "")
    if presence:
        early = [Span(min(presence[0].start, window.start), window.start)]
        late = [Span(window.end, max(presence[-1].end, window.end))]
        yield from connection_layers(connections, presence, within=early, code=Code.BEFORE_CALL, paid=False)
        yield from connection_layers(connections, presence, within=late, code=Code.AFTER_WINDOW, paid=False)


def _grade_at(connections: Sequence[Connection], start: int) -> Grade:
    """A mark is paid on the strength of the connection open when it began, or ended last before."""
    begun = [c for c in connections if c.span.length_s and c.span.start <= start]
    open_then = [c.grade for c in begun if c.span.end > start]
    last = max(begun, key=lambda c: (c.span.end, c.sid), default=None)
    return min(open_then) if open_then else last.grade if last else Grade.C
