from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from marketplace.endings import operations
from marketplace.engagements.api import EngagementOut, EngagementReasonIn
from marketplace.engagements.models import Engagement
from marketplace.engagements.queries import get_engagement
from marketplace.gigs.operations import WorkBooked
from marketplace.gigs.queries import get_own_gig
from marketplace.gigs.serializers import GigCancelIn, GigOut


class GigComplete(Endpoint):
    """All work is done: whoever still waits is answered, and the engagements end."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": "gigs:write"}

    @described(
        "gigs_complete",
        "Complete a gig.",
        refuses=(WorkBooked, *MOVE_REFUSALS),
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig = get_own_gig(self.actor, gig_id)
        return self.done(GigOut, lambda: operations.complete_gig(gig=gig, by=self.actor, at=clock.now()))


class GigCancel(Endpoint):
    """Call a gig off, with a reason and with all that hangs on it: sessions are paid by the notice."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": "gigs:write"}

    @described(
        "gigs_cancel",
        "Cancel a gig with its sessions, engagements and applications.",
        refuses=(WorkBooked, *MOVE_REFUSALS),
        request=GigCancelIn,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig, sent = get_own_gig(self.actor, gig_id), self.read(GigCancelIn)
        return self.done(
            GigOut, lambda: operations.cancel_gig(gig=gig, **sent, by=self.actor, at=clock.now())
        )


class EngagementTerminate(Endpoint):
    """End it with a reason, from either side, with what is booked. What was worked is paid."""

    allow = (Audience.PERFORMER, Audience.COMPANY)

    @described(
        "engagements_terminate",
        "End an engagement with its bookings, with a reason.",
        refuses=MOVE_REFUSALS,
        request=EngagementReasonIn,
        responses=EngagementOut,
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        engagement, sent = get_engagement(self.actor, engagement_id), self.read(EngagementReasonIn)

        def work() -> Engagement:
            operations.end_engagement(engagement=engagement, **sent, by=self.actor, at=clock.now())
            return get_engagement(self.actor, engagement_id)

        return self.done(EngagementOut, work)


GIG, ENGAGEMENT = "gigs/<str:gig_id>", "engagements/<str:engagement_id>"
urlpatterns = [
    path(f"{GIG}/cancel", GigCancel.as_view(), name="api_gig_cancel"),
    path(f"{GIG}/complete", GigComplete.as_view(), name="api_gig_complete"),
    path(f"{ENGAGEMENT}/terminate", EngagementTerminate.as_view(), name="api_engagement_terminate"),
]
