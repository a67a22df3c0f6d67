"""Rules 1 and 2: from what arrived about a room to its connections, one per participant sid, each with its grade."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kit.ranges import Span
from marketplace.presence.evidence import OWN_ROOM, Evidence, Joined, Left, Poll, RoomFinished, Webhook
from marketplace.presence.reading import LAST_SECOND

# A provider's clock may differ from ours by so much without anything being amiss.
CLOCK_TOLERANCE_S = 30
# The provider's reason for the end of what never was a connection.
NEVER_JOINED = "JOIN_FAILURE"


class Grade(StrEnum):
    """How well a stretch of time is proved: A two sources agree (the provider's webhooks and polls of who is there; a
    performer's own page is no second one), B one, C inferred."""

    A = "A"
    B = "B"
    C = "C"


class Inference(StrEnum):
    """What was lost, and what stood in for it."""

    JOIN_LOST = "join_lost"
    LEFT_LOST_LAST_POLL = "left_lost_last_poll"
    LEFT_LOST_ROOM_FINISHED = "left_lost_room_finished"
    LEFT_LOST_NO_TRACE = "left_lost_no_trace"
    CLOCK_AHEAD = "clock_ahead"


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
class Behind:
    """Two readings of one leaving, in epoch seconds: the provider's, and the last poll of ours that saw them there."""

    said_s: int
    seen_s: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a room's evidence comes to, whatever the order in which it arrived and however often."""

    connections: dict[str, list[Connection]]
    # Sids that only polls ever listed, by identity: no rule makes presence of them, but a person should look.
    only_polled: dict[str, list[str]]
    # By identity, when polls saw it.
    seen_at: dict[str, list[int]]
    # By identity, the farthest that a leaving lies before a poll that still saw them: the provider's clock is behind.
    behind: dict[str, Behind]


@dataclass(slots=True)
class _Log:
    ahead_s: int = 0
    joined: dict[str, Joined] = field(default_factory=dict)
    left: dict[str, Left] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    finished_at: list[int] = field(default_factory=list)
    polled: bool = False
    # The instants at which somebody else than the performer looked.
    looked_at: list[int] = field(default_factory=list)
    listed_at: dict[str, list[int]] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)


def read_room(evidence: Iterable[Evidence]) -> Room:
    """The connections of one room, per identity. A pure function of the set of `evidence`."""
    log = _gather(evidence)
    told = log.joined.keys() | log.left.keys() | log.failed
    connections: dict[str, list[Connection]] = defaultdict(list)
    for sid in sorted(told - log.failed):
        connection = _connect(sid, log)
        connections[connection.identity].append(connection)
    only_polled: dict[str, list[str]] = defaultdict(list)
    for sid in sorted(log.listed_at.keys() - told):
        only_polled[log.identities[sid]].append(sid)
    return Room(dict(connections), dict(only_polled), _seen_at(log), _behind(log))


def _gather(evidence: Iterable[Evidence]) -> _Log:
    log = _Log()
    told: dict[str | int, Webhook] = {}
    looked: set[int] = set()
    listed: dict[str, set[int]] = defaultdict(set)
    for place, item in enumerate(evidence):
        if not isinstance(item, Poll):
            # A webhook's id seen again changes nothing but when it first reached us; without one, each is another.
            key = item.id or place
            told[key] = min(item, told.get(key, item), key=_first_heard)
            continue
        log.polled = True
        if not item.is_own_beat:
            looked.add(item.at)
        for sid, identity in item.participants:
            listed[sid].add(item.at)
            log.identities[sid] = identity
    log.looked_at = sorted(looked)
    log.listed_at = {sid: sorted(times) for sid, times in listed.items()}
    log.ahead_s = clock_ahead_s(told.values())
    for item in told.values():
        _note(_set_back(item, log.ahead_s), log)
    log.finished_at.sort()
    return log


def clock_ahead_s(told: Iterable[Webhook]) -> int:
    """Rule 1: by how much the provider's clock runs ahead of ours; 0 within the tolerance."""
    leads = [item.at - item.received_at for item in told if item.received_at is not None]
    lead = max(leads, default=0)
    return lead if lead > CLOCK_TOLERANCE_S else 0


def _set_back(item: Webhook, by_s: int) -> Webhook:
    if not by_s:
        return item
    if isinstance(item, Left) and item.joined_at is not None:
        item = item._replace(joined_at=item.joined_at - by_s)
    return item._replace(at=item.at - by_s)


def _note(item: Webhook, log: _Log) -> None:
    """One join and one left per sid: the first and the last, should several ever come under new ids."""
    if isinstance(item, Joined):
        log.joined[item.sid] = min(item, log.joined.get(item.sid, item), key=_when)
    elif isinstance(item, Left):
        log.left[item.sid] = max(item, log.left.get(item.sid, item), key=_when)
        if item.reason == NEVER_JOINED:
            log.failed.add(item.sid)
    elif isinstance(item, RoomFinished):
        log.finished_at.append(item.at)


def _first_heard(item: Webhook) -> tuple[int, int]:
    return (LAST_SECOND if item.received_at is None else item.received_at, item.at)


def _when(item: Joined | Left) -> tuple[int, str, str]:
    return item.at, item.id, item.identity


def _connect(sid: str, log: _Log) -> Connection:
    joined, left, listed = log.joined.get(sid), log.left.get(sid), log.listed_at.get(sid, [])
    if joined is None:
        return _without_join(log.left[sid], listed)
    if left is None:
        end, inference = _lost_end(joined.at, listed, log)
        return Connection(sid, joined.identity, Span(joined.at, end), Grade.C, "", inference)
    span = Span(joined.at, left.at)
    if log.ahead_s:
        return Connection(sid, joined.identity, span, Grade.C, left.reason, Inference.CLOCK_AHEAD)
    return Connection(sid, joined.identity, span, _grade(sid, span, log), left.reason)


def _without_join(left: Left, listed: Sequence[int]) -> Connection:
    # A left that does not say since when is all but nothing; then the first poll that saw it may.
    start = left.joined_at if left.joined_at is not None else min([*listed[:1], left.at])
    return Connection(
        left.sid, left.identity, Span(start, left.at), Grade.C, left.reason, Inference.JOIN_LOST
    )


def _lost_end(start: int, listed: Sequence[int], log: _Log) -> tuple[int, Inference]:
    if listed:
        return max(start, listed[-1]), Inference.LEFT_LOST_LAST_POLL
    after = bisect_left(log.finished_at, start)
    if not log.polled and after < len(log.finished_at):
        return log.finished_at[after], Inference.LEFT_LOST_ROOM_FINISHED
    return start, Inference.LEFT_LOST_NO_TRACE


def _grade(sid: str, span: Span, log: _Log) -> Grade:
    """A where others looked and saw it and none in the middle of it missed it. At its very ends a poll may do either."""
    listed, looked = log.listed_at.get(sid, []), log.looked_at
    if sid.startswith(OWN_ROOM) or not _count(listed, span.start, span.end):
        return Grade.B
    missed = _count(looked, span.start + 1, span.end) - _count(listed, span.start + 1, span.end)
    return Grade.B if missed > 0 else Grade.A


def _count(times: Sequence[int], start: int, end: int) -> int:
    return max(0, bisect_left(times, end) - bisect_left(times, start))


def _seen_at(log: _Log) -> dict[str, list[int]]:
    seen: dict[str, list[int]] = defaultdict(list)
    for sid, times in log.listed_at.items():
        seen[log.identities[sid]] += times
    return dict(seen)


def _behind(log: _Log) -> dict[str, Behind]:
    found: dict[str, Behind] = {}
    for sid, left in sorted(log.left.items()):
        seen = log.listed_at.get(sid, [])
        if seen and seen[-1] - left.at > CLOCK_TOLERANCE_S:
            both = Behind(said_s=left.at, seen_s=seen[-1])
            found[left.identity] = max(
                both, found.get(left.identity, both), key=lambda b: b.seen_s - b.said_s
            )
    return found
