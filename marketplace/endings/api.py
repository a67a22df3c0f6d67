from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.schema import described
from accounts.audit.operations import MOVE_REFUSALS
from marketplace.endings import operations
from marketplace.engagements.api import EngagementAct, EngagementOut, EngagementReasonIn
from marketplace.gigs.api import GigMove
from marketplace.gigs.operations import WorkBooked
from marketplace.gigs.serializers import GigCancelIn, GigOut


class GigComplete(GigMove):
    """All work is done: whoever still waits is answered, and the engagements end."""

    @described(
        "gigs_complete",
        "Complete a gig.",
        refuses=(WorkBooked, *MOVE_REFUSALS),
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, operations.complete_gig)


class GigCancel(GigMove):
    """Call a gig off, with a reason and with all that hangs on it: sessions are paid by the notice."""

    @described(
        "gigs_cancel",
        "Cancel a gig with its sessions, engagements and applications.",
        refuses=(WorkBooked, *MOVE_REFUSALS),
        request=GigCancelIn,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, operations.cancel_gig, **self.read(GigCancelIn))


class EngagementTerminate(EngagementAct):
    """End it with a reason, from either side, with what is booked. What was worked is paid."""

    @described(
        "engagements_terminate",
        "End an engagement with its bookings, with a reason.",
        refuses=MOVE_REFUSALS,
        request=EngagementReasonIn,
        responses=EngagementOut,
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        return self.act(engagement_id, operations.end_engagement, **self.read(EngagementReasonIn))


GIG, ENGAGEMENT = "gigs/<str:gig_id>", "engagements/<str:engagement_id>"
urlpatterns = [
    path(f"{GIG}/cancel", GigCancel.as_view(), name="api_gig_cancel"),
    path(f"{GIG}/complete", GigComplete.as_view(), name="api_gig_complete"),
    path(f"{ENGAGEMENT}/terminate", EngagementTerminate.as_view(), name="api_engagement_terminate"),
]
