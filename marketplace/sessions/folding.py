"""A session as the fold reads it: what was agreed, and its marks. The room's clock and the record are folded from the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Min

from kit.money import Rate
from kit.ranges import epoch_s
from marketplace.presence import agreed
from marketplace.presence.policy import TimePolicy
from marketplace.sessions.models import Cancelled, Mark, Seat, Session
from marketplace.sessions.states import SessionState

OUTCOMES = {
    SessionState.CANCELLED: agreed.Outcome.CANCELLED,
    SessionState.LATE_CANCELLED: agreed.Outcome.CANCELLED,
    SessionState.COMPANY_NO_SHOW: agreed.Outcome.COMPANY_NO_SHOW,
}


def terms_of(session: Session, seats: Sequence[Seat]) -> agreed.SessionTerms:
    """What was agreed, as the fold reads it. A no-show of a performer's is a session held that they did not attend."""
    calls = _next_calls(session, seats)
    outcome = OUTCOMES.get(SessionState(session.outcome or session.state), agreed.Outcome.HELD)
    return agreed.SessionTerms(
        session=session.public_id,
        room=session.room,
        call_at=epoch_s(session.call_at),
        scheduled_end_at=epoch_s(session.scheduled_end_at),
        outcome=outcome,
        policy=TimePolicy.from_json(session.policy),
        seats=tuple(
            agreed.Seat(
                seat.performer.public_id,
                Rate(seat.rate_minor, seat.currency),
                next_call_at=calls.get(seat.performer_id),
            )
            for seat in seats
        ),
        cancelled_at=epoch_s(session.cancelled_at) if session.cancelled_at else None,
        cancelled_by=_cancelled_by(session),
        wrapped_at=epoch_s(session.wrapped_at) if session.wrapped_at else None,
    )


def _next_calls(session: Session, seats: Sequence[Seat]) -> dict[int, int]:
    """By performer: their next call that was not called off, from this session's scheduled end on (presence rule 4)."""
    later = Seat.objects.filter(
        performer__in=[seat.performer_id for seat in seats],
        released_at=None,
        session__call_at__gte=session.scheduled_end_at,
    ).exclude(session=session)
    firsts = later.values("performer_id").annotate(first=Min("session__call_at"))
    return {row["performer_id"]: epoch_s(row["first"]) for row in firsts}


def terms_of_seat(seat: Seat, terms: agreed.SessionTerms) -> agreed.SessionTerms:
    """The same for one seat: one that was called off by itself is paid by the notice, whatever becomes of the others. A
    stand-in's call is their own; and whoever has a stand-in is paid by what they were there, as if nobody had come for them."""
    if seat.called_at is not None:
        terms = replace(terms, call_at=min(epoch_s(seat.called_at), terms.scheduled_end_at))
    if seat.released_by in ("", Cancelled.ABSENT) or seat.released_at is None:
        return terms
    by_performer = seat.released_by == Cancelled.PERFORMER
    return replace(
        terms,
        outcome=agreed.Outcome.CANCELLED,
        cancelled_at=epoch_s(seat.released_at),
        cancelled_by=agreed.CancelledBy.PERFORMER if by_performer else agreed.CancelledBy.COMPANY,
    )


def _cancelled_by(session: Session) -> agreed.CancelledBy | None:
    """Whoever is called off by the house is paid by the notice, as when the company calls off."""
    if not session.cancelled_by:
        return None
    by_performer = session.cancelled_by == Cancelled.PERFORMER
    return agreed.CancelledBy.PERFORMER if by_performer else agreed.CancelledBy.COMPANY


def marks_of(session: Session, *, at: datetime) -> list[agreed.Mark]:
    """The session's marks that began by then; one that nobody ended lasts as long as its seat's window."""
    rows = Mark.objects.filter(session=session, started_at__lte=at).select_related("seat__performer")
    return [
        agreed.Mark(
            kind=agreed.MarkKind(mark.kind),
            start=epoch_s(mark.started_at),
            end=epoch_s(mark.ended_at) if mark.ended_at and not mark.is_cut else None,
            performer=mark.seat.performer.public_id if mark.seat else None,
        )
        for mark in rows.order_by("id")
    ]
