"""What a line of the week rests on, side by side: what the provider said, what polls saw, what was marked and recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from django.db.models import Q

from accounts.access.actors import Actor
from kit.instants import time_of_day, zone
from marketplace.media import playing
from marketplace.media.models import Segment
from marketplace.presence.connections import Connection, Inference, read_room
from marketplace.sessions.deliveries import evidence_of
from marketplace.sessions.models import Mark, Seat
from marketplace.timekeeping.models import TimeLine
from marketplace.video.models import ConnectionMinute

A_MINUTE = timedelta(minutes=1)

INFERRED = {
    Inference.JOIN_LOST: "word of the coming was lost",
    Inference.LEFT_LOST_LAST_POLL: "word of the leaving was lost; the last poll that saw them stands in",
    Inference.LEFT_LOST_ROOM_FINISHED: "word of the leaving was lost; the end of the room stands in",
    Inference.LEFT_LOST_NO_TRACE: "word of the leaving was lost, and nothing stands in for it",
    Inference.CLOCK_AHEAD: "the provider's clock ran ahead, and was set back",
}


@dataclass(frozen=True)
class Reading:
    """One connection as the provider told of it; times to the second by the reader's clock, here and below."""

    came: str
    left: str
    grade: str
    reason: str
    inferred: str


@dataclass(frozen=True)
class Polls:
    """How often polls saw them, when first and last, and the longest time between two that did, in seconds."""

    count: int
    first: str
    last: str
    longest_gap_s: int


@dataclass(frozen=True)
class Marked:
    """A break or a hold; `ends` is empty of an instant."""

    what: str
    starts: str
    ends: str


@dataclass(frozen=True)
class Stretch:
    """Minutes one after the other in which their connection was of one word, with the worst of them; `upto` is the last."""

    word: str
    since: str
    upto: str
    lost_permille: int
    round_trip_ms: int

    @property
    def lost_percent(self) -> str:
        return f"{self.lost_permille / 10:.1f}"


@dataclass(frozen=True)
class Recorded:
    segment: Segment
    address: str


@dataclass(frozen=True)
class Shown:
    zone: str
    readings: Sequence[Reading]
    polls: Polls | None
    marks: Sequence[Marked]
    connection: Sequence[Stretch]
    recorded: Sequence[Recorded]


def of(line: TimeLine, actor: Actor, *, at: datetime) -> Shown | None:
    """None of a line that no seat's time is behind."""
    seat = line.seat
    if seat is None:
        return None
    where = zone(actor.zone)
    marks = seat.session.marks.filter(Q(seat=None) | Q(seat=seat)).order_by("started_at", "id")
    room, identity = read_room(evidence_of(seat.session)), seat.performer.public_id
    own = sorted(room.connections.get(identity, []), key=lambda each: (each.span, each.sid))
    return Shown(
        zone=actor.zone,
        readings=[_reading(each, where) for each in own],
        polls=_polls(sorted(room.seen_at.get(identity, [])), where),
        marks=[_marked(mark, where) for mark in marks],
        connection=_connection(seat, where),
        recorded=_recorded(seat, actor, at=at),
    )


def _reading(each: Connection, where: tzinfo) -> Reading:
    inferred = INFERRED[each.inference] if each.inference else ""
    came, left = (_clock(at, where) for at in (each.span.started_at, each.span.ended_at))
    return Reading(came, left, each.grade.value, each.reason, inferred)


def _polls(seen: Sequence[int], where: tzinfo) -> Polls | None:
    if not seen:
        return None
    gaps = [after - before for before, after in pairwise(seen)]
    first, last = (_clock(datetime.fromtimestamp(at, UTC), where) for at in (seen[0], seen[-1]))
    return Polls(len(seen), first, last, max(gaps, default=0))


def _marked(mark: Mark, where: tzinfo) -> Marked:
    ends = _clock(mark.ended_at, where) if mark.ended_at and mark.ended_at != mark.started_at else ""
    return Marked(mark.get_kind_display(), _clock(mark.started_at, where), ends)


def _connection(seat: Seat, where: tzinfo) -> list[Stretch]:
    """As their own page read it; a minute of which it told nothing ends a stretch."""
    found: list[list[ConnectionMinute]] = []
    for each in ConnectionMinute.objects.filter(seat=seat).order_by("minute"):
        last = found[-1][-1] if found else None
        if last and (each.word, each.minute) == (last.word, last.minute + A_MINUTE):
            found[-1].append(each)
        else:
            found.append([each])
    return [
        Stretch(
            word=minutes[0].get_word_display(),
            since=time_of_day(minutes[0].minute, where),
            upto=time_of_day(minutes[-1].minute, where),
            lost_permille=max(each.lost_permille for each in minutes),
            round_trip_ms=max(each.round_trip_ms for each in minutes),
        )
        for minutes in found
    ]


def _clock(at: datetime, where: tzinfo) -> str:
    return time_of_day(at, where, seconds=True)


def _recorded(seat: Seat, actor: Actor, *, at: datetime) -> list[Recorded]:
    """Of what was recorded by their device, what the reader may play."""
    found = list(
        playing.segments_of(actor, seat.session).filter(seat=seat).order_by("recording_id", "number")
    )
    active = playing.granted(found)
    shown = [Recorded(each, playing.address(each, by=actor, at=at)) for each in found if each.pk in active]
    return [each for each in shown if each.address]
