"""Breaks and holds: stretches of a session with a meaning for its time."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from kit.errors import DomainError, Invalid, NotFound
from kit.ranges import Span
from marketplace.sessions.directing import PerformerDirects
from marketplace.sessions.models import Mark, Seat, Session
from marketplace.sessions.operations import SHORTEST_MARK, TooLate, locked
from marketplace.sessions.states import UNDER_WAY, SessionState

HOLDS = (Mark.Kind.HOLD_COMPANY, Mark.Kind.HOLD_PLATFORM)
S = SessionState


class AlreadyOnBreak(DomainError):
    """End the break that runs before another begins."""

    code = "already_on_break"
    title = "A break is running"


class NoBreak(DomainError):
    """Nothing to do: no break runs."""

    code = "no_break"
    title = "No break is running"


@transaction.atomic
def start_mark(
    *, session: Session, kind: Mark.Kind, seat: Seat | None = None, by: Actor, at: datetime
) -> Mark:
    """A break or a hold begins, for all seats or for one. Performers start their own breaks, the company any of its marks.

    Who directs alone takes breaks alone. A hold of everyone puts the session on hold.

    Raises Forbidden, PerformerDirects (403), AlreadyOnBreak, TooLate (409), Invalid (422), NotFound (404).
    """
    session = locked(session.pk)
    if seat is not None and seat.session_id != session.pk:
        raise NotFound
    if kind == Mark.Kind.ARRIVED:
        raise Invalid.field("kind", "A performer says so by coming in.", code="not_a_choice")
    if _is_own(seat, by):
        if kind not in (Mark.Kind.REST, Mark.Kind.MEAL):
            raise Invalid.field("kind", "You can start a rest or a meal.", code="not_a_choice")
    elif kind == Mark.Kind.HOLD_PLATFORM and not (by.is_talent or by.is_system):
        raise Invalid.field("kind", "Only the platform says that a fault is its own.", code="not_a_choice")
    elif not by.is_talent:
        by.require(Act.ATTEND, company_id=session.company_id)
        if session.gig.self_directed and kind not in HOLDS:
            raise PerformerDirects("They take their breaks by themselves; yours is a hold.")
    if session.state not in UNDER_WAY:
        raise TooLate("Breaks and holds belong to a session that is live.")
    if Mark.objects.filter(session=session, seat=seat, ended_at=None).exists():
        raise AlreadyOnBreak("End the break that is running first.")
    if seat is None and kind in HOLDS and session.state == S.LIVE:
        audit.move(session, S.ON_HOLD, by=by, at=at)
    return Mark.objects.create(session=session, seat=seat, kind=kind, started_at=at, by=by.label)


@transaction.atomic
def end_mark(*, session: Session, seat: Seat | None = None, by: Actor, at: datetime) -> Mark:
    """The break or hold that runs, of one seat or of all, ends. Raises Forbidden (403), NoBreak (409), NotFound (404)."""
    session = locked(session.pk)
    if not _is_own(seat, by) and not by.is_talent:
        by.require(Act.ATTEND, company_id=session.company_id)
    mark = Mark.objects.filter(session=session, seat=seat, ended_at=None).first()
    if mark is None:
        raise NoBreak("No break is running.")
    mark.ended_at = max(at, mark.started_at + SHORTEST_MARK)
    mark.save(update_fields=["ended_at"])
    if session.state == S.ON_HOLD and mark.kind in HOLDS:
        audit.move(session, S.LIVE, by=by, at=at)
    return mark


@transaction.atomic
def add_hold(*, session: Session, seat: Seat, span: Span, by: Actor) -> Mark:
    """A fault of the platform's that one seat met, said afterwards by whoever reviews the session's time."""
    return Mark.objects.create(
        session=session,
        seat=seat,
        kind=Mark.Kind.HOLD_PLATFORM,
        started_at=span.started_at,
        ended_at=span.ended_at,
        by=by.label,
    )


def _is_own(seat: Seat | None, actor: Actor) -> bool:
    return seat is not None and actor.is_performer and seat.performer_id == actor.performer_id
