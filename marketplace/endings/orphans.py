"""What stands though its parent has ended: there must be none. One query for each way in which there could be one."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.casting.models import Application
from marketplace.casting.states import OPEN, ApplicationState
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.states import ENDED
from marketplace.sessions.models import Mark, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.timekeeping.models import Dispute, TimeLine
from marketplace.timekeeping.states import LineState
from marketplace.works.models import Commission
from marketplace.works.states import CommissionState

A, E = ApplicationState, EngagementState


def orphans() -> dict[str, list[str]]:
    """By what is amiss, the ids of whatever it is amiss with; empty where all is well."""
    found = {words: [str(row) for row in rows.order_by("pk")[:100]] for words, rows in _ways().items()}
    return {words: rows for words, rows in found.items() if rows}


def _ways() -> dict[str, QuerySet[Any]]:
    ended_gig = Q(gig__state__in=ENDED)
    held = Seat.objects.filter(session=OuterRef("pk"), released_at=None)
    open_dispute = Dispute.objects.filter(line=OuterRef("pk"), resolved_at=None)
    disputed = Q(state=LineState.DISPUTED)
    return {
        "an application waits for an ended gig": Application.objects.filter(
            ended_gig, state__in=[*OPEN, A.OFFERED]
        ),
        "a place is kept for an engagement that ended": Application.objects.filter(
            state=A.ACCEPTED, engagement__state=E.TERMINATED
        ),
        "an engagement lasts under an ended gig": Engagement.objects.filter(ended_gig).exclude(
            state=E.TERMINATED
        ),
        "a session is booked under an ended gig": Session.objects.filter(ended_gig, state__in=BEFORE),
        "a session is booked with nobody in it": Session.objects.filter(~Exists(held), state__in=BEFORE),
        "a seat is booked under an engagement that ended": Seat.objects.filter(
            released_at=None, session__state__in=BEFORE, engagement__state=E.TERMINATED
        ),
        "a piece is waited for under an engagement that ended": Commission.objects.filter(
            state__in=[CommissionState.ASKED, CommissionState.REVISING], engagement__state=E.TERMINATED
        ),
        "a mark runs in a session that is over": Mark.objects.filter(ended_at=None).exclude(
            session__state__in=UNDER_WAY
        ),
        "a line is disputed by nobody": TimeLine.objects.filter(disputed & ~Exists(open_dispute)),
        # Of an approved line it asks for a correction.
        "a dispute is open about a line that nobody disputes": TimeLine.objects.filter(
            Exists(open_dispute), state__in=[LineState.RECORDED, LineState.REJECTED]
        ),
    }
