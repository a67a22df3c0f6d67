"""Performers who came to a door that did not open: closed, full, broken, not yet open, or stopped before they were there."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.access.actors import Actor
from kit.errors import DomainError
from kit.ranges import epoch_s
from marketplace.sessions import deliveries
from marketplace.sessions.models import Cancelled, Mark, Seat, Session
from marketplace.sessions.operations import shows_until
from marketplace.sessions.states import BEFORE, UNDER_WAY


class NothingToCome(DomainError):
    """Nothing to do: this session was called off, or your seat in it was."""

    code = "session_called_off"
    title = "This session does not take place"


def arrive(*, session: Session, seat: Seat, by: Actor, at: datetime) -> Mark:
    """A performer says that they are here, though the room is shut: as after a stop that came before them.

    Raises NothingToCome (409) for a session that was called off, NotFound (404) for another's seat.
    """
    by.require_performer(seat.performer_id)
    mark = knock(seat=seat, by=by, at=at)
    if mark is None:
        raise NothingToCome(f"{session.gig.title} was called off, or your seat in it.")
    return mark


def is_expected(seat: Seat, *, at: datetime) -> bool:
    """Whether coming now would count, though the session cannot be entered any more: as after a stop before they came."""
    session = seat.session
    open_to_them = session.state in (*BEFORE, *UNDER_WAY) and not _is_replaced(seat)
    if open_to_them or session.cancelled_at or (seat.released_at and not _is_replaced(seat)):
        return False
    return epoch_s(session.call_at) <= epoch_s(at) <= epoch_s(shows_until(session))


def _is_replaced(seat: Seat) -> bool:
    """Somebody stands in for them; whoever still comes in time has come all the same (presence rule 5)."""
    return seat.released_by == Cancelled.ABSENT


@transaction.atomic
def knock(*, seat: Seat, by: Actor, at: datetime) -> Mark | None:
    """Keep that they came: the first time before the call, and the first time from the call on. None where nobody is
    expected any more.
    """
    session = Session.objects.select_for_update(of=("self",)).get(pk=seat.session_id)
    if session.cancelled_at or (seat.released_at and not _is_replaced(seat)):
        return None
    early = Q(started_at__lt=session.call_at)
    knocks = Mark.objects.filter(early if at < session.call_at else ~early, seat=seat, kind=Mark.Kind.ARRIVED)
    found = knocks.first()
    if found is None:
        found = Mark.objects.create(
            session=session, seat=seat, kind=Mark.Kind.ARRIVED, started_at=at, ended_at=at, by=by.label
        )
        deliveries.ring([session.room], at=at)
    return found
