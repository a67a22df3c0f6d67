"""Rule 1: from what arrived about a room to its connections, one per participant sid, each with its grade."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kit.ranges import Span
from marketplace.presence.evidence import Evidence, Joined, Left, Poll, RoomFinished


class Grade(StrEnum):
    """How well a stretch of time is proved: A two sources agree (webhooks and polls), B one, C inferred."""

    A = "A"
    B = "B"
    C = "C"


class Inference(StrEnum):
    """What was lost, and what stood in for it."""

    JOIN_LOST = "join_lost"
    LEFT_LOST_LAST_POLL = "left_lost_last_poll"
    LEFT_LOST_ROOM_FINISHED = "left_lost_room_finished"
    LEFT_LOST_NO_TRACE = "left_lost_no_trace"


@dataclass(frozen=True, slots=True)
class Connection:
    """One sid's time in the room. `reason` is the provider's for its end, as in CONNECTION_TIMEOUT."""

    sid: str
    identity: str
    span: Span
    grade: Grade
    reason: str = ""
    inference: Inference | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What a room's evidence comes to, whatever the order in which it arrived and however often."""

    connections: dict[str, list[Connection]]
    finished_at: int | None
    # Sids that only polls ever listed, by identity: no rule makes presence of them, but a person should look.
    only_polled: dict[str, list[str]]


@dataclass(slots=True)
class _Log:
    joined: dict[str, Joined] = field(default_factory=dict)
    left: dict[str, Left] = field(default_factory=dict)
    finished_at: int | None = None
    polled_at: list[int] = field(default_factory=list)
    listed_at: dict[str, list[int]] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)


def read_room(evidence: Iterable[Evidence]) -> Room:
    """The connections of one room, per identity. A pure function of the set of `evidence`."""
    log = _gather(evidence)
    connections: dict[str, list[Connection]] = defaultdict(list)
    for sid in sorted(log.joined.keys() | log.left.keys()):
        connection = _connect(sid, log)
        connections[connection.identity].append(connection)
    only_polled: dict[str, list[str]] = defaultdict(list)
    for sid in sorted(log.listed_at.keys() - log.joined.keys() - log.left.keys()):
        only_polled[log.identities[sid]].append(sid)
    return Room(dict(connections), log.finished_at, dict(only_polled))


def _gather(evidence: Iterable[Evidence]) -> _Log:
    """One join and one left per sid: the first and the last, should several ever come under new ids."""
    log = _Log()
    seen: set[str] = set()
    polled: set[int] = set()
    listed: dict[str, set[int]] = defaultdict(set)
    for item in evidence:
        if isinstance(item, Poll):
            polled.add(item.at)
            for sid, identity in item.participants:
                listed[sid].add(item.at)
                log.identities[sid] = identity
            continue
        if item.id and item.id in seen:
            continue
        seen.add(item.id)
        if isinstance(item, Joined):
            log.joined[item.sid] = min(item, log.joined.get(item.sid, item), key=_when)
        elif isinstance(item, Left):
            log.left[item.sid] = max(item, log.left.get(item.sid, item), key=_when)
        else:
            log.finished_at = _later(item, log.finished_at)
    log.polled_at = sorted(polled)
    log.listed_at = {sid: sorted(times) for sid, times in listed.items()}
    return log


def _when(item: Joined | Left) -> tuple[int, str, str]:
    return item.at, item.id, item.identity


def _later(finished: RoomFinished, before: int | None) -> int:
    # A room that emptied and was opened again finishes more than once; only the last one ended the session.
    return finished.at if before is None else max(before, finished.at)


def _connect(sid: str, log: _Log) -> Connection:
    joined, left, listed = log.joined.get(sid), log.left.get(sid), log.listed_at.get(sid, [])
    if joined is None:
        return _without_join(log.left[sid], listed)
    if left is None:
        end, inference = _lost_end(joined.at, listed, log)
        return Connection(sid, joined.identity, Span(joined.at, end), Grade.C, "", inference)
    span = Span(joined.at, left.at)
    return Connection(sid, joined.identity, span, _grade(span, listed, log.polled_at), left.reason)


def _without_join(left: Left, listed: Sequence[int]) -> Connection:
    # A left that does not say since when is all but nothing; then the first poll that saw it may.
    start = left.joined_at if left.joined_at is not None else min([*listed[:1], left.at])
    return Connection(
        left.sid, left.identity, Span(start, left.at), Grade.C, left.reason, Inference.JOIN_LOST
    )


def _lost_end(start: int, listed: Sequence[int], log: _Log) -> tuple[int, Inference]:
    if listed:
        return max(start, listed[-1]), Inference.LEFT_LOST_LAST_POLL
    if not log.polled_at and log.finished_at is not None:
        return max(start, log.finished_at), Inference.LEFT_LOST_ROOM_FINISHED
    return start, Inference.LEFT_LOST_NO_TRACE


def _grade(span: Span, listed: Sequence[int], polled: Sequence[int]) -> Grade:
    """A where polls saw it and none in the middle of it missed it. At its very ends a poll may do either."""
    if not _count(listed, span.start, span.end):
        return Grade.B
    missed = _count(polled, span.start + 1, span.end) - _count(listed, span.start + 1, span.end)
    return Grade.B if missed else Grade.A


def _count(times: Sequence[int], start: int, end: int) -> int:
    return max(0, bisect_left(times, end) - bisect_left(times, start))
