"""One person's calls as their own calendar reads them: where they play, and where their companies do."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.access.actors import Actor
from accounts.identity.models import User
from accounts.keys.acting import of_user
from marketplace.sessions import entries
from marketplace.sessions.models import Seat, Session

BACK, AHEAD = timedelta(days=90), timedelta(days=400)
AT_MOST = 2_000


def calls_of(actor: Actor, *, since: datetime, until: datetime) -> list[Session]:
    """The sessions in which the actor has, or had, a seat, and those of their companies; nobody else's, whatever else they
    may look at as staff. AT_MOST of them, the first first."""
    seated = Seat.objects.filter(performer_id=actor.performer_id).values("session_id")
    own = Session.objects.filter(Q(pk__in=seated) | Q(company_id__in=actor.company_ids))
    rows = own.filter(call_at__gte=since, call_at__lt=until).select_related("gig", "company")
    return list(rows.prefetch_related("seats").order_by("call_at", "pk")[:AT_MOST])


def is_off_for(session: Session, actor: Actor) -> bool:
    """Whether it is off, or off for the actor, who gave their seat up or lost it."""
    if session.cancelled_at is not None:
        return True
    seat = next((seat for seat in session.seats.all() if seat.performer_id == actor.performer_id), None)
    return seat is not None and seat.released_at is not None and session.company_id not in actor.company_ids


def feed_of(user: User, *, at: datetime) -> str:
    """The same bytes until something changes: an event is stamped with its last change, never with now."""
    actor = of_user(user)
    events = [
        entries.entry(
            session,
            zone=actor.zone,
            is_off=is_off_for(session, actor),
            stamped_at=session.revised_at or session.created_at,
        )
        for session in calls_of(actor, since=at - BACK, until=at + AHEAD)
    ]
    return entries.calendar_of(events, method="PUBLISH", name="Callboard")
