"""The time line of a seat: stretches that never overlap, each with a code that a page can put in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from kit.ranges import Span, intersection, subtraction, union
from marketplace.presence.connections import Connection, Grade


class Code(StrEnum):
    """What a stretch of a seat's time is; the last two lie outside the session's window."""

    PRESENT = "present"
    GAP_FILLED = "gap_filled"
    REST = "rest"
    HOLD_COMPANY = "hold_company"
    HOLD_PLATFORM = "hold_platform"
    MEAL = "meal"
    ABSENT = "absent"
    WAITED = "waited"
    BEFORE_CALL = "before_call"
    AFTER_WINDOW = "after_window"


@dataclass(frozen=True, slots=True)
class Stretch:
    """`[span.start, span.end)` in epoch seconds, never empty.

    `because` is what was inferred (a value of `Inference`) where something was; in a gap or an absence, the
    provider's reason for the end of the connection before it; else empty.
    """

    span: Span
    code: Code
    paid: bool
    grade: Grade
    because: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "start": self.span.start,
            "end": self.span.end,
            "code": self.code.value,
            "paid": self.paid,
            "grade": self.grade.value,
            "because": self.because,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Stretch":
        """A line as `to_json` wrote it."""
        span = Span(data["start"], data["end"])
        return cls(span, Code(data["code"]), data["paid"], Grade(data["grade"]), data["because"])


@dataclass(frozen=True, slots=True)
class Layer:
    """Spans that all mean the same. What a layer painted earlier covers stays as it is."""

    spans: Sequence[Span]
    code: Code
    paid: bool
    grade: Grade
    because: str = ""


def paint(layers: Iterable[Layer]) -> list[Stretch]:
    """The layers as one line in order of time, the first layer on top, like stretches that touch joined."""
    painted: list[Span] = []
    lines: list[Stretch] = []
    for layer in layers:
        fresh = subtraction(layer.spans, painted)
        if fresh:
            lines += [Stretch(span, layer.code, layer.paid, layer.grade, layer.because) for span in fresh]
            painted = union([*painted, *fresh])
    return _joined(sorted(lines, key=lambda line: line.span))


def connection_layers(
    connections: Sequence[Connection],
    presence: Sequence[Span],
    *,
    within: Sequence[Span],
    code: Code | None,
    paid: bool,
) -> Iterable[Layer]:
    """Presence as it is proved: the best grade on top, then the gaps that the grace filled.

    `code` None tells connection and gap apart; else all of it gets that one code.
    """
    for connection in sorted(connections, key=lambda c: (c.grade, c.span, c.sid)):
        because = connection.inference.value if connection.inference else ""
        spans = intersection([connection.span], within)
        yield Layer(spans, code or Code.PRESENT, paid, connection.grade, because)
    for gap in subtraction(presence, [connection.span for connection in connections]):
        before = last_before(connections, gap.start)
        grade = max(c.grade for c in connections if gap.start == c.span.end or gap.end == c.span.start)
        spans = intersection([gap], within)
        yield Layer(spans, code or Code.GAP_FILLED, paid, grade, before.reason if before else "")


def last_before(connections: Sequence[Connection], second: int) -> Connection | None:
    """The connection that ended last by then."""
    ended = [c for c in connections if c.span.start < c.span.end <= second]
    return max(ended, key=lambda c: (c.span.end, c.span.start, c.sid), default=None)


def _joined(lines: Sequence[Stretch]) -> list[Stretch]:
    out: list[Stretch] = []
    for line in lines:
        last = out[-1] if out else None
        if last and last.span.end == line.span.start and _alike(last, line):
            out[-1] = replace(line, span=Span(last.span.start, line.span.end))
        else:
            out.append(line)
    return out


def _alike(a: Stretch, b: Stretch) -> bool:
    return (a.code, a.paid, a.grade, a.because) == (b.code, b.paid, b.grade, b.because)
