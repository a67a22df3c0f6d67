"""What annotators label: pieces of a recording, the same for each of them, so that they can agree. Pure; whole milliseconds on the
clock of the recording, half-open."""

from collections.abc import Iterable, Iterator

Range = tuple[int, int]
# What a cut leaves over is a piece of its own from half a second on, and else part of the one before.
SHORTEST_MS = 500


def pieces(whole: Range, takes: Iterable[Range], *, length_ms: int) -> list[Range]:
    """The takes that lie in `whole`, or all of it where none does, each in pieces of `length_ms`; in order, none over another.

    A take that was over before the recording began, or was never in it, gives none.
    """
    within = [cut for take in sorted(takes) if (cut := _common(whole, take)) is not None]
    return [piece for part in within or [whole] for piece in _cut(part, length_ms)]


def _common(one: Range, other: Range) -> Range | None:
    starts, ends = max(one[0], other[0]), min(one[1], other[1])
    return (starts, ends) if ends - starts >= SHORTEST_MS else None


def _cut(part: Range, length_ms: int) -> Iterator[Range]:
    starts, last = part
    while starts < last:
        ends = starts + length_ms
        if last - ends < SHORTEST_MS:
            ends = last
        yield starts, ends
        starts = ends
