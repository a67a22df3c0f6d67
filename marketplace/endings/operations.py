"""An end that takes its children along: everything under a gig or an engagement is answered for in the same transaction.

What becomes of each child, and who is told, stands in `table`.
"""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.identity.models import User
from accounts.performers.models import Performer
from kit.text import required_text
from marketplace.casting import answering
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.casting.states import OPEN, ApplicationState
from marketplace.craft import receiving as craft
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import ENGAGEMENT, EngagementState
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from marketplace.rights import operations as rights
from marketplace.sessions import calling_off
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Cancelled, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.slots import operations as slots
from marketplace.works import commissioning as pieces
from marketplace.works import keeping as kept_pieces
from marketplace.works.models import Commission
from marketplace.works.states import OPEN as OPEN_PIECES

GIG_COMPLETED = "The gig is completed."


@transaction.atomic
def cancel_gig(*, gig: Gig, reason: str, by: Actor, at: datetime) -> Gig:
    """Call a gig off with all that hangs on it: sessions, paid by the notice; engagements; applications and offers, answered.

    Raises Forbidden (403), Invalid (422), IllegalMove, WorkBooked (409) while a session runs.
    """
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    reason = required_text(reason)
    gig = gigs.locked(gig)
    _refuse_running(gig, at=at)
    for session in _ahead(gig, at=at):
        said = reason[:LONGEST_CANCEL_REASON]
        calling_off.call_off(sessions.locked(session.pk), Cancelled.COMPANY, said, by=by, at=at)
    return _end_work(gigs.cancel(gig=gig, reason=reason, by=by, at=at), reason, by=by, at=at)


@transaction.atomic
def complete_gig(*, gig: Gig, by: Actor, at: datetime) -> Gig:
    """All work is done: engagements end, and offers that stand with them.

    Raises Forbidden (403), IllegalMove, WorkBooked (409) while a session is to come or runs, or a piece is open,
    ApplicationsUnanswered (409) while somebody waits for the company's answer.
    """
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    gig = gigs.locked(gig)
    if gig.sessions.filter(state__in=(*BEFORE, *UNDER_WAY)).exists():
        raise gigs.WorkBooked("Sessions of this gig are booked or run; play them, or call them off.")
    if Commission.objects.filter(engagement__gig=gig, state__in=OPEN_PIECES).exists():
        raise gigs.WorkBooked(
            "Pieces of this gig are asked for or in review; answer them, or take them back."
        )
    answering.refuse_unanswered(gig)
    return _end_work(gigs.complete(gig=gig, by=by, at=at), GIG_COMPLETED, by=by, at=at)


def _end_work(gig: Gig, reason: str, *, by: Actor, at: datetime) -> Gig:
    casting.answer_all(gig=gig, by=by, at=at)
    slots.withdraw_all(gig=gig, by=by, at=at)
    for engagement in Engagement.objects.filter(gig=gig).order_by("pk"):
        if ENGAGEMENT.allows(engagement.state, EngagementState.TERMINATED):
            ended = engagements.terminate(engagement=engagement, reason=reason, by=by, at=at)
            pieces.end_all(ended, reason, by=by, at=at)
    return gig


@transaction.atomic
def end_engagement(*, engagement: Engagement, reason: str, by: Actor, at: datetime) -> Engagement:
    """End an engagement with its bookings: each seat is called off by whoever ends it, and paid by the notice; the others
    of a session still play. What runs is played to its end.

    Raises Forbidden (403), IllegalMove (409), Invalid (422) without a reason.
    """
    ended = engagements.terminate(engagement=engagement, reason=reason, by=by, at=at)
    slots.end_holds_of(ended, at=at)
    pieces.end_all(ended, ended.end_reason, by=by, at=at)
    who = Cancelled.PERFORMER if by.performer_id == ended.performer_id else Cancelled.COMPANY
    said = ended.end_reason[:LONGEST_CANCEL_REASON]
    seats = Seat.objects.filter(engagement=ended, released_at=None, session__state__in=BEFORE)
    for seat in seats.filter(session__call_at__gt=at).order_by("session_id"):
        calling_off.release(sessions.locked(seat.session_id), seat, who, said, by=by, at=at)
    return ended


def part_with(user: User, *, by: Actor, at: datetime) -> None:
    """Somebody leaves the house: applications are taken back, offers declined, tapes deleted, uses of recordings withdrawn,
    engagements ended with what is booked."""
    applications = Application.objects.filter(performer__user=user)
    for application in applications.filter(state__in=OPEN):
        casting.withdraw(application=application, by=by, at=at)
    for application in applications.filter(state=ApplicationState.OFFERED):
        casting.decline_offer(application=application, by=by, at=at)
    for performer in Performer.objects.filter(user=user):
        craft.let_go_of_all(performer=performer, by=by, at=at)
        pieces.leave(performer=performer, by=by, at=at)
        kept_pieces.let_go_of_all(performer=performer, by=by, at=at)
        rights.withdraw_all(performer=performer, by=by, at=at)
        for engagement in performer.engagements.all():
            if ENGAGEMENT.allows(engagement.state, EngagementState.TERMINATED):
                end_engagement(
                    engagement=engagement, reason="The performer has left the house.", by=by, at=at
                )


def _ahead(gig: Gig, *, at: datetime) -> list[Session]:
    return list(gig.sessions.filter(state__in=BEFORE, call_at__gt=at).order_by("pk"))


def _refuse_running(gig: Gig, *, at: datetime) -> None:
    runs = gig.sessions.filter(state__in=UNDER_WAY) | gig.sessions.filter(state__in=BEFORE, call_at__lte=at)
    if runs.exists():
        raise gigs.WorkBooked("A session of this gig runs; end it first.")
