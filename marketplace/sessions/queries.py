"""Reading sessions, by what the reader may see."""

from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet

from accounts.access.actors import Actor
from kit.rows import by_public_id
from marketplace.sessions.models import Mark, Move, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY, MoveState

MAY_STILL_RUN = timedelta(hours=12)


def sessions_for(
    actor: Actor,
    *,
    state: str = "",
    gig: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Session]:
    """The sessions that the actor may see, with gig, company and seats; a fixed number of queries."""
    rows = _whole(Session.objects.visible_to(actor))
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(gig__public_id=gig) if gig else rows
    rows = rows.filter(call_at__gte=since) if since else rows
    return rows.filter(call_at__lt=until) if until else rows


def get_session(actor: Actor, public_id: str) -> Session:
    """Raises NotFound (404), also for another's."""
    return by_public_id(_whole(Session.objects.visible_to(actor)), public_id)


def get_seat(session: Session, public_id: str) -> Seat:
    """A seat of this session. Raises NotFound (404)."""
    return by_public_id(session.seats.select_related("performer"), public_id)


def get_move(actor: Actor, public_id: str) -> Move:
    """A proposal to move a session that one may see. Raises NotFound (404)."""
    seen = Session.objects.visible_to(actor)
    return by_public_id(Move.objects.filter(session__in=seen).select_related("session"), public_id)


def open_move(session: Session) -> Move | None:
    return session.moves.filter(state=MoveState.ASKED).prefetch_related("agreed").first()


def own_seat(session: Session, actor: Actor) -> Seat | None:
    """The actor's own seat in it; None for anyone who does not perform in it."""
    return next((seat for seat in session.seats.all() if seat.performer_id == actor.performer_id), None)


def next_session(actor: Actor, *, at: datetime) -> Session | None:
    """The performer's call that is live or comes next."""
    if not actor.is_performer:
        return None
    seated = Session.objects.filter(
        seats__performer_id=actor.performer_id, seats__released_at=None, scheduled_end_at__gt=at
    )
    return _whole(seated.filter(state__in=(*BEFORE, *UNDER_WAY))).order_by("call_at", "pk").first()


def to_confirm(actor: Actor, *, at: datetime) -> QuerySet[Session]:
    """The calls that the performer has not confirmed yet, the next first."""
    mine = Session.objects.filter(
        seats__performer_id=actor.performer_id, seats__released_at=None, seats__confirmed_at=None
    )
    return _whole(mine.filter(state__in=BEFORE, call_at__gt=at)).order_by("call_at", "pk")


def ahead(rows: QuerySet[Session], *, at: datetime) -> QuerySet[Session]:
    """Of the sessions those that come or run. What began within the last half day may still run; what is over is past."""
    held = rows.filter(cancelled_at__isnull=True, state__in=(*BEFORE, *UNDER_WAY))
    return held.filter(call_at__gte=at - MAY_STILL_RUN)


def open_marks(session: Session) -> list[Mark]:
    return list(session.marks.filter(ended_at=None).select_related("seat").order_by("pk"))


def _whole(rows: QuerySet[Session]) -> QuerySet[Session]:
    seats = Seat.objects.select_related("performer__user").order_by("pk")
    return rows.select_related("gig", "company", "series").prefetch_related(Prefetch("seats", queryset=seats))
