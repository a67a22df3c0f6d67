"""A beat of the platform's own room: it reads what changed, so it takes no longer at the end of a session than at its beginning."""

import json
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

from marketplace.sessions import deliveries, room
from marketplace.sessions.models import PresenceDelivery, Session
from tests import stories
from tests.benchmarks.row import Row

ROUNDS, BEATS = 5, 40
# What four hours of four people, a beat each every 15 s, have said.
HEARD = 4 * 4 * 240


def rows() -> Iterator[Row]:
    fresh, long = (_pair() for _ in range(2))
    _has_heard(long[0], HEARD)
    pairs = [(_beats(*long), _beats(*fresh)) for _ in range(ROUNDS)]
    at_the_end, at_first = (statistics.median(column) for column in zip(*pairs, strict=True))
    said = f"after {HEARD:,} beats {at_the_end * 1000:.1f} ms  at first {at_first * 1000:.1f} ms"
    yield Row("a beat after four hours", at_the_end / at_first, 1.3, said, at_most=True)


def _pair() -> tuple[Session, str]:
    session = stories.a_pair_booked()
    seat = session.seats.select_related("performer__user").order_by("id")[0]
    entered = room.enter(session=session, by=stories.acting(seat.performer), at=session.call_at)
    return deliveries.follow(session=session, at=session.call_at), entered.sid


def _has_heard(session: Session, times: int) -> None:
    body = {"room": session.room, "at": f"{session.call_at:%Y-%m-%dT%H:%M:%SZ}", "participants": []}
    rows = [
        PresenceDelivery(
            room=session.room,
            kind=PresenceDelivery.Kind.POLL,
            body=json.dumps(body).encode(),
            received_at=session.call_at,
        )
        for _ in range(times)
    ]
    deliveries.receive_many(rows, at=session.call_at)


def _beats(session: Session, sid: str) -> float:
    """One beat, in seconds."""
    me = stories.acting(session.seats.select_related("performer__user").order_by("id")[0].performer)
    began = time.perf_counter()
    for number in range(BEATS):
        room.beat(session=session, sid=sid, by=me, at=session.call_at + timedelta(milliseconds=number))
    return (time.perf_counter() - began) / BEATS
