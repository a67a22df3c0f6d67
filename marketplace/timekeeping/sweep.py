"""The rooms that have news: follow each, and reckon it once it is over."""

from datetime import datetime

import structlog

from accounts.access.actors import Actor
from kit.ids import MalformedId
from marketplace.sessions import deliveries
from marketplace.sessions import room as own_room
from marketplace.sessions.models import Session
from marketplace.sessions.states import TO_RECKON, SessionState
from marketplace.timekeeping.reckoning import reckon_session

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("presence")


def sweep_rooms(*, at: datetime, at_most: int = 500) -> int:
    """Work off the rooms that are due, one transaction each; returns how many. Several may sweep at once."""
    for done in range(at_most):
        claimed = deliveries.claim_room(at=at)
        if claimed is None:
            return done
        try:
            _look_at(claimed.room, at=at)
        except Exception:
            # One room that cannot be reckoned must not hold up the pay of all others; it is tried again, ever later.
            log.exception("room_not_reckoned", room=claimed.room, tries=claimed.tries)
            continue
        deliveries.done_with(claimed, at=at)
    return at_most


def _look_at(room: str, *, at: datetime) -> None:
    try:
        session = Session.objects.filter(public_id=room).first()
    except MalformedId:
        session = None
    if session is None:
        log.warning("presence_of_unknown_room", room=room)
        return
    own_room.look_through(session=session, at=at)
    session = deliveries.follow(session=session, at=at)
    if session.state in TO_RECKON or session.state == SessionState.TIME_RECORDED:
        reckon_session(session=session, at=at, by=SYSTEM)
