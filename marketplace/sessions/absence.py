"""Who has not come to a session whose call has passed: by what was heard of the room, and by who knocked."""

from datetime import datetime, timedelta

from marketplace.presence.connections import read_room
from marketplace.presence.fold import fold_seat
from marketplace.sessions import room
from marketplace.sessions.deliveries import evidence_of
from marketplace.sessions.folding import marks_of, terms_of, terms_of_seat
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY

# Who says yes to a session that runs has to find a headset first.
ON_THE_WAY = timedelta(minutes=5)


def missing_seats(session: Session, *, at: datetime) -> list[Seat]:
    """The seats of whom nothing was heard from their call on, in the order of the seats, a stand-in's from
    ON_THE_WAY after it; none before the call, nor of a
    session that is over."""
    if at < session.call_at or session.state not in (*BEFORE, *UNDER_WAY):
        return []
    held = session.seats.filter(released_at=None).select_related("performer", "session").order_by("id")
    seats = [seat for seat in held if at >= seat.call_at + (ON_THE_WAY if seat.called_at else timedelta(0))]
    there = room.who_is_in(session)
    terms, marks = terms_of(session, seats), marks_of(session, at=at)
    heard = read_room(evidence_of(session))
    folded = (
        fold_seat(terms=terms_of_seat(seat, terms), seat=agreed, room=heard, marks=marks)
        for seat, agreed in zip(seats, terms.seats, strict=True)
    )
    return [
        seat
        for seat, time in zip(seats, folded, strict=True)
        if not (time.showed or time.worked_s or seat.performer.public_id in there)
    ]
