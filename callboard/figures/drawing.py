"""Figures drawn as SVG: where each piece stands. Pure; the components put it on the page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callboard.figures.times import words
from kit.instants import time_of_day, zone, zone_label

WIDTH = 1_000
NARROWEST = 3  # a stretch of a few seconds must still be seen
# So far apart that on a phone no label reaches into the next.
TICKS_AT_MOST = 6
STEPS_S = (60, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)

CODES = {
    "present": "in the room",
    "gap_filled": "dropped, filled by the grace",
    "rest": "paid rest",
    "hold_company": "held by the company, paid",
    "hold_platform": "held by a fault of ours, paid",
    "meal": "meal, unpaid",
    "absent": "not in the room",
    "waited": "waited for the company",
    "before_call": "before the call",
    "after_window": "after the session",
}


@dataclass(frozen=True)
class Piece:
    """A rectangle of the drawing, and the row of the table beside it."""

    x: float
    width: float
    kind: str
    label: str
    since: str
    until: str
    length: str
    paid: bool
    inferred: bool


@dataclass(frozen=True)
class Tick:
    x: float
    label: str
    anchor: str


@dataclass(frozen=True)
class Timeline:
    pieces: Sequence[Piece]
    ticks: Sequence[Tick]
    window_x: float
    window_width: float
    kinds: Sequence[tuple[str, str]]
    said: str
    zone: str


def timeline(stretches: Iterable[Any], *, start: int, end: int, where: str | None) -> Timeline:
    """The stretches (`start`, `end` in epoch seconds, `code`, `paid`, `grade`) around the booked window."""
    rows = [_row(stretch) for stretch in stretches]
    first = min([start, *(row["start"] for row in rows)])
    last = max([end, *(row["end"] for row in rows), first + 1])
    scale = WIDTH / (last - first)
    pieces = [_piece(row, first, scale, where) for row in rows]
    paid_s = sum(row["end"] - row["start"] for row in rows if row["paid"])
    kinds = {piece.kind: piece.label for piece in pieces}
    return Timeline(
        pieces=pieces,
        ticks=_ticks(first, last, scale, where),
        window_x=round((start - first) * scale, 2),
        window_width=round((end - start) * scale, 2),
        kinds=list(kinds.items()),
        said=f"{_at(first, where)} to {_at(last, where)} {_zone(first, last, where)}, {words(paid_s)} counted",
        zone=_zone(first, last, where),
    )


def shares(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each part with `x` and `width` on a line of 1,000; a part that is not zero can be seen."""
    whole = sum(max(0, int(part["minor"])) for part in parts)
    placed, x = [], 0.0
    for part in parts:
        minor = max(0, int(part["minor"]))
        width = minor * WIDTH / whole if whole else 0.0
        shown = max(width - 2, NARROWEST) if minor else 0
        placed.append({**part, "x": round(x, 2), "width": round(shown, 2)})
        x += width
    return placed


def _row(stretch: Any) -> dict[str, Any]:
    row = stretch if isinstance(stretch, Mapping) else stretch.to_json()
    return {"grade": "", "paid": False, **row}


def _piece(row: Mapping[str, Any], first: int, scale: float, where: str | None) -> Piece:
    code = str(row["code"])
    return Piece(
        x=round((row["start"] - first) * scale, 2),
        width=round(max((row["end"] - row["start"]) * scale, NARROWEST), 2),
        kind=code.replace("_", "-"),
        label=CODES.get(code, code.replace("_", " ")),
        since=_at(row["start"], where, seconds=True),
        until=_at(row["end"], where, seconds=True),
        length=words(row["end"] - row["start"]),
        paid=bool(row["paid"]),
        inferred=str(row["grade"]) == "C",
    )


def _ticks(first: int, last: int, scale: float, where: str | None) -> list[Tick]:
    step = next((step for step in STEPS_S if (last - first) / step <= TICKS_AT_MOST), STEPS_S[-1])
    # Counted from local midnight, so that a zone of a half hour has its ticks on whole hours too.
    offset = int((_local(first, where).utcoffset() or timedelta()).total_seconds())
    at = -(-(first + offset) // step) * step - offset
    found: list[Tick] = []
    while at <= last and len(found) <= TICKS_AT_MOST:
        x = (at - first) * scale
        anchor = "start" if x < WIDTH * 0.04 else "end" if x > WIDTH * 0.96 else "middle"
        found.append(Tick(x=round(x, 2), label=_at(at, where), anchor=anchor))
        at += step
    return found


def _at(epoch_s: int, where: str | None, *, seconds: bool = False) -> str:
    return time_of_day(_local(epoch_s, where), where, seconds=seconds)


def _zone(first: int, last: int, where: str | None) -> str:
    """`EST`; `EDT, then EST` in the night in which the clock changes."""
    labels = dict.fromkeys(zone_label(_local(epoch_s, where), where) for epoch_s in (first, last))
    return ", then ".join(labels)


def _local(epoch_s: int, where: str | None) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC).astimezone(zone(where))
